"""The size that a picture is asked to have."""

Size = tuple[int, int]
SIDES = (8, 1024)  # pixels; VGG16's outputs for a picture of 1,024 x 1,024 take 1.5 GB


def check_size(size: Size | None) -> None:
    """Raises ConfigError for a size (height, width) that is too small or too large."""
    from kerasvgg.errors import ConfigError

    if size and not all(SIDES[0] <= side <= SIDES[1] for side in size):
        received = " x ".join(map(str, size))
        raise ConfigError(f"`--image-size` must be sides of {SIDES[0]} to {SIDES[1]:,} pixels, received {received}")


def size_word(size: Size | None) -> str:
    """Returns the size in a file's name, "" for none."""
    return "x".join(map(str, size or ()))
