"""Transfer learning with VGG16 on Keras 3: from a folder of pictures to a model you can trust."""

__version__ = "0.1.0"
