"""What editors show of the recipes is what their options' declarations say."""

from tools.recipe_stubs import PLACE, text


def test_the_stub_is_up_to_date() -> None:
    assert PLACE.read_text(encoding="utf-8") == text(), "run: python -m tools.recipe_stubs"
