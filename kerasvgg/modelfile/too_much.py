"""The error for files that claim more than a model has."""

from kerasvgg.errors import ModelFileError


class TooMuchError(ModelFileError):
    """The file would take more memory or time than a model of its size."""
