"""From an experiment to a run folder: prepare, run, score, report; and from a run folder on: pictures, predict,
evaluate, update.

jobs are what one command has to run, api what a program calls, trained what it gets back.
"""
