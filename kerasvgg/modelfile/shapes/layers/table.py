"""The layers whose output and weights kerasvgg can tell without building them."""

import re
from collections.abc import Callable
from functools import partial

from kerasvgg.modelfile.shapes.fields import Built, Fields, Shape, single
from kerasvgg.modelfile.shapes.layers import dense
from kerasvgg.modelfile.shapes.layers import dense as normalising
from kerasvgg.modelfile.shapes.layers import joining as merging
from kerasvgg.modelfile.shapes.layers import joining as reshaping
from kerasvgg.modelfile.shapes.layers import spatial as convolutions
from kerasvgg.modelfile.shapes.layers import spatial as poolings

Rule = Callable[[Fields, list[Shape]], Built]


def unchanged(fields: Fields, inputs: list[Shape]) -> Built:
    """Layers that change numbers and leave their arrangement."""
    return Built(single(inputs))


UNCHANGED = re.findall(
    r"\w+",
    """
    Activation ActivityRegularization AlphaDropout AugMix AutoContrast Dropout ELU Equalization GaussianDropout
    GaussianNoise Identity LeakyReLU Masking RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
    RandomContrast RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert
    RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear
    RandomTranslation RandomZoom ReLU Rescaling Softmax Solarization SpatialDropout1D SpatialDropout2D
    SpatialDropout3D ThresholdedReLU UnitNormalization LocalResponseNormalization
    """,
)
# The last line are operations: what arithmetic in a functional model becomes.
MERGED = re.findall(
    r"\w+",
    """
    Add Subtract Multiply Average Maximum Minimum
    TrueDivide Divide Negative Absolute Square Sqrt Exp Log Power Relu Sigmoid Tanh Clip Cast
    """,
)
BY_RANK: dict[str, Callable[[int, Fields, list[Shape]], Built]] = {
    "Conv{}D": convolutions.convolution,
    "Convolution{}D": convolutions.convolution,
    "DepthwiseConv{}D": convolutions.depthwise,
    "SeparableConv{}D": convolutions.separable,
    "SeparableConvolution{}D": convolutions.separable,
    "Conv{}DTranspose": convolutions.transposed,
    "Convolution{}DTranspose": convolutions.transposed,
    "MaxPooling{}D": poolings.pooling,
    "MaxPool{}D": poolings.pooling,
    "AveragePooling{}D": poolings.pooling,
    "AvgPool{}D": poolings.pooling,
    "GlobalMaxPooling{}D": poolings.over_all,
    "GlobalMaxPool{}D": poolings.over_all,
    "GlobalAveragePooling{}D": poolings.over_all,
    "GlobalAvgPool{}D": poolings.over_all,
    "UpSampling{}D": poolings.upsampling,
    "ZeroPadding{}D": poolings.zero_padding,
    "Cropping{}D": poolings.cropping,
}
RULES: dict[str, Rule] = {
    **dict.fromkeys(UNCHANGED, unchanged),
    **dict.fromkeys(MERGED, merging.merged),
    **{name.format(rank): partial(rule, rank) for name, rule in BY_RANK.items() for rank in (1, 2, 3)},
    "Concatenate": merging.concatenated,
    "Dense": dense.dense,
    "Embedding": dense.embedding,
    "LSTM": dense.lstm,
    "GRU": dense.gru,
    "SimpleRNN": dense.simple_rnn,
    "Flatten": reshaping.flatten,
    "Reshape": reshaping.reshape,
    "Permute": reshaping.permute,
    "RepeatVector": reshaping.repeat,
    "Resizing": poolings.resized,
    "CenterCrop": poolings.resized,
    "RandomCrop": poolings.resized,
    "BatchNormalization": normalising.batch_normalization,
    "LayerNormalization": normalising.layer_normalization,
    "GroupNormalization": normalising.group_normalization,
    "Normalization": normalising.normalization,
    "PReLU": normalising.prelu,
}
