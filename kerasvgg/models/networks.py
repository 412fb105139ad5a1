"""The networks of the sources that kerasvgg follows, as data."""

from dataclasses import dataclass

from kerasvgg.backbones.style import GLOROT
from kerasvgg.backbones.vgg import COLUMNS
from kerasvgg.errors import ConfigError, did_you_mean

MILLION = 1_000_000


@dataclass(frozen=True)
class Network:
    """`parameters` are those of the network as it stands here, `claimed` what the source says, as exactly as it does.

    `classes` are units of the last layer: one is a sigmoid. `dropout` is that after each hidden layer. What
    `preprocessing` does to pixels first has no part in the count.
    """

    base: str
    image_size: tuple[int, int]
    classes: int
    units: tuple[int, ...]
    parameters: int
    source: str
    claimed: int | None = None
    rounded_to: int = 1
    channels: int = 3
    preprocessing: str = "unit"
    dropout: tuple[float, ...] = ()
    initialization: str = GLOROT


def _column(letter: str, parameters: int, claimed: int) -> Network:
    return Network(
        COLUMNS[letter],
        (224, 224),
        1000,
        (4096, 4096),
        parameters,
        f"Column {letter} of table 1 in Simonyan and Zisserman 2014; the count is that of table 2.",
        claimed=claimed * MILLION,
        rounded_to=MILLION,
        preprocessing="vgg",
        dropout=(0.5, 0.5),
    )


NETWORKS = {
    "A": _column("A", 132_863_336, 133),
    "A-LRN": _column("A-LRN", 132_863_336, 133),
    "B": _column("B", 133_047_848, 133),
    "C": _column("C", 133_638_952, 134),
    "D": _column("D", 138_357_544, 138),
    "E": _column("E", 143_667_240, 144),
    "vgg_blog": Network(
        "vgg16_c",
        (224, 224),
        10,
        (4096, 4096, 1000),
        133_648_962,
        "A VGG16 built by hand in Keras: column C, then 4096, 4096 and 1000 units and ten classes.",
        claimed=133_648_962,
        dropout=(0.5, 0.5, 0.0),
        initialization="vgg_blog",
    ),
    "small_cnn": Network(
        "small_cnn",
        (150, 150),
        1,
        (512,),
        3_453_121,
        "Chollet 2017, section 5.2: cats and dogs from scratch.",
        claimed=3_453_121,
        dropout=(0.0,),
    ),
    "mnist_cnn": Network(
        "mnist_cnn",
        (28, 28),
        10,
        (64,),
        93_322,
        "Chollet 2017, section 5.1: handwritten digits.",
        claimed=93_322,
        channels=1,
        preprocessing="gray",
        dropout=(0.0,),
    ),
    "gender_cnn": Network(
        "gender_cnn",
        (112, 92),
        2,
        (512, 128),
        5_595_042,
        "A blog's network in TensorFlow 1 that tells women's faces from men's.",
        preprocessing="bgr",
        dropout=(0.6, 0.6),
        initialization="gender_blog",
    ),
    "expression_cnn": Network(
        "expression_cnn",
        (224, 224),
        7,
        (512,),
        103_135_367,
        "The network for seven facial expressions in a footnote of the write-up on cats and dogs.",
        dropout=(0.0,),
    ),
}


def network(name: str) -> Network:
    """Returns a network by its name or, for a column of VGG, by that of its base: D is vgg16."""
    aliases = {base: letter for letter, base in COLUMNS.items()}
    found = NETWORKS.get(aliases.get(name, name))
    if found is None:
        near = did_you_mean(name, (*NETWORKS, *aliases))
        raise ConfigError(f"`name` must be one of {', '.join(NETWORKS)}, received {name!r}{near}")
    return found
