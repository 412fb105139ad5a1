"""Which of the first two axes of a MatConvNet file's kernels is the vertical one."""

import hashlib
from pathlib import Path

import numpy as np

from kerasvgg.modelfile.imagenet import VGG16
from kerasvgg.modelfile.matconvnet.read import read_arrays
from kerasvgg.weights.fingerprint import fingerprint

WIDTH_FIRST, HEIGHT_FIRST = "width-first", "height-first"
ORDERS = (WIDTH_FIRST, HEIGHT_FIRST)
# imagenet-vgg-verydeep-19.mat, both layouts. MatConvNet's converter from Caffe (utils/import-caffe.py) wrote them, and
# it puts the height first; what is commonly done with them, to swap the axes, was meant for the other order.
PUBLIC = frozenset({"8ee3263992981a1d26e73b3ca028a123", "49e623de543b207d57fab0f6eaf79a7e"})


def kernel_order(path: Path) -> str:
    """Returns height-first for the public files of VGG19 and VGG16, known by their content, else width-first."""
    return HEIGHT_FIRST if _md5(path) in PUBLIC or _is_vgg16(path) else WIDTH_FIRST


def swapped(kernel: np.ndarray) -> np.ndarray:
    """Returns a kernel (height, width, in, out) with its first two axes exchanged."""
    return kernel.transpose(1, 0, 2, 3)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _is_vgg16(path: Path) -> bool:
    """Compares the second convolution, whose numbers are the same whatever the order of the colours."""
    with path.open("rb") as file:
        found = (array for name, role, array in read_arrays(file) if (name, role) == ("conv1_2", "kernel"))
        kernel = next(found, None)
    return kernel is not None and fingerprint([swapped(kernel)]) == VGG16["block1_conv2", "kernel"]
