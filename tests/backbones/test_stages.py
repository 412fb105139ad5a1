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


def test_each_layer_belongs_to_one_stage(smallest):
    backbone, model = smallest
    assert list(backbone.stages) == [f"stage{i}" for i in range(1, STAGES.get(backbone.name, 5) + 1)]
    found = {stage: set() for stage in backbone.stages}
    for layer in model.layers:
        if layer.name not in ("pictures", "preprocessing"):
            stage = backbone.stage(layer.name)
            assert stage, layer.name
            # Also where a pattern may be the beginning of a name, as kerasvgg has it.
            by = [other for other, patterns in backbone.stages.items() if any(matches(layer.name, p) for p in patterns)]
            assert by == [stage], layer.name
            found[stage] |= {layer.name} if layer.weights else set()
    assert all(found.values())


def test_each_pattern_of_a_stage_names_layers(smallest):
    backbone, model = smallest
    names = [layer.name for layer in model.layers]
    for pattern in (pattern for patterns in backbone.stages.values() for pattern in patterns):
        assert any(matches(name, pattern) for name in names), pattern


def test_stages_follow_each_other(smallest):
    backbone, model = smallest
    stages = [stage for layer in model.layers if (stage := backbone.stage(layer.name))]
    assert stages == sorted(stages)
    assert backbone.own(layer.name for layer in model.layers) == {
        layer.name for layer in model.layers if layer.name not in ("pictures", "preprocessing")
    }
