"""Stops a training that is dead."""

import math
from collections.abc import Sequence

from kerasvgg.recipes.dead import DeadRunError
from kerasvgg.recipes.feed import Feed
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.schedule import Row

MOST_NAMES = 5


class Watch:
    """Looks at every batch and epoch of what a `feed` trains; raises DeadRunError, with advice, if it may stop."""

    def __init__(self, feed: Feed, may_stop: bool) -> None:
        self._feed, self._may_stop = feed, may_stop

    def batch(self, phase: Phase, epoch: int, batch: int, loss: float) -> None:
        """Stops at the first batch whose loss is no number; epoch and batch count from 0."""
        if math.isfinite(loss) or not self._may_stop:
            return
        names = self._feed.names(phase, epoch, batch)
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        where = f"batch {batch + 1} of epoch {epoch + 1} ({', '.join(names[:MOST_NAMES])}{more})"
        raise DeadRunError(
            f"the loss became {loss} in {where}: most likely the learning rate {phase.learning_rate:g} is too high; "
            "try a tenth of it, or `kerasvgg lr-find`. If that does not help, look at these pictures"
        )

    def epoch(self, phase: Phase, rows: Sequence[Row]) -> None:
        """Stops after an epoch when those of the phase so far show that nothing is learnt."""
        reason = self._feed.signs(phase).why_dead(phase, rows) if self._may_stop else None
        if reason:
            raise DeadRunError(
                f"stopped after epoch {rows[-1]['epoch']}: {reason}. With `--resume stop_when_dead=false` it goes on"
            )
