import fnmatch

import keras
import pytest
from random_backbones import EVERY, ours

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.models.transfer import matches

STAGES = {"resnet50v2": 5, "mobilenetv3_large": 5, "convnext_tiny": 4}


@pytest.fixture(scope="module", params=EVERY)
def smallest(request):
    """A backbone, and its model for the smallest pictures."""
    backbone = BACKBONES[request.param]
    yield backbone, ours(backbone, (backbone.smallest, backbone.smallest))
    keras.backend.clear_session()


def test_the_smallest_picture_gives_feature_maps_for_heatmaps(smallest):
    backbone, model = smallest
    assert model.output.shape[1:] == (1, 1, backbone.channels)
    assert backbone.side(backbone.smallest) == 1
    assert model.get_layer(backbone.heatmap_layer).output is model.output


def test_each_layer_with_weights_belongs_to_one_stage(smallest):
    backbone, model = smallest
    assert list(backbone.stages) == [f"stage{i}" for i in range(1, STAGES.get(backbone.name, 5) + 1)]
    for layer in model.layers:
        # Also where a pattern may be the beginning of a name, as kerasvgg has it.
        by = [stage for stage, patterns in backbone.stages.items() if any(matches(layer.name, p) for p in patterns)]
        assert by == [stage for stage in (backbone.stage(layer.name),) if stage], layer.name
        assert len(by) == 1 or not layer.weights or layer.name == "preprocessing"


def test_each_pattern_of_a_stage_names_layers_with_weights(smallest):
    backbone, model = smallest
    names = [layer.name for layer in model.layers if layer.weights]
    for pattern in (pattern for patterns in backbone.stages.values() for pattern in patterns):
        assert fnmatch.filter(names, pattern), pattern


def test_stages_follow_each_other(smallest):
    backbone, model = smallest
    stages = [stage for layer in model.layers if (stage := backbone.stage(layer.name))]
    assert stages == sorted(stages)


def test_all_layers_that_draw_belong_to_the_backbone(smallest):
    backbone, model = smallest
    drawing = {layer.name for layer in model.layers if hasattr(layer, "seed_generator")}
    assert drawing <= backbone.own(layer.name for layer in model.layers)
    assert bool(drawing) == backbone.name.startswith("efficientnet")
