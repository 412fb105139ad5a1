"""Everything kerasvgg raises on purpose; the command line shows the message alone and exits with status 2."""


class KerasVGGError(Exception):
    """Says what is wrong, where, what is allowed and what was received."""


class ConfigError(KerasVGGError):
    """An experiment file, an override or an argument is wrong."""


class DataError(KerasVGGError):
    """A folder, a picture, an archive or a download is not what it should be."""


class WeightsError(KerasVGGError):
    """Pretrained weights are missing or are not the known ones."""


class ModelFileError(KerasVGGError):
    """A saved model cannot be opened or does not say what is needed."""


class WriteError(KerasVGGError):
    """A file can't be written; what stood in its place before is still there."""
