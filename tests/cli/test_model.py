import json

import pytest

from kerasvgg.models.networks import NETWORKS


def test_without_a_name_the_networks_are_listed(cli):
    done = cli("model")
    assert done.status == 0
    for name, one in NETWORKS.items():
        (line,) = (line for line in done.out.splitlines() if line.split()[:1] == [name])
        assert f"{one.parameters:,}" in line
        assert one.source in line


def test_a_columns_layers_count_and_fields_are_shown(cli):
    done = cli("model", "D")
    rows = {row[0]: row[1:] for row in map(str.split, done.out.splitlines()) if row}
    assert rows["block1_conv1"] == ["224x224x64", "1,792", "3x3", "1"]
    assert rows["block5_pool"] == ["7x7x512", "0", "212x212", "32"]
    assert rows["fc1"] == ["4096", "102,764,544", "all"]
    assert "parameters: 138,357,544; the source's: 138 million, equal" in done.out
    assert "two 3x3 convolutions see 5x5" in done.out
    assert "with 18 C^2 weights instead of 25 C^2" in done.out
    assert "three 3x3 convolutions see 7x7" in done.out
    assert "with 27 C^2 weights instead of 49 C^2" in done.out


def test_the_blogs_count_is_exact_and_a_source_without_one_is_said_to_have_none(cli):
    assert "parameters: 133,648,962; the source's: 133,648,962, equal" in cli("model", "vgg_blog").out
    gender = cli("model", "gender_cnn").out
    assert "parameters: 5,595,042; the source gives no count" in gender
    assert "C^2" not in gender


def test_a_count_that_is_not_the_sources_is_told(cli, monkeypatch):
    from dataclasses import replace

    monkeypatch.setitem(NETWORKS, "mnist_cnn", replace(NETWORKS["mnist_cnn"], claimed=93_320))
    assert "parameters: 93,322; the source's: 93,320, +2 here" in cli("model", "mnist_cnn").out


def test_another_size_is_not_compared_with_the_source(cli):
    done = cli("model", "vgg11", "--image-size", "64", "96", "--classes", "5", "--batch-normalization", "--json")
    said = json.loads(done.out)
    layers = {layer["name"]: layer for layer in said["layers"]}
    assert layers["block5_pool"]["output"] == [2, 3, 512]
    assert layers["block5_pool"]["receptive_field"] == [150, 150]
    assert layers["block1_conv1_bn"]["parameters"] == 4 * 64
    assert layers["predictions"]["output"] == [5]
    assert said["parameters"] == sum(layer["parameters"] for layer in layers.values())
    assert "the source" not in cli("model", "mnist_cnn", "--classes", "5").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("vgg61",), "did you mean `vgg"),
        (("E", "--image-size", "31", "40"), "at least 32 32 for it, received 31 40"),
    ],
)
def test_what_there_is_not_is_a_mistake(cli, words, message):
    done = cli("model", *words)
    assert done.status == 2
    assert message in done.err
    assert len(done.err.splitlines()) == 1
