"""Handwritten digits that need no download."""

from pathlib import Path

from kerasvgg.data.arriving import arriving


def write_digits(folder: Path) -> None:
    """Writes scikit-learn's 1,797 scans of digits to `folder`, as 8x8 gray PNG files in class folders 0 to 9.

    The scans' 17 levels are spread over 0 to 255. `folder` appears whole or not at all.
    """
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = np.round(digits.images * (255 / 16)).astype(np.uint8)
    with arriving(folder) as fresh:
        for label in range(10):
            (fresh / str(label)).mkdir(parents=True)
        for number, (picture, label) in enumerate(zip(pixels, digits.target, strict=True)):
            Image.fromarray(picture).save(fresh / str(label) / f"digit_{number:04d}.png")
