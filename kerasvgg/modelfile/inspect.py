"""The facts of a model file, and how two files differ."""

from dataclasses import replace
from pathlib import Path

from kerasvgg.modelfile.facts.difference import LayerDifference
from kerasvgg.modelfile.facts.facts import Facts
from kerasvgg.modelfile.read.child import UnreadableError, ask
from kerasvgg.modelfile.read.saved import Danger
from kerasvgg.modelfile.safety.verdict import verdict


def inspect(path: str | Path, *, weights: bool = False) -> Facts:
    """Returns what is in a saved model: .h5, .keras, .weights.h5 or MatConvNet's .mat, of any Keras.

    A child process with limits reads it, without TensorFlow or Keras; nothing in the file runs and no other file is
    opened. `weights` has it read the arrays too. A file that can't be read to the end has the verdict that says so;
    ModelFileError is raised for what is no model file at all.
    """
    from pydantic import TypeAdapter

    path = Path(path)
    try:
        said = ask("weights" if weights else "facts", path)
    except UnreadableError as error:
        dangers = (Danger(error.kind, "", str(error)),)
        judged, reasons = verdict(dangers, (), (), "")
        return Facts(str(path), path.stat().st_size, judged, reasons, "", dangers=dangers)
    return replace(TypeAdapter(Facts).validate_python(said), path=str(path))  # whatever letters the child could tell


def compare(first: str | Path, second: str | Path) -> list[LayerDifference]:
    """Returns how two model files differ, layer by layer, the weights included.

    Raises ModelFileError for a file that can't be read to the end.
    """
    from pydantic import TypeAdapter

    said = ask("difference", Path(first), Path(second))
    return TypeAdapter(list[LayerDifference]).validate_python(said["layers"])
