"""Work on any number of pictures: here, or over all machines of a Ray cluster, once for each picture.

ledger.py knows on disk what is done, worker.py reads, hashes and computes, job.py hands out files and takes in rows,
ray_workers.py has the workers on a cluster.
"""
