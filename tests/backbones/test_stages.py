import fnmatch

import pytest
from random_backbones import APPLICATIONS, EVERY, pictures

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.models.freezing import matches
from kerasvgg.visualise.class_maps import class_maps

STAGES = {"convnext_tiny": 4}


@pytest.fixture(params=EVERY)
def built(request, smallest):
    """A backbone, and a classifier with it."""
    return BACKBONES[request.param], smallest(request.param)


def _stages(backbone, layer):
    """Returns the stages of a layer, of which a pattern may also be the beginning of its name."""
    return [stage for stage, patterns in backbone.stages.items() if any(matches(layer.name, one) for one in patterns)]


def _own(model):
    return [layer for layer in model.layers if not layer.name.startswith(("pictures", "preprocessing", "head_"))]


def test_the_smallest_picture_gives_feature_maps_for_heatmaps(built):
    backbone, model = built
    maps = model.get_layer(backbone.heatmap_layer).output
    assert maps is model.get_layer("head_average").input
    assert maps.shape[1:] == (1, 1, backbone.channels)
    assert backbone.side(backbone.smallest) == 1


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize("name", APPLICATIONS)
def test_heatmaps_come_from_the_layer_that_the_backbone_names(name, short):
    assert class_maps(short(name), pictures((64, 64))[0]).layer == BACKBONES[name].heatmap_layer


def test_each_layer_with_weights_belongs_to_one_stage(built):
    backbone, model = built
    assert list(backbone.stages) == [f"stage{i}" for i in range(1, STAGES.get(backbone.name, 5) + 1)]
    for layer in _own(model):
        found = _stages(backbone, layer)
        assert len(found) == 1 or (not found and not layer.weights), layer.name


def test_each_pattern_of_a_stage_names_layers_with_weights(built):
    backbone, model = built
    names = [layer.name for layer in _own(model) if layer.weights]
    for pattern in (pattern for patterns in backbone.stages.values() for pattern in patterns):
        assert fnmatch.filter(names, pattern), pattern


def test_stages_follow_each_other(built):
    backbone, model = built
    stages = [stage for layer in _own(model) for stage in _stages(backbone, layer)]
    assert stages == sorted(stages)


def test_all_layers_that_draw_belong_to_the_backbone(built):
    backbone, model = built
    drawing = [layer for layer in _own(model) if hasattr(layer, "seed_generator")]
    assert all(_stages(backbone, layer) for layer in drawing)
    assert bool(drawing) == backbone.name.startswith("efficientnet")
