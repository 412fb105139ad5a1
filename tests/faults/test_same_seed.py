"""Equal seeds give equal files from fresh processes, whatever else the machine does; other seeds do not."""

import json
from pathlib import Path

import pytest

TEMPLATE = """\
seed: 3
data: {{dataset: pictures, split: {{train: 16, validation: 8, test: 8}}, image_size: [48, 48], batch_size: 8}}
{augment}
{model}
{train}
"""
MODELS = {
    "small CNN": (
        "model: {base: small_cnn, head: {units: 8, dropout: 0.3}}",
        "train: [{epochs: 2, learning_rate: 1e-3}]",
    ),
    "feature extraction": (
        "model: {base: vgg16, weights: null, head: {pooling: average, units: 8, dropout: 0.3}}",
        "train: [{layers: head, epochs: 3, learning_rate: 1e-2}]",
    ),
    "fine-tuning": (
        "model: {base: vgg16, weights: null, head: {pooling: average, units: 32, dropout: 0.3}}",
        "train: [{layers: head, epochs: 2, learning_rate: 1e-2}, {layers: [block5, head], epochs: 2, "
        "learning_rate: 1e-4, optimizer: adam}]",
    ),
}
CHANGES = "{rotation_range: 30, shear_range: 0.2, horizontal_flip: true, engine: %s}"
AUGMENTS = {
    "none": "",
    "fresh": f"augment: {CHANGES % 'tfdata'}",
    "fresh by Keras": f"augment: {CHANGES % 'imagedatagenerator'}",
    "copies": f"augment: {CHANGES % 'tfdata'}\naugment_copies: 2",
    "copies by Keras": f"augment: {CHANGES % 'imagedatagenerator'}\naugment_copies: 2",
}
CASES = [(model, augment) for model in MODELS for augment in AUGMENTS]


@pytest.mark.very_slow  # one folder's two runs are equal byte by byte in tests/cli/test_run_folder.py
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("model", "augment"),
    CASES,
)
def test_two_processes_write_the_same_and_another_seed_does_not(place, kerasvgg_, cache, model, augment):
    network, train = MODELS[model]
    Path("same.yaml").write_text(TEMPLATE.format(augment=AUGMENTS[augment], model=network, train=train))
    for words in ((), (), ("seed=4",)):
        status, said = kerasvgg_("run", "same.yaml", *words)
        assert status == 0, said
        for path in (cache / "features").glob("*"):
            path.unlink()  # each computes its own features
    runs = [Path("runs/same", str(number)) for number in (1, 2, 3)]
    for name in ("history.csv", "predictions.csv", "metrics.json", "split.csv"):
        assert (runs[0] / name).read_bytes() == (runs[1] / name).read_bytes()
    histories = [(run / "history.csv").read_bytes() for run in runs]
    weights = [json.loads((run / "metrics.json").read_text())["weights_sha256"] for run in runs]
    assert histories[0] != histories[2]
    assert weights[0] != weights[2]
