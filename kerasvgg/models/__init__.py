"""Models as Keras has them: classifier (a base with one of the heads), freezing (and cutting), forward, save, upgrade.

networks are those of the sources as data, build makes them; receptive_field says how much of a picture a layer sees.
"""
