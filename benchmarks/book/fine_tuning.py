"""VGG16's block5 and a head, end to end on augmented pictures: python -m benchmarks.book.fine_tuning FOLDER

Source: F. Chollet, Deep Learning with Python (2017), 5.3.2: 100 epochs. In the chapter the head comes from
`frozen_base`; here it is a new one, which takes as long.
"""

from benchmarks.book.fit import fit
from benchmarks.book.generators import augmented
from benchmarks.book.listing import Listing, main
from benchmarks.book.network import convolutional_base, network_on


def train(listing: Listing) -> None:
    """Trains block5 and the head."""
    base = convolutional_base()
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name.startswith("block5")
    fit(network_on(base), listing, augmented(), learning_rate=1e-5)


if __name__ == "__main__":
    main(train)
