"""`kerasvgg report`: what a page says, that it loads nothing, and that strangers' words stay words."""

import base64
import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kerasvgg.evaluation.predictions import Prediction, read_predictions, write_predictions
from kerasvgg.evaluation.test_access import record_access

HOSTILE = "<script>alert(1)<b>"
REACHING = re.compile(r"url\(|@import|https?:|//[a-z]", re.IGNORECASE)
WITHOUT_END = {"meta", "img", "br"}


class Page(HTMLParser):
    """The elements of a page, its text, and what its style and its script hold."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.inside, self.open = "", dict.fromkeys(("style", "script"), ""), []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        assert self.open == [], "not all elements are closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]] += data
        else:
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def require_alone(self) -> None:
        """Fails unless the page needs nothing else, and its policy allows just what is in it."""
        attributes = [(name, value or "") for _, some in self.elements for name, value in some.items()]
        assert not [name for name, _ in attributes if name == "style" or name.startswith("on")]
        assert all(value.startswith("data:image/jpeg;base64,") for name, value in attributes if name == "src")
        assert not {name for name, _ in attributes} & {"href", "srcset", "action", "formaction"}
        assert not REACHING.search(self.inside["style"] + self.inside["script"])
        policy = next(one["content"] for tag, one in self.elements if tag == "meta" and "http-equiv" in one) or ""
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        for tag in self.inside:
            digest = base64.b64encode(hashlib.sha256(self.inside[tag].encode()).digest()).decode()
            assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
            assert [one for one, _ in self.elements].count(tag) == 1


@pytest.fixture
def copied(place: Path, trained: Path) -> Path:
    """A finished run of one's own, beside its pictures."""
    shutil.copytree(trained.parents[2] / "pictures", "pictures")
    shutil.copytree(trained, "runs/tiny/1")
    return Path("runs/tiny/1")


def _with_mistakes(run: Path, count: int = 2) -> None:
    names, found = read_predictions(run / "predictions.csv")
    wrong = [Prediction(one.path, one.true, {"blue": "red", "red": "blue"}[one.true], (0.4, 0.6)) for one in found]
    write_predictions(run / "predictions.csv", names, [*wrong[:count], *found[count:]])


def test_a_run_leaves_a_page_and_a_card_that_say_what_its_files_say(trained: Path) -> None:
    page, figures = Page(trained / "report.html"), json.loads((trained / "metrics.json").read_text())
    page.require_alone()
    assert f"{100 * figures['accuracy']:.1f} %" in page.words
    assert f"of {figures['n']} test pictures are right" in page.words
    assert "kerasvgg predict" in page.words
    assert "always saying" in page.words
    counts = [int(one) for one in re.findall(r'class="middle count[^"]*"[^>]*>(\d+)<', page.source)]
    assert counts == [count for row in figures["confusion"] for count in row if count]
    _, metadata, text = (trained / "card.md").read_text().split("---\n", 2)
    about = YAML(typ="safe").load(StringIO(metadata))
    assert about["model-index"][0]["results"][0]["metrics"] == [{"type": "accuracy", "value": figures["accuracy"]}]
    assert about["pipeline_tag"] == "image-classification"
    assert "| blue |" in text


def test_a_page_is_written_again_alone_where_it_is_asked_for(cli: Callable, copied: Path) -> None:
    before = (copied / "report.html").read_text()
    (copied / "report.html").unlink()
    done = cli("report", copied, "--output", "mine.html")
    assert (done.status, done.out.strip()) == (0, "mine.html")
    assert not (copied / "report.html").exists()
    assert cli("report", copied).out.split() == [f"{copied}/report.html", f"{copied}/card.md"]
    assert (copied / "report.html").read_text().splitlines()[0] == before.splitlines()[0]
    Page(copied / "report.html").require_alone()


def test_a_stranger_s_names_stay_words(cli: Callable, copied: Path) -> None:
    _with_mistakes(copied)
    for path in copied.iterdir():
        if path.suffix in (".csv", ".json", ".yaml"):
            said = HOSTILE if path.suffix != ".json" else json.dumps(HOSTILE)[1:-1]
            path.write_text(path.read_text().replace("blue", said).replace("pictures\n", f'"{HOSTILE}"\n'))
    shutil.rmtree(copied / "worst", ignore_errors=True)
    done = cli("report", copied)
    assert (done.status, done.err) == (0, "")
    page = Page(copied / "report.html")
    page.require_alone()
    assert HOSTILE in page.text
    assert not [tag for tag, _ in page.elements if tag == "b" and HOSTILE in page.source.split("<b>")[0]]
    assert HOSTILE not in page.source
    card = (copied / "card.md").read_text().split("---\n", 2)[2]
    assert "<script" not in card.replace(r"\<script", "")


