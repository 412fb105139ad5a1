"""From an experiment to a run folder: prepare, run, score, report; and from a run folder on: pictures, predict,
evaluate.

jobs are what one command has to run, update brings a finished run up to date, api is what a program calls, trained what it
gets back.
"""
