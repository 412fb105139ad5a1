"""What a server says of pictures, in whatever form and company they come."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from model_server import NAMES, SIDE, Server, as_form, as_json, expected, jpeg, kernel

from kerasvgg.data.pictures.decode import Content, decode
from kerasvgg.evaluation.calibration import calibrated
from kerasvgg.serve.limits import MOST_PICTURES

SAME = 1e-5


def test_a_picture_is_said_what_is_on_it(server: Server) -> None:
    answer = server.predict(content := jpeg(1))
    assert answer.status == 200
    (said,) = answer.said["predictions"]
    assert list(said["probabilities"]) == list(NAMES)
    assert np.abs(answer.rows[0] - expected(content)).max() < SAME
    assert said["predicted"] == NAMES[int(expected(content).argmax())]
    assert set(said) == {"name", "predicted", "probabilities"}
    assert answer.said["model"] == server.ask("/ready").said["model"]


def test_each_form_of_a_request_has_the_same_answer(server: Server) -> None:
    contents = [jpeg(seed) for seed in range(3)]
    wanted = np.stack([expected(one) for one in contents])
    by_json = server.ask("/predict", *as_json(*contents, name="mine"))
    by_form = server.ask("/predict", *as_form(*contents))
    by_bytes = [server.ask("/predict", one, {"Content-Type": "application/octet-stream"}) for one in contents]
    for rows in (by_json.rows, by_form.rows, np.concatenate([one.rows for one in by_bytes])):
        assert np.abs(rows - wanted).max() < SAME
    assert [one["name"] for one in by_json.said["predictions"]] == ["mine"] * 3
    assert [one["name"] for one in by_form.said["predictions"]] == ["0.jpg", "1.jpg", "2.jpg"]


def test_who_asks_at_the_same_time_changes_no_answer(server: Server) -> None:
    contents = [jpeg(seed) for seed in range(40)]
    with ThreadPoolExecutor(16) as pool:
        rows = np.concatenate([one.rows for one in pool.map(server.predict, contents)])
    assert np.abs(rows - np.stack([expected(one) for one in contents])).max() < SAME
    assert "kerasvgg_batch_pictures_count" in server.ask("/metrics").body.decode()


def test_what_is_no_picture_among_others_has_an_error_in_its_row(server: Server) -> None:
    answer = server.ask("/predict", *as_json(jpeg(1), b"GIF89a and nothing more", jpeg(2)[:500], jpeg(3)))
    assert answer.status == 200
    first, second, third, fourth = answer.said["predictions"]
    assert second["error"].startswith("it begins as GIF does")
    assert third["error"].startswith("a damaged JPEG")
    assert "probabilities" not in second
    for said, seed in ((first, 1), (fourth, 3)):
        assert np.abs(np.array(list(said["probabilities"].values())) - expected(jpeg(seed))).max() < SAME


def test_probabilities_are_calibrated_where_that_is_asked_for(server: Server) -> None:
    wanted = calibrated(expected(content := jpeg(4))[None], 2.0)[0]
    answer = server.predict(content, "?calibrated=true")
    assert np.abs(answer.rows[0] - wanted).max() < SAME
    assert np.abs(server.predict(content, "?calibrated=false").rows[0] - expected(content)).max() < SAME


@pytest.mark.parametrize(("limit", "is_unsure"), [(-1e-3, False), (1e-3, True)])
def test_it_is_unsure_below_a_limit_for_calibrated_probabilities(server: Server, limit: float, is_unsure: bool) -> None:
    largest = calibrated(expected(content := jpeg(5))[None], 2.0)[0].max()
    (said,) = server.predict(content, f"?unsure={largest + limit}").said["predictions"]
    assert said["best"] == NAMES[int(expected(content).argmax())]
    assert said["predicted"] == ("unsure" if is_unsure else said["best"])


def test_the_class_map_is_that_of_the_likeliest_class(server: Server) -> None:
    content = jpeg(3)
    (said,) = server.predict(content, "?class_map=true").said["predictions"]
    likeliest = int(expected(content).argmax())
    pixels = decode(Content("picture", content), (SIDE, SIDE)) / 255
    assert likeliest == 2
    assert said["class_map"]["class_name"] == NAMES[likeliest]
    assert np.abs(np.array(said["class_map"]["values"]) - (pixels @ kernel(0, len(NAMES)))[..., likeliest]).max() < 1e-3


def test_the_description_is_valid_and_so_are_its_examples(server: Server) -> None:
    said = server.ask("/openapi.json").said
    body = said["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data", "image/*", "application/octet-stream"}
    examples = body["application/json"]["examples"]
    assert len(examples) == 2
    for one in examples.values():
        answer = server.ask("/predict", json.dumps(one["value"]).encode(), {"Content-Type": "application/json"})
        assert answer.status == 200
        assert len(answer.rows) == len(one["value"]["pictures"])
    statuses = set(said["paths"]["/predict"]["post"]["responses"])
    assert statuses == {"200", "400", "401", "408", "413", "415", "422", "429", "503"}
    assert body["application/json"]["schema"]["properties"]["pictures"]["maxItems"] == MOST_PICTURES
    assert {"/health", "/ready", "/metrics"} < set(said["paths"])


def test_the_figures_count_requests_pictures_and_batches(server: Server) -> None:
    def figures() -> dict[str, float]:
        lines = server.ask("/metrics").body.decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}

    answered, refused = 'kerasvgg_pictures_total{outcome="answered"}', 'kerasvgg_pictures_total{outcome="refused"}'
    ok = 'kerasvgg_requests_total{path="/predict",status="200"}'
    server.ask("/predict", *as_json(jpeg(1), b"none"))
    before = figures()
    server.ask("/predict", *as_json(jpeg(1), jpeg(2), b"none"))
    server.ask("/nowhere/at/all")
    after = figures()
    assert [after[name] - before[name] for name in (answered, refused, ok)] == [2, 1, 1]
    assert after['kerasvgg_requests_total{path="other",status="404"}'] >= 1
    assert after["kerasvgg_batch_pictures_sum"] - before["kerasvgg_batch_pictures_sum"] == 2
    assert not any("nowhere" in name for name in after)


def test_the_log_is_json_and_tells_nothing_of_pictures(server: Server) -> None:
    server.ask("/predict?calibrated=true", *as_json(jpeg(9), b"a secret text", name="a secret name"))
    server.ask("/metrics")  # by then, what came before is told
    line = [one for one in server.log() if one["event"] == "request" and one["path"] == "/predict"][-1]
    assert (line["method"], line["status"], line["pictures"]) == ("POST", 200, 2)
    assert line["milliseconds"] > 0
    assert "secret" not in server.log_file.read_text(encoding="utf-8")
