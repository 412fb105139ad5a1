"""Every file of the corpus, inspected: what old versions of Keras wrote, as they described it themselves."""

from collections.abc import Callable

import pytest
from corpus import FACTS, facts, unpack

import kerasvgg
from kerasvgg.modelfile.facts.facts import Facts
from kerasvgg.modelfile.facts.network import leaves_of
from kerasvgg.modelfile.safety.verdict import REFUSE, SAFE, UPGRADE

Inspected = Callable[[str], Facts]
BLOCK5_ALONE = ("keras216_nested_vgg16_block5", "tf21_nested_vgg16_block5", "tf215_nested_vgg16_block5")


@pytest.fixture(scope="module")
def inspected(tmp_path_factory) -> Inspected:
    """Inspects a file of the corpus, once."""
    folder, seen = tmp_path_factory.mktemp("corpus"), {}

    def look(name: str) -> Facts:
        if name not in seen:
            path = unpack(name, folder)
            seen[name] = kerasvgg.inspect(path)
            path.unlink()
        return seen[name]

    return look


@pytest.mark.sampled(by_default=30, slow=3)
@pytest.mark.parametrize("name", FACTS)
def test_the_file_is_told_as_its_keras_described_it(name: str, inspected: Inspected) -> None:
    said, seen = facts(name), inspected(name)
    assert seen.keras_version.removesuffix("-tf") in ("", said["keras"]) or said["file"].startswith("tf")
    assert seen.verdict in (SAFE, UPGRADE) or "lambda" in name or "custom" in name
    assert not [danger for danger in seen.dangers if danger.kind == "damage"]
    assert seen.parameters == said["parameters"]
    if not said["weights_only"]:
        assert (seen.training.optimizer if seen.training else None) == said["optimizer"]
        assert (seen.training.learning_rate if seen.training else None) == pytest.approx(said["learning_rate"])
        assert seen.output_shape is None or seen.output_shape[1:] == (len(said["probabilities"][0]),)


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize("name", [name for name in FACTS if "vgg16" in name])
def test_vgg16_is_known_wherever_it_is_nested(name: str, inspected: Inspected) -> None:
    seen = inspected(name)
    assert seen.network is not None
    assert seen.network.vgg == "D"
    assert len(seen.network.blocks) == 5


@pytest.mark.parametrize("name", [name for name in BLOCK5_ALONE if name in FACTS])
def test_what_was_frozen_is_told(name: str, inspected: Inspected) -> None:
    seen = inspected(name)
    assert seen.network is not None
    assert seen.network.blocks == {f"block{i}": "trained" if i == 5 else "frozen" for i in range(1, 6)}
    trained = sum(leaf.layer.trainable_parameters or 0 for leaf in leaves_of(seen.layers))
    assert trained == seen.trainable_parameters == 7_095_873


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("name", [name for name in FACTS if "lambda" in name or "custom" in name])
def test_code_and_strangers_classes_are_refused(name: str, inspected: Inspected) -> None:
    assert inspected(name).verdict == REFUSE


def test_the_trap_of_late_keras_2_is_named(inspected: Inspected) -> None:
    seen = inspected("tf211_small_cnn")
    assert seen.training is not None
    assert seen.training.optimizer == "RMSprop"
    assert "Custom>RMSprop" in seen.training.trap
    assert "0.001" in seen.training.trap
