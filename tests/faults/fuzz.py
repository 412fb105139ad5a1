"""Coverage-guided fuzzing of what reads strangers' bytes first: experiments, model files, pictures.

pip install atheris
python tests/faults/fuzz.py TARGET FOLDER -max_total_time=1200

TARGET is one of TARGETS, FOLDER keeps the inputs that reach new code, and libFuzzer's options follow. An input for
which the target does more than its own kind of error is a finding, which libFuzzer writes to a file and ends with.
`python tests/faults/fuzz.py TARGET FOLDER --cover` tells how many inputs there are and which lines they reach.
"""

import os
import sys
from pathlib import Path

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
    if "--cover" in sys.argv:
        cover(target, folder)
        return
    for number, seed in enumerate(seeds(target)):
        (folder / f"seed-{number:03d}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *sys.argv[3:], str(folder)], TARGETS[target])
    atheris.Fuzz()


def cover(target: str, folder: Path) -> None:
    reached: set[tuple[str, int]] = set()

    def look(frame: object, event: str, _: object) -> object:
        if event == "line" and "/kerasvgg/" in frame.f_code.co_filename:  # type: ignore[attr-defined]
            reached.add((frame.f_code.co_filename, frame.f_lineno))  # type: ignore[attr-defined]
        return look

    inputs = sorted(folder.iterdir())
    sys.settrace(look)  # type: ignore[arg-type]
    for path in inputs:
        TARGETS[target](path.read_bytes())
    sys.settrace(None)
    sys.stdout.write(f"{target}: {len(inputs)} inputs reach {len(reached)} lines\n")


if __name__ == "__main__":
    os.environ.setdefault("KERASVGG_CACHE", str(PLACE))
    main()
