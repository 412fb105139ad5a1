"""Coverage-guided fuzzing of what reads strangers' bytes first: experiments, model files, pictures.

pip install atheris
python tests/faults/fuzz.py TARGET FOLDER -max_total_time=1200

TARGET is one of TARGETS, FOLDER keeps the inputs that reach new code, and libFuzzer's options follow. An input for
which the target does more than its own kind of error is a finding, which libFuzzer writes to a file and ends with.
`python tests/faults/fuzz.py TARGET FOLDER --keep` keeps, for test_fuzzed.py, those of them that reach more lines.
"""

import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import atheris

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "modelfile"), str(HERE.parents[1])]
with atheris.instrument_imports(include=["kerasvgg", "fuzz_targets"]):
    from fuzz_targets import PLACE, TARGETS


def seeds(target: str) -> list[bytes]:
    if target == "experiments":
        return [path.read_bytes() for path in sorted((HERE.parents[1] / "experiments").rglob("*.yaml"))]
    if target == "models":
        from hostile_makers import sound
        from mat_files import tiny

        sound(PLACE / "seed.keras")
        return [
            (PLACE / "seed.keras").read_bytes(),
            *(tiny(layout, packed).getvalue() for layout in ("old", "new") for packed in (False, True)),
            b'{"class_name": "Dense", "config": {"units": 1, "name": "\\ud83d\\ude00"}, "a": [1.5, null, true]}',
        ]
    from zoo import sections

    (PLACE / "zoo").mkdir()
    kinds = [kind for found in sections().values() for kind in found]
    for kind in kinds:
        try:
            kind.make(PLACE / kind.place, kind.rgb)
        except OSError:
            continue
    files = [path for path in PLACE.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.read_bytes() for path in files if 0 < path.stat().st_size < 20_000]


def main() -> None:
    target, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if "--keep" in sys.argv:
        keep(target, folder)
        return
    for number, seed in enumerate(seeds(target)):
        (folder / f"seed-{number:03d}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *sys.argv[3:], str(folder)], TARGETS[target])
    atheris.Fuzz()


def keep(target: str, folder: Path) -> None:
    """Writes the inputs that reach lines which no smaller one reaches to fuzzed/TARGET.zip."""
    reached: set[tuple[str, int]] = set()
    lines: set[tuple[str, int]] = set()

    def look(frame: Any, event: str, _: object) -> Any:
        if "/kerasvgg/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return look

    inputs = sorted(folder.iterdir(), key=lambda path: path.stat().st_size)
    with zipfile.ZipFile(HERE / "fuzzed" / f"{target}.zip", "w", zipfile.ZIP_DEFLATED) as kept:
        for path in inputs:
            sys.settrace(look)
            TARGETS[target](path.read_bytes())
            sys.settrace(None)
            if lines - reached:
                kept.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
            reached |= lines
        sys.stdout.write(f"{target}: {len(inputs)} inputs reach {len(reached)} lines, {len(kept.namelist())} kept\n")


if __name__ == "__main__":
    os.environ.setdefault("KERASVGG_CACHE", str(PLACE))
    main()
