"""Features as Parquet files, which many machines write and any program reads, and which a store takes over."""

import json
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.features.store import Store
from kerasvgg.files.atomic import replacing
from kerasvgg.process.progress import say, warn

SUFFIX, PREFIX = ".shards", "shard-"  # of a folder beside the store whose features it has, and of files there
BYTES, SECONDS = 64_000_000, 60.0  # of rows in a shard, and how long they may wait
ROWS, GROUP_BYTES = 256, 1_000_000  # that are read at a time: so many, or fewer where they are large
CONTENT, FEATURES = "sha256", "features"  # columns


class ShardWriter:
    """Gathers rows and writes them to files of their own, each whole or not there.

    The columns are sha256, 32 bytes, and features, a list of float32 or float16 in C order; `about` and the `shape` of
    a row are in the file's metadata. Raises ConfigError where pyarrow is not installed.
    """

    def __init__(self, folder: Path, shape: tuple[int, ...], dtype: str, about: dict[str, Any]) -> None:
        self._arrow, self._folder, self._dtype = require_arrow(), folder, np.dtype(dtype)
        width = int(np.prod(shape))
        fields = [
            (CONTENT, self._arrow.binary(32)),
            (FEATURES, self._arrow.list_(self._arrow.from_numpy_dtype(self._dtype), width)),
        ]
        self._schema = self._arrow.schema(fields, {"kerasvgg": json.dumps({**about, "shape": shape, "dtype": dtype})})
        self._contents: list[bytes] = []
        self._rows: list[np.ndarray] = []
        self._bytes, self._written = 0, time.monotonic()

    def add(self, contents: Sequence[bytes], rows: np.ndarray) -> list[tuple[bytes, bytes]]:
        """Takes rows (n, ...); returns the contents that are in a file now, each with the file's name."""
        self._contents += contents
        self._rows.append(rows.astype(self._dtype))
        self._bytes += self._rows[-1].nbytes
        return self.flush() if self._bytes >= BYTES or time.monotonic() - self._written >= SECONDS else []

    def flush(self) -> list[tuple[bytes, bytes]]:
        """Writes what is left."""
        self._written = time.monotonic()
        if not self._contents:
            return []
        name, contents, rows = f"{PREFIX}{uuid.uuid4().hex}.parquet", self._contents, np.concatenate(self._rows)
        values = self._arrow.array(rows.reshape(-1))
        features = self._arrow.FixedSizeListArray.from_arrays(values, int(np.prod(rows.shape[1:])))
        table = self._arrow.table([self._arrow.array(contents, self._arrow.binary(32)), features], schema=self._schema)
        from pyarrow import parquet

        with replacing(self._folder / name, rows.nbytes) as temporary:
            how = {"compression": "none", "use_dictionary": False, "write_page_checksum": True}
            size = max(1, min(ROWS, GROUP_BYTES * len(rows) // rows.nbytes))
            parquet.write_table(table, temporary, row_group_size=size, **how)
        self._contents, self._rows, self._bytes = [], [], 0
        return [(content, name.encode()) for content in contents]


def take_over(store: Store, keys: Sequence[str]) -> int:
    """Writes to the store what it lacks of these pictures and shards beside it have; returns how many rows that was.

    A shard that can't be read is told and passed over.
    """
    folder = store.path.with_suffix(SUFFIX)
    wanted = {bytes.fromhex(key[:64]): key for key in store.missing(keys) if _is_plain(key)} if folder.is_dir() else {}
    found = 0
    for path in sorted(folder.glob(f"{PREFIX}*.parquet")):
        if not wanted:
            break
        try:
            found += _take(store, path, wanted)
        except (OSError, ValueError, KeyError, require_arrow().ArrowException) as error:
            warn(f"{path}: not taken over: {error}")
    if found:
        say(f"took over the features of {found:,} pictures from {folder}")
    return found


def _take(store: Store, path: Path, wanted: dict[bytes, str]) -> int:
    from pyarrow.parquet import ParquetFile

    with path.open("rb") as file:
        table, count = ParquetFile(file, page_checksum_verification=True), 0
        about = json.loads((table.schema_arrow.metadata or {})[b"kerasvgg"])
        if about["features"] != store.path.stem or tuple(about["shape"]) != store.shape:
            raise ValueError("its rows are others")
        contents = table.read([CONTENT]).column(CONTENT).to_pylist()
        if wanted.keys().isdisjoint(contents):
            return 0
        for batch in table.iter_batches(ROWS):
            contents = batch.column(CONTENT).to_pylist()
            first = {content: place for place, content in reversed(list(enumerate(contents)))}
            places = [place for place, content in enumerate(contents) if content in wanted and first[content] == place]
            if places:
                flat = batch.column(FEATURES).flatten().to_numpy(zero_copy_only=False)
                rows = flat.reshape(len(contents), *store.shape)[places]
                store.write([wanted.pop(contents[place]) for place in places], rows)
                count += len(places)
    return count


def _is_plain(key: str) -> bool:
    """Tells whether it is a picture's own key, and not that of one of its views; a scale follows from the content."""
    rest = key[64:]
    return rest == "" or (rest.startswith(".1/") and rest.count(".") == 1)


def require_arrow() -> Any:
    """Returns pyarrow. Raises ConfigError where it is not installed."""
    with suppress(ImportError):
        import pyarrow

        return pyarrow
    raise ConfigError("shards need pyarrow, which is not installed: `pip install 'kerasvgg[sources]'`")
