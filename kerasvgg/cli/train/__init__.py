"""Commands that train, and those around it: run, crossvalidate, learning-curve, init, validate, lr-find, ls.

folder is what stands for an experiment where a folder of pictures is given.
"""
