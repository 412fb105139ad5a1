"""All benchmarks, in a short form or a long one: python -m benchmarks [--long] [NAME ...]

What each prints takes the place of what stands in the documentation between `<!-- benchmark: NAME -->` and
`<!-- end -->`, with the command and the commit that it was measured at.
"""

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import run

ROOT = Path(__file__).parents[1]
# A minute or two each, together about half an hour; three rounds at least.
SHORT = {
    "forward": "forward --sides 150 224",
    "predict_folder": "predict_folder --counts 500 4000",
    "predict_folder_vgg16": "predict_folder --base vgg16 --counts 500",
    "one_picture": "one_picture",
    "phones": "phones --images 60",
    "decoders": "decoders",
    "warm": "warm --images 400 --epochs 10",
    "split_folder": "split_folder 2000",
    "duplicates": "duplicates --images 2000 --planted 100",
    "inspecting": "inspecting",
    "augmentation": "augmentation --images 320 --rounds 3",
    "states": "states",
    "growth": "growth --images 200 400",
}
# What the documentation's figures are of; hours.
LONG = {
    "forward": "forward",
    "predict_folder": "predict_folder",
    "predict_folder_vgg16": "predict_folder --base vgg16 --counts 1000",
    "one_picture": "one_picture",
    "phones": "phones",
    "decoders": "decoders",
    "warm": "warm",
    "jpeg_scales": "jpeg_scales",
    "split_folder": "split_folder",
    "duplicates": "duplicates",
    "inspecting": "inspecting",
    "book_stages": "book_stages",
    "augmentation": "augmentation",
    "epochs": "epochs",
    "chapter": "chapter",
    "states": "states",
    "growth": "growth",
    "fold_coverage": "fold_coverage",
    "half_precision": "half_precision",
    "last_epochs": "last_epochs",
    "workers": "workers",
    "many_rows": "many_rows",
    "sweeps": "sweeps",
    "page": "page",
}
MARK, END = "<!-- benchmark: {} -->", "<!-- end -->"


def main(commands: Mapping[str, str], pages: Path) -> None:
    """Runs the benchmarks one after the other, and writes what they print where the pages have their marks."""
    commit = _commit()
    for name, command in commands.items():
        started = time.monotonic()
        with tempfile.NamedTemporaryFile() as output:
            run(["-m", *shlex.split(f"benchmarks.{command}")], Path(output.name))
            printed = Path(output.name).read_text(encoding="utf-8")
        text = f"`python -m benchmarks.{command}`, at {commit}:\n\n{printed.strip()}"
        where = [page.name for page in sorted(pages.glob("*.md")) if put(page, name, text)]
        seconds = time.monotonic() - started
        print(text, f"({seconds:,.0f} s; {', '.join(where) or 'on no page'})\n", sep="\n", flush=True)


def put(page: Path, name: str, text: str) -> bool:
    """Puts the text between the benchmark's marks on a page; tells whether it has them."""
    mark, before = MARK.format(name), page.read_text(encoding="utf-8")
    pattern = f"{re.escape(mark)}.*?{re.escape(END)}"
    after, count = re.subn(pattern, lambda _: f"{mark}\n\n{text}\n\n{END}", before, flags=re.DOTALL)
    if count:
        page.write_text(after, encoding="utf-8")
    return bool(count)


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "a copy without commits"


def _asked(words: Sequence[str]) -> dict[str, str]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="as the documentation's figures were measured: hours")
    parser.add_argument("names", nargs="*", metavar="NAME", help="some of them only")
    given = parser.parse_args(words)
    known = LONG if given.long else SHORT
    if strange := [name for name in given.names if name not in known]:
        sys.exit(f"NAME must be one of {', '.join(known)}; received {strange[0]}")
    return {name: known[name] for name in given.names or known}


if __name__ == "__main__":
    main(_asked(sys.argv[1:]), ROOT / "docs")
