"""Compresses what make.py wrote: `python tests/corpus/pack.py FOLDER` fills tests/corpus/files."""

import lzma
import shutil
import sys
from pathlib import Path

FILES = Path(__file__).parent / "files"


def pack(folder: Path) -> None:
    FILES.mkdir(exist_ok=True)
    for facts in sorted(folder.glob("*.json")):
        (path,) = (one for one in folder.glob(f"{facts.stem}.*") if one.suffix in (".h5", ".keras"))
        content = lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
        (FILES / f"{path.name}.xz").write_bytes(content)
        shutil.copy(facts, FILES)


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
