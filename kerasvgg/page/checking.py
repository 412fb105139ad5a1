"""A folder that is looked through: what a check has found as a queue, and what a person decides about it."""

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerasvgg.data.folder.scan import scan
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.run_folder import new_folder
from kerasvgg.quality import moves as moving
from kerasvgg.quality.decisions import DECISIONS, MOVE, Decision, decisions_text, moves, read_decisions
from kerasvgg.quality.journal import aside_folder
from kerasvgg.quality.kinds import KINDS, LEVELS

MOST = 20  # checks that are known at a time
MOST_ITEMS = 5_000
TO_DECIDE = "same-", "alike", "mirrored", "suspicious-label", "one-colour", "tiny", "truncated", "damaged", "empty-file"
DECISIONS_FILE, REPORT_FILE = "decisions.csv", "report.json"


@dataclass
class Checked:
    """A folder that is looked through: `items` are findings of pictures, `paths` all that they name."""

    root: Path
    state: str = "looking"
    why: str = ""
    folder: Path | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    decisions: dict[str, Decision] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)

    def look(self, *, wrong_labels: bool) -> None:
        """Has a process look through the folder, and takes what it finds."""
        words = ["check", str(self.root), "--json", *(["--wrong-labels"] if wrong_labels else [])]
        command = [sys.executable, "-P", "-m", "kerasvgg", *words]  # -P: what lies in the working folder is no module
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as self.process:
            told, said = self.process.communicate()
        try:
            report = json.loads(told)
        except ValueError:
            self.state, self.why = "failed", " ".join(said.split())[-500:] or "the check was killed"
            return
        with new_folder(None, Path("checks"), self.root.name) as folder:
            self.folder = folder.path.absolute()
            write_text(self.folder / REPORT_FILE, told)
        self._take(report)
        self.state = "looked"

    def _take(self, report: Mapping[str, Any]) -> None:
        found = [one for one in report["findings"] if one["kind"].startswith(TO_DECIDE) and one["paths"]]
        self.items = [{**one, "means": KINDS[one["kind"]].means} for one in found[:MOST_ITEMS]]
        self.classes = sorted(report["classes"])
        self.counts = {level: sum(one["level"] == level for one in report["findings"]) for level in LEVELS}
        self.paths = list(dict.fromkeys(path for one in self.items for path in one["paths"]))

    def decide(self, path: str, decision: str, label: str) -> None:
        """Notes a decision, in the file as well; "" takes one back. Raises ConfigError for what can't be decided."""
        if path not in self.paths:
            raise ConfigError("only what the check has found can be decided about")
        if decision and (decision not in DECISIONS or (label in self.classes) != (decision == MOVE)):
            raise ConfigError(f"`decision` must be {', '.join(DECISIONS)}, with a known class for {MOVE} alone")
        with self.turn:
            self.decisions.pop(path, None)
            if decision:
                self.decisions[path] = Decision(path, decision, label)
            write_text(self.file, decisions_text(self.decisions.values()))

    @property
    def file(self) -> Path:
        """Where decisions are kept. Raises ConfigError while nothing was looked at."""
        if self.folder is None:
            raise ConfigError("the folder is still looked through")
        return self.folder / DECISIONS_FILE

    def apply(self) -> str:
        """Carries the decisions out, and says what was done."""
        source = scan(self.root, least=1)
        decided = read_decisions(self.file, source, moving.moved_paths(self.root))
        done = moving.apply(self.root, moves(decided, source))
        return _words("moved", done, f"put aside in {aside_folder(self.root)}")

    def undo(self) -> str:
        """Takes all back that was carried out, and says what was done."""
        return _words("put back", moving.undo(self.root), "from aside")


def _words(what: str, done: moving.Done, aside: str) -> str:
    stay = "".join(f"; left where it is: {why}" for why in done.refused)
    return f"{what}: {done.moved:,} between classes, {done.aside:,} {aside}{stay}"


class Checks:
    """The folders that are looked through, by number."""

    def __init__(self) -> None:
        self._known: dict[str, Checked] = {}

    def begin(self, root: Path) -> str:
        """Returns the number of a new one."""
        number = secrets.token_urlsafe(9)
        self._known[number] = Checked(root)
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        return number

    def close(self) -> None:
        """Ends the processes that still look."""
        for one in self._known.values():
            if one.process and one.process.poll() is None:
                one.process.terminate()

    def find(self, asked: str) -> Checked:
        """Returns one by its number. Raises DataError where there is none."""
        if asked not in self._known:
            raise DataError("this check is not known any more: begin another one")
        return self._known[asked]
