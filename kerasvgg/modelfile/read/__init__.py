"""What a file holds, read without Keras: container tells the kind; h5_model, keras_archive, mat5 and matconvnet read
it.

saved is what comes of it, child asks another process for it.
"""
