"""A model file that may be opened, looked through to its end by the child process first."""

from pathlib import Path

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.child import UnreadableError, ask
from kerasvgg.modelfile.facts import REFUSE, UNREADABLE
from kerasvgg.modelfile.saved import Saved


def read_openable(path: Path) -> Saved:
    """Returns what a model file holds, after its arrays were read too: HDF5 can crash on a damaged one.

    Raises ModelFileError for a file whose verdict is that it must not be opened, or that can't be read to the end.
    """
    from pydantic import TypeAdapter

    try:
        said = ask("opening", path)
    except UnreadableError as error:
        verdict = UNREADABLE if error.kind == "damage" else "must not be opened"
        raise ModelFileError(f"`{path}` {verdict}: {error}") from error
    if said["verdict"] in (REFUSE, UNREADABLE):
        verdict = "must not be opened" if said["verdict"] == REFUSE else UNREADABLE
        raise ModelFileError(f"`{path}` {verdict}: {'; '.join(said['reasons'])}")
    return TypeAdapter(Saved).validate_python(said["saved"])
