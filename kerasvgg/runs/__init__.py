"""From an experiment to a run folder: prepare, run, score, report; and from a run folder on: pictures, predict,
evaluate, update.

starter writes the experiment for a folder of pictures; auto chooses a head, fine_tune trains on from it, estimate says
how long that takes; crossvalidate holds each picture out. jobs are what one command has to run, api what a program
calls, trained what it gets back.
"""
