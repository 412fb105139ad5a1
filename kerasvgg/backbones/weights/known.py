"""The ImageNet weights that kerasvgg accepts, and how it knows them."""

from dataclasses import dataclass

from kerasvgg.backbones.vgg import KERNELS

KERAS_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class Known:
    """One set of convolution weights: `fingerprint` is over the arrays, `md5` over keras.applications' file."""

    name: str
    file: str
    md5: str
    fingerprint: str | None
    origin: str = "VGG team, University of Oxford (Simonyan and Zisserman 2014), by way of keras.applications"
    licence: str = "CC BY 4.0"

    @property
    def url(self) -> str:
        """Keras' own address of the file."""
        return f"{KERAS_ADDRESS}/{self.name}/{self.file}"

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the convolutions in order; each has a kernel (3, 3, in, out) and a bias (out,)."""
        blocks = enumerate(KERNELS[self.name], start=1)
        return tuple(f"block{block}_conv{i}" for block, sides in blocks for i in range(1, len(sides) + 1))


def _no_top(name: str, md5: str, fingerprint: str | None) -> Known:
    return Known(name, f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5", md5, fingerprint)


KNOWN = {
    known.name: known
    for known in (
        _no_top(
            "vgg16",
            "6d6bbae143d832006294945121d1f1fc",
            "d9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd",
        ),
        # No fingerprint of VGG19's arrays is known here, so only the official file itself is accepted.
        _no_top("vgg19", "253f8cb515780f3b799900260a226db6", None),
    )
}
