"""The data sets that have a name."""

import difflib
from pathlib import Path

from kerasvgg.data.catalog.dataset import Dataset
from kerasvgg.data.catalog.embedded import write_digits, write_mnist
from kerasvgg.data.catalog.fetch import fetch
from kerasvgg.errors import DataError
from kerasvgg.files.locations import cache, find

TEN = tuple("0123456789")

_ALL = (
    Dataset(
        name="digits",
        title="Handwritten digits, 8x8 scans",
        origin="scikit-learn's load_digits, the test part of UCI's Optical Recognition of Handwritten Digits",
        licence="CC BY 4.0 (E. Alpaydin and C. Kaynak, UCI)",
        layout="class folders 0 to 9",
        pictures=1797,
        classes=TEN,
        make=write_digits,
    ),
    Dataset(
        name="mnist",
        title="Handwritten digits, 28x28",
        origin="the file behind keras.datasets.mnist",
        licence="CC BY-SA 3.0 (Yann LeCun, Corinna Cortes)",
        layout="train/ and test/, each with class folders 0 to 9",
        pictures=70000,
        classes=TEN,
        splits=("train", "test"),
        url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        size=11_490_434,
        sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",  # as Keras checks it
        unpack=write_mnist,
    ),
    Dataset(
        name="cats_and_dogs",
        title="Cats and dogs, all 25,000 photos",
        origin="Kaggle's competition Dogs vs. Cats; downloaded from Microsoft Research",
        licence="Kaggle: for the competition; Microsoft: for research",
        layout="train/ with cat.0.jpg and so on (Kaggle), or PetImages/ with Cat/ and Dog/ (Microsoft)",
        pictures=25000,
        classes=("cat", "dog"),
        roots=("train", "PetImages", "."),
        url="https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
        "kagglecatsanddogs_5340.zip",
        size=824_887_076,
        sha256="b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",  # as other public projects have it
    ),
    Dataset(
        name="cats_and_dogs_filtered",
        title="Cats and dogs, 2,000 to train and 1,000 to validate, no test part",
        origin="Google's excerpt of Kaggle's Dogs vs. Cats",
        licence="Kaggle: for the competition",
        layout="train/ and validation/, each with cats/ and dogs/",
        pictures=3000,
        classes=("cat", "dog"),
        splits=("train", "validation"),
        roots=("cats_and_dogs_filtered", "."),
        url="https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
        size=68_606_236,
    ),
    Dataset(
        name="flower_photos",
        title="Five kinds of flowers",
        origin="TensorFlow's example photos, from Flickr",
        licence="CC BY 2.0, each photographer named in LICENSE.txt",
        layout="flower_photos/ with daisy/, dandelion/, roses/, sunflowers/ and tulips/",
        pictures=3670,
        classes=("daisy", "dandelion", "rose", "sunflower", "tulip"),
        roots=("flower_photos", "."),
        url="https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
        size=228_813_984,
        sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",  # as TensorFlow Datasets checks it
    ),
    Dataset(
        name="faces",
        title="Faces of women and men, 92x112",
        origin="github.com/chenlinzhong/gender-recognition",
        licence="none stated: for study",
        layout="female/ and male/, alone or in gender-recognition-master/data/",
        pictures=399,
        classes=("female", "male"),
        roots=("gender-recognition-master/data", "."),
        url="https://github.com/chenlinzhong/gender-recognition/archive/refs/heads/master.zip",
        size=5_000_000,
        exact=False,
    ),
)
CATALOG: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def get(name: str) -> Path:
    """Returns the folder of a data set: the one in the home, else one in the cache, made or downloaded if need be.

    Raises DataError for an unknown name or a data set that can't be had.
    """
    dataset = _look_up(name)
    if found := find("datasets", name):
        return found
    folder = cache() / "datasets" / name
    fetch(dataset, folder)
    return folder


def source(name: str) -> Path:
    """Returns the folder inside `get(name)` that holds the class folders, the flat pictures, or the split."""
    return _look_up(name).source(get(name))


def _look_up(name: str) -> Dataset:
    if name in CATALOG:
        return CATALOG[name]
    near = difflib.get_close_matches(name, CATALOG, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise DataError(f"`name` must be one of {', '.join(CATALOG)}; received {name!r}{hint}")
