import keras
import pytest

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.modelfile.open.load import without_variables
from kerasvgg.models.classifier import build_classifier

SMALL = {
    "mnist_cnn": ((28, 28), [(26, 26, 32), (13, 13, 32), (11, 11, 64), (5, 5, 64), (3, 3, 64)]),
    "gender_cnn": ((112, 92), [(112, 92, 16), (56, 46, 16), (56, 46, 32), (28, 23, 32), (28, 23, 64), (14, 12, 64)]),
    "expression_cnn": (
        (48, 49),
        [(48, 49, 64), (24, 24, 64), (24, 24, 128), (12, 12, 128), (12, 12, 256), (6, 6, 256)],
    ),
}


@pytest.mark.parametrize(("base", "size", "shapes"), [(base, *both) for base, both in SMALL.items()], ids=SMALL)
def test_the_small_networks_are_their_sources(base, size, shapes):
    with without_variables():
        model = build_classifier(base, size, 7, kind="unit")
    assert [layer.output.shape[1:] for layer in model.layers if layer.name.startswith(("conv", "pool"))] == shapes


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize("base", BACKBONES)
def test_the_smallest_picture_that_a_base_takes_is_known(base):
    least = BACKBONES[base].smallest
    pictures = keras.Input((least, least, 3))
    with without_variables():
        assert BACKBONES[base](pictures).shape == (None, 1, 1, BACKBONES[base].channels)
        if (
            BACKBONES[base].takes_style and least > 1
        ):  # the others' is what keras.applications asks for; some can do with less
            with pytest.raises(ValueError, match=r"[Nn]egative dimension|must be strictly positive|zero"):
                BACKBONES[base](keras.Input((least - 1, least - 1, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("base", BACKBONES)
def test_the_height_of_a_bases_feature_maps_is_known(base):
    with without_variables():
        for height in (64, 67, 125, 150, 224):  # 125: strides that round up, and that leave out, in any order
            found = BACKBONES[base](keras.Input((height, 64, 3))).shape
            assert found[1] == BACKBONES[base].side(height)


@pytest.mark.slow
@pytest.mark.parametrize("base", [pytest.param("resnet50v2", marks=pytest.mark.very_slow), "convnext_tiny"])
def test_weights_alone_of_other_families_find_their_model(base, tmp_path):
    from kerasvgg.modelfile.open.load import load

    model = build_classifier(base, (32, 32), 3, kind="none", pooling="average", units=())
    bare = keras.Model(model.layers[2].input, model.get_layer("head_average").input, name=base)
    for name, made in (("notop", bare), ("top", keras.Model(model.layers[2].input, model.output, name=base))):
        made.save_weights(tmp_path / f"{name}.weights.h5")
        again = load(tmp_path / f"{name}.weights.h5", base).model
        assert again.count_params() == made.count_params()
        assert len(again.output_shape) == (4 if name == "notop" else 2)
    keras.backend.clear_session()
