"""VGG16, frozen, with a head, end to end on augmented pictures: python -m benchmarks.book.frozen_base FOLDER

Source: F. Chollet, Deep Learning with Python (2017), 5.3.1, the slow way: 30 epochs.
"""

from benchmarks.book.fit import fit
from benchmarks.book.generators import augmented
from benchmarks.book.listing import Listing, main
from benchmarks.book.network import convolutional_base, network_on


def train(listing: Listing) -> None:
    """Trains the head."""
    base = convolutional_base()
    base.trainable = False
    fit(network_on(base), listing, augmented(), learning_rate=2e-5)


if __name__ == "__main__":
    main(train)
