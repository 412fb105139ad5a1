"""Figures that follow from predictions, without Keras: predictions.csv, metrics, statistics, calibration, compare.

epochs picks the best one of a history; aligned puts several runs' predictions in one order; test_access counts how
often a test split was scored. folds is the accuracy of pictures that were held out in turn, power_law what more of them
would bring.
"""
