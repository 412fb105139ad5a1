"""What a stranger's .mat file may ask for. MatConvNet's own models stay below a tenth of each."""

from kerasvgg.errors import ModelFileError

MOST_ITEMS = 100_000
MOST_HELD = 8 << 20  # bytes of texts and of small arrays


class Budget:
    """What may still be held of a file."""

    def __init__(self) -> None:
        self._items, self._held = MOST_ITEMS, MOST_HELD

    def take(self, items: int, held: int = 0) -> None:
        """Raises ModelFileError where so many values more, with so many bytes, are too many."""
        self._items -= items
        self._held -= held
        if self._items < 0 or self._held < 0:
            most = f"{MOST_ITEMS:,} values and {MOST_HELD:,} bytes of text"
            raise ModelFileError(f"must hold at most {most} besides its arrays; it has more")
