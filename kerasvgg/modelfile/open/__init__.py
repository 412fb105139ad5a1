"""Saved models as keras.Models, without running code from them: open is the door, load the way, weights the arrays."""
