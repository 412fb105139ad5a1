"""Pictures, from a name or a folder to batches.

catalog (named sets and downloads) -> folder (what is in one, and its split) -> pictures (the one decoder; files and
arrays as sources) -> augmentation -> pipeline and windows (batches for Keras). streams has pictures one after another,
of shards, tables, lists and object stores too. duplicates finds pictures that show the same, picture is one labelled
picture, targets what its label is in numbers. Pixels are RGB 0..255 here and nowhere scaled.
"""
