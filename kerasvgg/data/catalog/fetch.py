"""Fetching a data set of the catalog into the folder of data sets."""

import json
import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from kerasvgg.data.catalog.dataset import SUFFIXES, Dataset
from kerasvgg.data.catalog.download import download
from kerasvgg.errors import DataError
from kerasvgg.files.atomic import staged_folder, write_text
from kerasvgg.files.lock import locked

MANY = 100  # times its size may what is about so large have
TOLERANCE = 0.02  # share of the pictures that may be more or fewer than the catalog says


def fetch(dataset: Dataset, folder: Path) -> None:
    """Makes or downloads a data set into `folder`, which appears whole and checked or not at all.

    A downloaded archive waits beside `folder` until then; what was seen of it stays in `folder` as origin.json.
    """
    try:
        with locked(folder.with_name(f".{folder.name}.lock")):
            _sweep(folder)
            if dataset.url is None:
                _make(dataset, folder)
            else:
                _bring(dataset, dataset.url, folder)
    except OSError as error:
        raise DataError(f"`{folder}` can't be written: {error.strerror or error}") from error


def _sweep(folder: Path) -> None:
    # Left by a killed process; extract's own temporary folder has a name derived from ours.
    for pattern in (f".{folder.name}.*.tmp", f"..{folder.name}.*.tmp"):
        for remnant in folder.parent.glob(pattern):
            shutil.rmtree(remnant, ignore_errors=True)


def _make(dataset: Dataset, folder: Path) -> None:
    if dataset.make is None:
        raise DataError(f"`{dataset.name}` must have an `url` or a way to `make` it, received neither")
    with staged_folder(folder) as fresh:
        dataset.make(fresh)
        _check(dataset, fresh)


def _bring(dataset: Dataset, url: str, folder: Path) -> None:
    archive = folder.with_name(folder.name + PurePosixPath(urlsplit(url).path).suffix)
    size = dataset.size if dataset.exact else None
    digest = download(url, archive, size=size, largest=MANY * dataset.size, sha256=dataset.sha256, label=dataset.name)
    seen = {"url": url, "bytes": archive.stat().st_size, "sha256": digest, "licence": dataset.licence}
    try:
        with staged_folder(folder) as fresh:
            dataset.unpack(archive, fresh)
            _check(dataset, fresh)
            write_text(fresh / "origin.json", json.dumps(seen, indent=2) + "\n")
    except DataError as error:
        raise DataError(f"{error}. To download it anew, remove `{archive}` and run again") from error
    archive.unlink()


def _check(dataset: Dataset, folder: Path) -> None:
    source = dataset.source(folder)
    found = sum(path.suffix.lower() in SUFFIXES for path in source.rglob("*"))
    if abs(found - dataset.pictures) > TOLERANCE * dataset.pictures:
        raise DataError(f"`{dataset.name}` must hold about {dataset.pictures:,} pictures, received {found:,}")
