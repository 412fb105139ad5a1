"""Transfer learning on Keras 3: from a folder of pictures to a model you can trust.

    import kerasvgg
    kerasvgg.run("pets.yaml")             what `kerasvgg run` does; so do the other functions here
    from kerasvgg.recipes import fine_tuning

Nothing heavy is imported before a function is asked for. The folders follow the data's way, and import only what stands
before them: files, process; data; backbones; modelfile; models; features; evaluation; selection; plots; quality;
training; config; runs; recipes. cli stands on top; visualise and matconvnet beside runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasvgg.export.export import export_model
    from kerasvgg.modelfile.inspect import inspect
    from kerasvgg.runs.api import check, compare, evaluate, open_model, predict, run, split, upgrade
    from kerasvgg.runs.trained import Trained

__version__ = "0.1.0"
__all__ = [
    "Trained",
    "__version__",
    "check",
    "compare",
    "evaluate",
    "export_model",
    "inspect",
    "open_model",
    "predict",
    "run",
    "split",
    "upgrade",
]
_ELSEWHERE = {
    "export_model": "kerasvgg.export.export",
    "inspect": "kerasvgg.modelfile.inspect",
    "Trained": "kerasvgg.runs.trained",
}


def __getattr__(name: str) -> Any:
    """Finds what takes time to import when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "kerasvgg.runs.api")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
