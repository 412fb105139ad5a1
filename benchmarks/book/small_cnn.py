"""The chapter's first network, from scratch, on pictures as they are: python -m benchmarks.book.small_cnn FOLDER

Source: F. Chollet, Deep Learning with Python (2017), 5.2.3 and 5.2.4: 30 epochs.
"""

from benchmarks.book.fit import fit
from benchmarks.book.generators import plain
from benchmarks.book.listing import Listing, main
from benchmarks.book.network import small_network


def train(listing: Listing) -> None:
    """Trains it."""
    fit(small_network(), listing, plain(), learning_rate=1e-4)


if __name__ == "__main__":
    main(train)
