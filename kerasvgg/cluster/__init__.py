"""Work on any number of pictures: here, or over all machines of a Ray cluster, once for each picture.

jobs (which there are) -> run (one from beginning to end) -> job (hands out files, takes in rows) -> worker (reads,
hashes, decodes, computes), with ledger (what is done, on disk) and tables (what is left in the folder). predictions
and features are what a worker may compute, evaluation is what follows from predictions; ray_workers has workers on a
cluster, each a remote_worker, frozen a run's frozen layers there, and members the processes that train as one.
"""
