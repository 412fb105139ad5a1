"""What CONTRIBUTING.md says of a new backbone works as it stands there."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.freezing import CutModel
from kerasvgg.models.save import save_model
from kerasvgg.visualise.class_maps import class_maps

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def example(monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {"__name__": "example"}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    monkeypatch.setitem(BACKBONES, "tiny_resnet", names["TINY_RESNET"])
    yield BACKBONES["tiny_resnet"]
    keras.backend.clear_session()


@pytest.mark.slow
def test_the_backbone_of_the_page_trains_by_stage_saves_and_shows_what_it_sees(example, tmp_path):
    model = build_classifier("tiny_resnet", (32, 24), 3, kind=example.preprocessing, pooling="average", units=())
    assert model.get_layer(example.heatmap_layer).output.shape[1:] == (example.side(32), example.side(24), 16)
    cut_model = CutModel(model, [("stage2", "head")], stages=example.stages, fixed_statistics=True)
    assert model.get_layer(cut_model.root).input is model.get_layer("stage1_out").output
    pictures = np.random.default_rng(0).uniform(0, 255, (6, 32, 24, 3)).astype(np.float32)
    features = np.asarray(cut_model.before(cut_model.root)(pictures, training=False))
    trained = cut_model.after(cut_model.root)
    trained.compile("sgd", "sparse_categorical_crossentropy")
    before = {layer.name: [np.array(weight) for weight in layer.weights] for layer in model.layers}
    trained.fit(features, np.arange(6) % 3, verbose=0)
    moved = {
        name for name, values in before.items()
        if any(not np.array_equal(a, b) for a, b in zip(values, model.get_layer(name).weights, strict=True))
    }  # fmt: skip
    assert moved == {"stage2_conv1", "stage2_conv2", "head_output"}
    for path in (tmp_path / "model.keras", tmp_path / "model.h5"):
        save_model(model, path, None)
        np.testing.assert_allclose(open_model(path).model(pictures), model(pictures), atol=1e-6)
    assert class_maps(model, pictures[0]).layer == example.heatmap_layer
