"""How many pictures each part of a split is to get, and what may not be asked for."""

from collections.abc import Sequence

from kerasvgg.data.folder.grouped_split import Amount
from kerasvgg.data.folder.scan import Source
from kerasvgg.errors import DataError

Amounts = dict[str, Amount]


def check_asked(
    found: Source,
    amounts: Amounts,
    classes: Sequence[str] | None,
    leave_out_last: int,
    *,
    folds: bool,
    earlier: bool,
    together: bool,
) -> None:
    """Raises DataError for what does not fit together, or not to what was found."""
    _check_amounts(amounts)
    _check_layout(found, amounts, folds, earlier)
    if found.multi_label:
        _check_multi_label(amounts, leave_out_last, classes)
    if together and not folds and not any(amounts.values()):
        raise DataError(f"`keep_together` must have something to divide; `{found.root}` is split already")


def _check_amounts(amounts: Amounts) -> None:
    """Raises DataError for amounts that do not fit together."""
    given = {name: amount for name, amount in amounts.items() if amount is not None}
    counts = all(type(amount) is int and amount >= 1 for amount in given.values())
    fractions = all(isinstance(amount, float) and 0 < amount < 1 for amount in given.values())
    allowed = (counts and (not given or "train" in given)) or (fractions and sum(given.values()) <= 1 + 1e-9)
    if not allowed or (given and "validation" not in given):
        raise DataError(
            "`train`, `validation`, `test` must be whole numbers of at least 1 (pictures per class), or fractions "
            "between 0 and 1 that add up to at most 1 (`train` may then be left out); `validation` is needed; "
            f"received {', '.join(f'{name}={amount}' for name, amount in given.items())}"
        )


def _check_layout(found: Source, amounts: Amounts, folds: bool, earlier: bool) -> None:
    """Raises DataError where what was found is divided already and is to be divided again, or is not and should be."""
    if earlier and found.is_split:
        raise DataError(f"`{found.root}` is split already and keeps its split: no earlier one can say the parts")
    asked = [name for name, amount in amounts.items() if amount]
    if folds:
        if found.is_split:
            raise DataError(f"`{found.root}` is split already and keeps its split: ask for no folds")
        return
    if found.is_split and any(file.split == "validation" for file in found.files):
        if asked:
            raise DataError(f"`{found.root}` is split already and keeps its split: give no amounts for it")
    elif found.is_split and not (asked == ["validation"] and isinstance(amounts["validation"], float)):
        raise DataError(
            f"`{found.root}` has train and test, no validation: give `validation` alone, a fraction of train"
        )
    elif not asked:
        raise DataError(f"`{found.root}` is not split: say how many pictures `train`, `validation`, `test` take")


def _check_multi_label(amounts: Amounts, leave_out_last: int, classes: Sequence[str] | None) -> None:
    """Raises DataError for what has no meaning where pictures have several classes."""
    if any(isinstance(amount, int) for amount in amounts.values()):
        raise DataError(
            "`train`, `validation`, `test` must be fractions where pictures have several classes, received whole "
            "numbers, which are pictures per class"
        )
    if leave_out_last or classes:
        name, received = ("leave_out_last", leave_out_last) if leave_out_last else ("classes", ", ".join(classes or ()))
        raise DataError(f"`{name}` must be left out where pictures have several classes, received {received}")


def proportions(amounts: Amounts) -> Amounts:
    """Returns whole numbers as the fractions that they are of their sum."""
    if any(isinstance(amount, float) for amount in amounts.values()):
        return amounts
    total = sum(amount or 0 for amount in amounts.values())
    return {name: amount / total if amount else None for name, amount in amounts.items()}
