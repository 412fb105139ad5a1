"""A model named on the command line: a file, or a run folder that has one."""

from pathlib import Path


def model_file(path: Path) -> Path:
    """Returns the file; raises ModelFileError for a run that is unfinished, and ConfigError for another folder."""
    from kerasvgg.errors import ModelFileError
    from kerasvgg.run_folder import RunFolder

    if not path.is_dir():
        return path
    folder = RunFolder.open(path)
    if not folder.model_keras.is_file() and folder.best.is_file():
        raise ModelFileError(
            f"`{path}` is unfinished: `kerasvgg run {path} --resume` goes on with it, and its best model so far is "
            f"`{folder.best}`"
        )
    return folder.model_keras
