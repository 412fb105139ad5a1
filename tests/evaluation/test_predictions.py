import csv

import numpy as np
import pytest

from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction, read_predictions, write_predictions

ODD = ("a, b", 'the "dog"', "Grüße", "猫", "p:q", " padded ", "two\nlines", "a\rreturn", "\r\n", "", "'", "=1+1", "🐶")


@pytest.mark.parametrize("name", ODD)
def test_odd_class_names_and_paths_come_back_as_they_were(tmp_path, name):
    names = (name, "other")
    written = [
        Prediction(f"pictures/{name}/1.jpg", name, "other", (0.25, 0.75)),
        Prediction(name, "", name, (1.0, 0.0)),
    ]
    write_predictions(tmp_path / "predictions.csv", names, written)
    assert read_predictions(tmp_path / "predictions.csv") == (names, written)


def test_every_float32_comes_back_exactly(tmp_path):
    draw = np.random.default_rng(0)
    bits = draw.integers(0, np.float32(1).view(np.uint32), 30_000, dtype=np.uint32)  # all of them lie in 0..1
    edges = [0, 1, np.nextafter(0, 1, dtype=np.float32), np.nextafter(1, 0, dtype=np.float32), 1 / 3, 0.1]
    shares = np.concatenate([bits.view(np.float32), np.array(edges, np.float32)]).reshape(-1, 3)
    written = [Prediction(str(i), "a", "b", tuple(map(float, row))) for i, row in enumerate(shares)]
    write_predictions(tmp_path / "predictions.csv", ("a", "b", "c"), written)
    _, read = read_predictions(tmp_path / "predictions.csv")
    assert (np.array([one.probabilities for one in read], np.float32) == shares).all()


def test_a_spreadsheet_reads_one_line_per_picture(tmp_path):
    write_predictions(tmp_path / "p.csv", ("cat", "dog"), [Prediction("1.jpg", "cat", "dog", (0.25, 0.75))])
    assert (tmp_path / "p.csv").read_bytes() == b"path,true,predicted,p:cat,p:dog\n1.jpg,cat,dog,0.25,0.75\n"


def test_no_predictions_are_a_file_with_a_header(tmp_path):
    write_predictions(tmp_path / "p.csv", ("cat", "dog"), [])
    assert read_predictions(tmp_path / "p.csv") == (("cat", "dog"), [])


def test_a_failure_half_way_leaves_the_old_file(tmp_path):
    def breaking():
        yield Prediction("1.jpg", "cat", "dog", (0.25, 0.75))
        raise DataError("no picture")

    (tmp_path / "p.csv").write_text("old")
    with pytest.raises(DataError, match="no picture"):
        write_predictions(tmp_path / "p.csv", ("cat", "dog"), breaking())
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("p.csv", "old")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"path,class,split,sha256\n1.jpg,cat,train,00\n",
        b"phase,epoch,loss\nhead,1,0.5\n",
        b"path,true,predicted,p:cat,p:dog\n1.jpg,cat,dog,0.25\n",
        b"path,true,predicted,p:cat,p:dog\n1.jpg,cat,dog,0.25,0.5,0.25\n",
        b"path,true,predicted,p:cat,p:dog\n1.jpg,cat,dog,0.25,much\n",
        b"path,true,predicted,cat,dog\n1.jpg,cat,dog,0.25,0.75\n",
        b"file,label,guess,p:cat,p:dog\n1.jpg,cat,dog,0.25,0.75\n",
        b"path,true,predicted\n1.jpg,cat,dog\n",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
    ],
)
def test_a_foreign_or_damaged_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "foreign.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"foreign\.csv"):
        read_predictions(tmp_path / "foreign.csv")


def test_the_refusal_says_which_columns_it_wants_and_which_it_got(tmp_path):
    rows = [["path", "class", "split"], ["1.jpg", "cat", "train"]]
    with (tmp_path / "split.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(DataError, match=r"path, true, predicted, p:CLASS .*received path, class, split"):
        read_predictions(tmp_path / "split.csv")
