"""Figures that follow from predictions, without Keras: predictions.csv, metrics, statistics, calibration, compare.

epochs picks the best one of a history; aligned puts several runs' predictions in one order; test_access counts how
often a test split was scored. multi_label has the figures of several classes a picture, thresholds says which of them
are there; mistakes finds the worst. folds is the accuracy of pictures that were held out in turn, power_law what more
of them would bring.
"""
