"""The chapter's first network with dropout, on augmented pictures: python -m benchmarks.book.augmented_cnn FOLDER

Source: F. Chollet, Deep Learning with Python (2017), 5.2.5: 100 epochs. The listing asks for 100 steps of 32 pictures;
2,000 pictures make 63 of them, and Keras today ends the epoch there. 100 steps of 20 show each picture once.
"""

from benchmarks.book.fit import fit
from benchmarks.book.generators import augmented
from benchmarks.book.listing import Listing, main
from benchmarks.book.network import small_network


def train(listing: Listing) -> None:
    """Trains it."""
    fit(small_network(dropout=0.5), listing, augmented(), learning_rate=1e-4)


if __name__ == "__main__":
    main(train)
