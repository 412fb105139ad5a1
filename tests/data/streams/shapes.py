"""Pictures in the shapes that streams read beside folders."""

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest


def write_tar(path: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return path


def write_parquet(path: Path, rows: list[tuple[bytes | None, int]], *, hugging_face: bool) -> Path:
    arrow = pytest.importorskip("pyarrow", reason="no pyarrow: `pip install 'kerasvgg[sources]'`")
    from pyarrow import parquet

    pictures = [{"bytes": data, "path": None} for data, _ in rows] if hugging_face else [data for data, _ in rows]
    table = arrow.table({"image": pictures, "label": [label for _, label in rows], "note": ["x"] * len(rows)})
    if hugging_face:
        features = {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    parquet.write_table(table, path, row_group_size=5)
    return path
