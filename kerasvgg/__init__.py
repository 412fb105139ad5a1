"""Transfer learning with VGG16 on Keras 3: from a folder of pictures to a model you can trust."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasvgg.modelfile.inspect import inspect

__all__ = ["__version__", "inspect"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Finds what takes time to import when it is first asked for."""
    if name == "inspect":
        from kerasvgg.modelfile.inspect import inspect

        return inspect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