@pytest.mark.parametrize("gone", ["metrics.json", "predictions.csv", "environment.json", "split.csv", "layers.csv"])
def test_what_is_missing_is_left_out(cli: Callable, copied: Path, gone: str) -> None:
    (copied / gone).unlink()
    done = cli("report", copied)
    assert (done.status, done.err) == (0, "")
    page = Page(copied / "report.html")
    page.require_alone()
    assert ("This run is unfinished, after 3 epochs" in page.words) == (gone == "metrics.json")
    assert "Learning curves" in page.words


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metrics.json", '{"split": "test", "role": "x", "n": 4, "correct": 9, "accuracy": 1, "interval_95": [0, 1]}',
         "9 right of 4 can't be"),
        ("metrics.json", "{", "is damaged"),
        ("metrics.json", '{"n": "<script>"}', "n: Input should be a valid integer"),
        ("environment.json", '{"test_seen": -1}', "test_seen"),
        ("predictions.csv", "path,true,predicted,p:blue\nx,y\n", "must have 4 columns"),
        ("history.csv", "phase,epoch\n", "it lacks loss"),
        ("experiment.yaml", "model: {base: vgg61}\n", "vgg61"),
        ("data.json", '{"sizes": [[1]]}', "data.json"),
        ("environment.json", '{"seconds": NaN}', "seconds: Input should be a finite number"),
        ("metrics.json", '{"split": "test", "role": "x", "n": 4, "correct": 1, "accuracy": 1, "interval_95": [0, 1], '
         '"independent": 1e999}', "independent"),
        ("layers.csv", "layer,parameters,moved\nconv,3,0.1\n", "trained_in"),
        ("layers.csv", f"layer,parameters,trained_in,moved\n{'x' * 200_000},3,all,0.1\n", "field larger than"),
        ("predictions.csv", "path,true,predicted,p:blue,p:red\nx,fish,red,0.1,0.9\n", "received 'fish'"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_told_and_the_rest_is_shown(
    cli: Callable, copied: Path, name: str, content: str, said: str
) -> None:
    (copied / name).write_text(content)
    done = cli("report", copied)
    assert (done.status, done.err) == (0, "")
    page = Page(copied / "report.html")
    page.require_alone()
    notices = re.findall(r'<p class="notice bad">(.*?)</p>', page.source, re.DOTALL)
    assert len(notices) == 1
    assert name in notices[0]
    assert said.replace("'", "&#39;") in notices[0]
    assert "What was run" in page.words


def test_what_is_no_run_is_refused(cli: Callable, place: Path) -> None:
    (place / "pictures").mkdir()
    done = cli("report", "pictures")
    assert (done.status, done.out) == (2, "")
    assert "`pictures` must be a run folder" in done.err
    assert list((place / "pictures").iterdir()) == []


def test_two_runs_are_compared_on_one_page(cli: Callable, copied: Path) -> None:
    shutil.copytree(copied, "runs/tiny/2")
    _with_mistakes(Path("runs/tiny/2"))
    done = cli("report", "runs/tiny/1", "runs/tiny/2")
    assert (done.status, done.err) == (0, "")
    assert done.out.strip() == "comparisons/1/report.html"
    page = Page(Path("comparisons/1/report.html"))
    page.require_alone()
    assert "2 pictures on which they differ" in page.words
    assert "No evidence that they differ" in page.words
    assert "only the first is right on 2 pictures, only the second on 0; p = 0.5 by McNemar's exact test" in page.words
    assert len([one for tag, one in page.elements if tag == "img"]) == 2


def test_several_classes_a_picture_have_a_page_too(trained_on_pairs: Path) -> None:
    page = Page(trained_on_pairs / "report.html")
    page.require_alone()
    assert "have all their classes right" in page.words
    assert "Mean average precision" in page.words
    assert len([one for tag, one in page.elements if tag == "img"]) > 2
    assert (trained_on_pairs / "worst" / "1-heat.jpg").is_file()
    assert "said None" not in page.words
    assert "Rows are what pictures are" not in page.words
    assert "average precision" in page.words
    counts = dict(re.findall(r"<title>(\d), train: (\d+)</title>", page.source))
    rows = list(csv.DictReader((trained_on_pairs / "split.csv").read_text().splitlines()))
    for name, count in counts.items():
        assert int(count) == sum(row["split"] == "train" and name in row["class"].split("|") for row in rows)


@pytest.mark.slow
def test_an_older_run_gets_heatmaps_when_asked(cli: Callable, process: Callable, copied: Path) -> None:
    _with_mistakes(copied)
    shutil.rmtree(copied / "worst", ignore_errors=True)
    assert cli("report", copied).status == 0
    assert not [one for tag, one in Page(copied / "report.html").elements if tag == "img"]
    done = process("report", copied, "--heatmaps")
    assert done.status == 0, done.err
    pictures = [one for tag, one in Page(copied / "report.html").elements if tag == "img"]
    assert len(pictures) == 4
    assert [path.name for path in sorted((copied / "worst").iterdir())] == [
        "1-heat.jpg", "1.jpg", "2-heat.jpg", "2.jpg", "worst.csv"
    ]  # fmt: skip
    (copied / "model.keras").write_bytes(b"PK")
    refused = process("report", copied, "--heatmaps")
    assert refused.status in (1, 2)
    assert "Traceback" not in refused.err


def _figures(run: Path, **changed: object) -> None:
    path = run / "metrics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def test_what_has_no_model_is_not_said_to_have_one(cli: Callable, copied: Path) -> None:
    folder = Path("runs/tiny/crossvalidation/1")
    shutil.copytree(copied, folder)
    for name in ("history.csv", "model.keras", "model.h5", "layers.csv"):
        (folder / name).unlink()
    shutil.rmtree(folder / "worst", ignore_errors=True)
    _figures(folder, split="folds", role="held out", repeats=2, n=12, correct=10, accuracy=10 / 12)
    names, found = read_predictions(folder / "predictions.csv")
    write_predictions(folder / "predictions.csv", names, [*found, *found])
    assert cli("report", folder).status == 0
    page = Page(folder / "report.html")
    assert "of 6 held-out pictures are right" in page.words
    assert "Each picture was held out 2 times" in page.words
    assert "kerasvgg predict" not in page.words
    assert "--heatmaps" not in page.words
    assert "load_model" not in (folder / "card.md").read_text()
    (folder / "metrics.json").unlink()
    assert cli("report", folder).status == 0
    page = Page(folder / "report.html")
    assert "This cross-validation is unfinished" in page.words
    assert "--resume" not in page.words
    refused = cli("report", folder, "--heatmaps")
    assert refused.status == 2
    assert "must have a model for `--heatmaps`" in refused.err


def test_looks_since_are_counted_and_what_nobody_counted_is_not_said_to_be_one(cli: Callable, copied: Path) -> None:
    scored = json.loads((copied / "metrics.json").read_text())["scored_sha256"]
    about = json.loads((copied / "environment.json").read_text())
    assert cli("report", copied).status == 0
    assert "The pictures were scored once" in Page(copied / "report.html").words
    for _ in range(3):
        record_access(scored, copied)
    assert cli("report", copied).status == 0
    assert "have been scored 3 times by now" in Page(copied / "report.html").words
    _figures(copied, scored_sha256="0" * 64)
    (copied / "environment.json").write_text(json.dumps({**about, "test_seen": None}))
    assert cli("report", copied).status == 0
    assert "Is the accuracy one for new pictures?" not in Page(copied / "report.html").words


def test_what_the_scored_part_shares_with_others_is_told(cli: Callable, copied: Path) -> None:
    rows = list(csv.DictReader((copied / "split.csv").read_text().splitlines()))
    by_part = {part: next(row for row in rows if row["split"] == part) for part in ("train", "validation", "test")}
    by_part["validation"]["sha256"] = by_part["train"]["sha256"]

    def said() -> str:
        with (copied / "split.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], *(["group"] if "group" not in rows[0] else [])], restval="")
            writer.writeheader()
            writer.writerows(rows)
        assert cli("report", copied).status == 0
        return Page(copied / "report.html").words

    assert "No file, group or near duplicate lies in another part as well" in said()  # of the scored pictures
    by_part["test"]["sha256"] = by_part["train"]["sha256"]
    assert "1 files lie in another part, too" in said()
    for part in ("train", "test"):
        by_part[part]["group"] = "patient 1"
    assert "1 groups are divided" in said()


def test_a_pipe_is_told_and_keeps_nobody_waiting(cli: Callable, copied: Path) -> None:
    (copied / "layers.csv").unlink()
    os.mkfifo(copied / "layers.csv")
    assert cli("report", copied).status == 0
    assert "layers.csv` can&#39;t be read: not a plain file, but a pipe" in (copied / "report.html").read_text()


def test_the_page_without_its_extra_says_how_to_install_it(cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = cli("ui", "--no-browser")
    assert (done.status, done.out) == (2, "")
    assert done.err.strip() == "`kerasvgg ui` needs starlette, uvicorn, psutil: pip install 'kerasvgg[ui]'"
