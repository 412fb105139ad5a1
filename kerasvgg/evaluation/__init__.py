"""Figures that follow from predictions, without Keras: predictions.csv, metrics, statistics, calibration, compare.

epochs picks the best one of a history; aligned puts several runs' predictions in one order; test_access counts how
often a test split was scored.
"""
