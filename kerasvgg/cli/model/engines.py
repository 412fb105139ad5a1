"""kerasvgg engines"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.engines.memory import Measured


def engines(
    forget: Annotated[bool, typer.Option("--forget", help="Forget what was measured: it is measured again.")] = False,
) -> None:
    """Show what can compute frozen layers and predictions here, what was measured, and what was chosen."""
    from kerasvgg.cli.tables import print_table
    from kerasvgg.engines.choice import MEASURE_FROM
    from kerasvgg.engines.engine import ENGINES, WHAT
    from kerasvgg.engines.memory import everything, machine, versions
    from kerasvgg.engines.memory import forget as forget_all

    if forget:
        typer.echo(f"forgotten: {forget_all()} measurements")
    there = versions()
    print_table(("engine", "what it is", "version"), [(name, WHAT[name], there[name]) for name in ENGINES])
    typer.echo(f"this machine: {machine()}")
    known = [one for (where, _), one in everything().items() if where == machine()]
    if not known:
        typer.echo(f"nothing was measured here yet: the first run with at least {MEASURE_FROM} pictures does")
        return
    columns = ("network", "chosen", *(f"{name}, pictures/s" for name in ENGINES), "difference from graph")
    print_table(columns, map(_row, known), right=columns[2:5])
    for line in _refused(known):
        typer.echo(line)


def _row(one: "Measured") -> tuple[str, ...]:
    from kerasvgg.engines.engine import ENGINES

    rates = (f"{one.rates[name]:.1f}" if name in one.rates else "" for name in ENGINES)
    differences = ", ".join(f"{name} {far:.1g}" for name, far in one.differences.items())
    return one.network, one.engine, *rates, differences


def _refused(known: "list[Measured]") -> Iterator[str]:
    from kerasvgg.files.text import escape

    for one in known:
        for engine, reason in one.refused.items():
            yield escape(f"{engine} is not taken for {one.network}: {reason}")
