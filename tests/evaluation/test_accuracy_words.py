import pytest

from kerasvgg.errors import DataError
from kerasvgg.evaluation.metrics import metrics, most_confused
from kerasvgg.evaluation.mistakes import worst_mistakes
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.statistics import accuracy_words


def test_an_accuracy_is_said_with_its_interval_and_what_it_is_of():
    assert accuracy_words(986, 1000) == "98.6 % (97.7 to 99.2), n 1,000"
    assert accuracy_words(0, 3) == "0.0 % (0.0 to 56.1), n 3"
    assert accuracy_words(12_345, 12_500) == "98.76 % (98.55 to 98.94), n 12,500"


def test_the_most_confused_pairs_come_first_equal_counts_by_share():
    confusion = [[90, 7, 3], [7, 13, 0], [1, 0, 0]]
    assert [(one["true"], one["predicted"], one["count"]) for one in most_confused("abc", confusion)] == [
        ("b", "a", 7), ("a", "b", 7), ("a", "c", 3), ("c", "a", 1),
    ]  # fmt: skip
    assert most_confused("abc", confusion)[0]["share"] == 7 / 20
    assert len(most_confused("abc", confusion, most=2)) == 2
    assert most_confused("ab", [[3, 0], [0, 0]]) == []


def test_the_worst_mistakes_are_the_most_confident():
    def one(path, true, share):
        return Prediction(path, true, "a", (share, 1 - share))

    predictions = [one("1", "b", 0.6), one("2", "a", 0.99), one("3", "b", 0.9), one("4", "", 0.95)]
    assert [mistake.path for mistake in worst_mistakes(predictions)] == ["3", "1"]
    assert [mistake.path for mistake in worst_mistakes(predictions, 1)] == ["3"]


def test_rates_are_shares_of_the_row_and_recalls_have_intervals():
    predictions = [
        Prediction("1", "a", "a", (1, 0, 0)),
        Prediction("2", "a", "b", (0.4, 0.6, 0)),
        Prediction("3", "b", "b", (0.4, 0.6, 0)),
    ]
    figures = metrics("abc", predictions)
    assert figures["confusion_rates"] == [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 0]]
    assert figures["per_class"]["a"]["recall_interval_95"] == pytest.approx((0.0945312, 0.9054688), abs=1e-6)
    assert figures["per_class"]["c"]["recall_interval_95"] is None


def test_figures_of_nothing_are_refused():
    with pytest.raises(DataError, match="at least one picture"):
        metrics("ab", [])
