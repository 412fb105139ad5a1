"""Pages that are one file and load nothing: templates that escape all they are given, and a policy that holds them to
it. Style and script are allowed by their hashes, pictures as data addresses, and nothing else.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version as importlib_version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kerasvgg.evaluation.predictions import NO_CLASS

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = "kerasvgg.report", "templates"
FRAME, STYLE, SCRIPT = "page.html", "report.css", "report.js"
DIGITS = 1000  # pictures from which on a share has two digits


def render(template: str, **given: Any) -> str:
    """Returns a page made of a template and what it is given."""
    css, js = source(STYLE), source(SCRIPT)
    return (
        environment()
        .get_template(template)
        .render(base=FRAME, css=_trusted(css), js=_trusted(js), policy=policy(), **given)
    )


@cache
def environment() -> "Environment":
    """Returns Jinja's environment of the templates, which escapes whatever is not marked as safe."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(loader=PackageLoader(*TEMPLATES), autoescape=True, undefined=StrictUndefined)
    made.filters |= {"percent": percent, "interval": interval, "short": short}
    made.globals |= {"no_class": NO_CLASS, "version": importlib_version("kerasvgg")}
    return made


@cache
def source(name: str) -> str:
    """Returns the text of a style sheet or a script that comes with kerasvgg."""
    return files(TEMPLATES[0]).joinpath(TEMPLATES[1], name).read_text(encoding="utf-8")


def policy() -> str:
    """Returns the Content-Security-Policy of a page that is one file."""
    style, script = (policy_hash(source(name)) for name in (STYLE, SCRIPT))
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def percent(share: float | None, n: int = 0) -> str:
    """Returns a share in percent, with a second digit where n pictures are many."""
    return "" if share is None else f"{100 * share:.{2 if n > DIGITS else 1}f} %"


def interval(bounds: Sequence[float], n: int = 0) -> str:
    """Returns an interval of shares in percent."""
    low, high = (f"{100 * bound:.{2 if n > DIGITS else 1}f}" for bound in bounds)
    return f"{low} to {high} %"


def short(cell: str) -> str:
    """Returns a number of a table with four digits, and other text as it is."""
    try:
        return cell if cell.lstrip("-").isdigit() else f"{float(cell):.4g}"
    except ValueError:
        return cell


def policy_hash(text: str) -> str:
    """Returns how a Content-Security-Policy names a style sheet or a script that it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _trusted(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)
