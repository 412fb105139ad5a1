"""Pretrained weights that get other pixels than they were trained on."""

WANTED = "vgg"
PRICES = {
    "unit": "it costs 7 points, measured on 2,000 cats and dogs: 88.3 % test accuracy instead of 95.6 %",
}


def mismatch(kind: str) -> str | None:
    """Returns what is wrong with preprocessing of this kind before ImageNet's weights, None if it is what they want.

    The price is the mean of three seeds of experiments/cats_and_dogs/feature_extraction.yaml, `book` beside `vgg`.
    """
    if kind == WANTED:
        return None
    price = PRICES.get(kind, "it costs accuracy; how much has not been measured")
    return f"VGG's imagenet weights were trained on preprocessing `{WANTED}`, not `{kind}`: {price}"
