"""Files that are moved as decided, and back: never deleted, never written over, finished whatever happens between."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kerasvgg.errors import DataError
from kerasvgg.files.text import escape, printable
from kerasvgg.quality.decisions import Move
from kerasvgg.quality.journal import JOURNAL, Entry, Journal, aside_folder, journal_of


class Done(NamedTuple):
    """How many files were moved to another class and how many were put aside, and why others could not be."""

    moved: int
    aside: int
    refused: tuple[str, ...] = ()


def moved_paths(root: Path) -> set[str]:
    """Returns what the files that were moved were called before. Raises DataError for a damaged journal."""
    return {printable(entry.path) for entry in Journal(root).in_force()}


def apply(root: Path, planned: Iterable[Move]) -> Done:
    """Moves the files, having finished what an interrupted call had begun; a name that is taken gets a number.

    A file that was moved before is not moved again, whatever has its old name now. What is returned counts earlier
    calls, too. Raises DataError for a journal that can't be read, and BusyError while another process moves files of
    this folder.
    """
    with journal_of(root) as journal:
        made = journal.in_force()
        if made:
            journal.finish(made[-1])  # the only one that may not be done
        before, refused = {entry.path for entry in made}, []
        for one in planned:
            if one.path in before or not (entry := journal.plan(one)):
                continue
            if why := journal.carry_out(entry):
                refused.append(why)
            else:
                made.append(entry)
        return _done(made, refused)


def undo(root: Path) -> Done:
    """Puts back all files that were ever moved, the last first; what was changed meanwhile stays, and is told.

    Raises DataError where nothing was moved.
    """
    if not (aside_folder(root) / JOURNAL).is_file():
        raise DataError(f"`{escape(root)}` must have had decisions applied, but `{aside_folder(root)}` has no journal")
    with journal_of(root) as journal:
        refused, back = [], []
        for entry in reversed(journal.in_force()):
            if why := journal.put_back(entry):
                refused.append(why)
            else:
                back.append(entry)
        if not refused:
            journal.remove()
        return _done(back, refused)


def _done(entries: Iterable[Entry], refused: Iterable[str]) -> Done:
    asides = [entry.aside for entry in entries]
    return Done(asides.count(False), asides.count(True), tuple(refused))
