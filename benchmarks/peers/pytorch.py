"""PyTorch, traced and frozen; the variant is the layout in memory."""

import os
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from benchmarks.peers.given import Given, batches, channels_last
from kerasvgg.backbones.weights.sources import imagenet_weights

FORMATS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}


def prepare(variant: str, given: Given) -> Callable[[], np.ndarray]:
    """Returns a function that passes all pictures once."""
    torch.set_num_threads(os.cpu_count() or 1)
    layout = FORMATS[variant]
    inputs = [torch.from_numpy(batch).contiguous(memory_format=layout) for batch in batches(given.channels_first)]
    with torch.inference_mode():
        model = torch.jit.freeze(torch.jit.trace(_convolutions().eval().to(memory_format=layout), inputs[0]))

    def one_pass() -> np.ndarray:
        with torch.inference_mode():
            return channels_last([model(batch).numpy() for batch in inputs])

    return one_pass


def _convolutions() -> nn.Module:
    layers: list[nn.Module] = []
    block = "block1"
    for name, (kernel, bias) in imagenet_weights("vgg16").items():
        if not name.startswith(block):
            layers.append(nn.MaxPool2d(2))
            block = name.partition("_")[0]
        layer = nn.Conv2d(*kernel.shape[2:], kernel_size=3, padding=1)
        layer.weight.data = torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
        layer.bias.data = torch.from_numpy(np.array(bias))
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))
