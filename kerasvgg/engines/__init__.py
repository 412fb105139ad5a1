"""Ways of computing a model that is frozen or only predicts, behind one interface.

network (what a model computes, without Keras) -> folding (with fewer layers) -> plan (what of it ncnn computes, and
what numpy, by vectors) -> ncnn (the run), tried first in trial. engine makes a run of any kind, choice measures them,
holds them against TensorFlow and keeps the outcome in memory. saved reads a network from a model file without Keras.
"""
