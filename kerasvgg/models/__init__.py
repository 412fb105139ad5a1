"""Models as Keras has them: classifier (base and head), freezing (and cutting), forward, save, upgrade.

networks are those of the sources as data, build makes them; receptive_field says how much of a picture a layer sees.
"""
