"""Pretrained weights that get other pixels than they were trained on."""

WANTED = "vgg"
PRICES = {
    "unit": "it costs 7 points, measured on 2,000 cats and dogs with 3 seeds: 88.3 % (86.1 to 90.3) instead of "
    "95.6 % (93.7 to 97.3) of 1,000 test pictures",
}


def mismatch(weights: str | None, kind: str, accepted: bool = False) -> str | None:
    """Returns a warning of preprocessing that ImageNet's weights do not want, None if all is well or `accepted`.

    The price is the mean of three seeds of experiments/cats_and_dogs/feature_extraction.yaml, `book` beside `vgg`.
    """
    if not weights or kind == WANTED or accepted:
        return None
    price = PRICES.get(kind, "it costs accuracy; how much has not been measured")
    return (
        f"warning: VGG's imagenet weights were trained on preprocessing `{WANTED}`, not `{kind}`: {price}. "
        "`accept_preprocessing` says that it is meant"
    )
