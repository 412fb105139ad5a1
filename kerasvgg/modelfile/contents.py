"""What a model file holds, looked at before anything in it is read."""

import zipfile
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError

# Weights hardly shrink: what unpacks to ten times its size is no model.
MOST_TIMES = 10
ALWAYS_ALLOWED = 64 << 20  # bytes
CONFIG = "config.json"


def read_config(path: Path) -> str | None:
    """Returns the model's configuration, JSON, in a .keras or .h5 file; None where there is none.

    Raises ModelFileError for a file that unpacks to far more than its size, and for an .h5 file with links or with
    data in other files.
    """
    most = ALWAYS_ALLOWED + MOST_TIMES * path.stat().st_size
    try:
        return _from_keras(path, most) if zipfile.is_zipfile(path) else _from_h5(path, most)
    except ModelFileError:
        raise
    except Exception as error:  # zipfile and h5py raise whatever the damaged part happens to cause
        raise ModelFileError(f"`{path}` must be a .keras or .h5 model file; reading it failed: {error}") from error


def _from_keras(path: Path, most: int) -> str | None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _require(path, sum(member.file_size for member in members), most)
        return archive.read(CONFIG).decode() if CONFIG in archive.namelist() else None


def _from_h5(path: Path, most: int) -> str | None:
    import h5py

    def refuse_link(name: str, link: Any) -> None:
        if not isinstance(link, h5py.HardLink):
            raise ModelFileError(f"`{path}` must hold all its data itself; {name!a} is a link")

    def refuse_data(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            if item.external or item.is_virtual:
                raise ModelFileError(f"`{path}` must hold all its data itself; those of {name!a} are elsewhere")
            _require(path, item.nbytes, most)

    with h5py.File(path, "r") as file:
        file.visititems_links(refuse_link)
        file.visititems(refuse_data)
        config = file.attrs.get("model_config")
        return config.decode() if isinstance(config, bytes) else config


def _require(path: Path, count: int, most: int) -> None:
    if count > most:
        raise ModelFileError(f"`{path}` must unpack to at most {most:,} bytes, for its size; it has {count:,}")
