"""The deployment files: Ray's own schema takes the one, and both name the versions that are tested."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import kerasvgg

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"


def read(name: str) -> dict:
    return YAML(typ="safe", pure=True).load((DEPLOY / name).read_text(encoding="utf-8"))


def test_ray_takes_the_file_for_spot_machines() -> None:
    ray = pytest.importorskip("ray", reason="no Ray: `pip install 'kerasvgg[cluster]'`")
    jsonschema = pytest.importorskip("jsonschema", reason="no jsonschema")
    schema = json.loads((Path(ray.__file__).parent / "autoscaler" / "ray-schema.json").read_text(encoding="utf-8"))
    asked = read("ray-aws.yaml")
    jsonschema.validate(asked, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**asked, "max_workers": "many"}, schema)
    assert asked["head_node_type"] in asked["available_node_types"]


def test_both_say_the_versions_that_are_tested_and_ask_for_the_token() -> None:
    pytest.importorskip("ray", reason="no Ray: `pip install 'kerasvgg[cluster]'`")
    texts = {name: (DEPLOY / name).read_text(encoding="utf-8") for name in ("ray-aws.yaml", "kuberay.yaml")}
    for text in texts.values():
        assert re.search(r"kerasvgg\[cluster\]==([\d.]+)", text)[1] == kerasvgg.__version__
        assert "RAY_AUTH_MODE" in text
    cluster = read("kuberay.yaml")
    assert cluster["spec"]["rayVersion"] == version("ray")
    for group in (cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]):
        (container,) = group["template"]["spec"]["containers"]
        assert container["resources"]["requests"] == container["resources"]["limits"]
        assert {one["name"] for one in container["env"]} == {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN"}
