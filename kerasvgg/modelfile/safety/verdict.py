"""The verdict on a file, in four plain words, and its reasons."""

from collections.abc import Iterable, Sequence

from kerasvgg.modelfile.read.saved import Danger

SAFE, UPGRADE, REFUSE, UNREADABLE = VERDICTS = (
    "safe to open",
    "opens only after upgrade",
    "do not open",
    "could not be read to the end",
)

REFUSED = ("code", "class", "path", "link", "bomb", "ambiguous")
WEIGHTS_ALONE = "it holds weights alone: `kerasvgg upgrade --architecture` gives them a model"
MOST = 12  # reasons that are shown


def verdict(
    dangers: Sequence[Danger],
    changes: Sequence[str],
    obstacles: Sequence[str],
    container: str,
    needs: Iterable[str] = (),
) -> tuple[str, tuple[str, ...]]:
    """Returns one of VERDICTS, and why. What is dangerous is so even where the rest can't be read.

    `needs` are what a safe model asks of who opens it, and what is not promised of it.
    """
    refused = [danger for danger in dangers if danger.kind in REFUSED]
    if refused:
        return REFUSE, _told(refused)
    if dangers:
        return UNREADABLE, _told(dangers)
    if obstacles:
        return REFUSE, tuple(obstacles[:MOST])
    if changes:
        return UPGRADE, tuple(changes[:MOST])
    if container in ("h5 weights", "weights.h5"):
        return UPGRADE, (WEIGHTS_ALONE,)
    return SAFE, tuple(needs)[:MOST]


def _told(dangers: Sequence[Danger]) -> tuple[str, ...]:
    return tuple(f"{danger.where}: {danger.text}" if danger.where else danger.text for danger in dangers[:MOST])
