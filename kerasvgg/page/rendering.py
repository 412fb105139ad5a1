"""Pages of the server: the report's templates, within a frame that has links."""

from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from kerasvgg.report import page as report_page

if TYPE_CHECKING:
    from jinja2 import Environment

FRAME = "frame.html"


@cache
def _environment() -> "Environment":
    from jinja2 import ChoiceLoader, PackageLoader

    loaders = [PackageLoader("kerasvgg.page"), PackageLoader(*report_page.TEMPLATES)]
    return report_page.environment().overlay(loader=ChoiceLoader(loaders))


def render(template: str, status: int = 200, **given: Any) -> HTMLResponse:
    """Returns a page made of a template and what it is given, all of which is escaped."""
    return HTMLResponse(_environment().get_template(template).render(base=FRAME, **given), status)
