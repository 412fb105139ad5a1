"""From an experiment to a run folder: prepare, run, score, results; and from a run folder on: pictures, predict,
evaluate, update.

folder takes one of pictures, for which starter writes the experiment; auto chooses a head, proportions how those are
resized, fine_tune trains on from it, estimate says how long that takes, decisions keeps what was decided by that;
crossvalidate holds each picture out. feature_folder takes features for pictures; side_by_side has several runs in
processes of their own, together several processes for one. teacher is a run that another one learns from, student the
experiment that does; going_on is what an interrupted run may go on with. jobs are what one command has to run, api what
a program calls, trained what it gets back. about_pictures and worst are written for a run's report.
"""
