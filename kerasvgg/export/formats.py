"""The formats that models are exported in."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from kerasvgg.errors import ConfigError, did_you_mean

ONNX = ("tf2onnx", "onnx", "onnxruntime")  # to write it, to change it, and to run it


@dataclass(frozen=True)
class Format:
    """`file` is what is written, a folder where it has no suffix; `companions` are suffixes of files that go with it.

    `needs` are modules beside those of kerasvgg itself. `is_onnx`: it is the ONNX file, `by_onnx`: it is made of that;
    `is_page`: it is for browsers.
    """

    name: str
    file: str
    needs: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    is_onnx: bool = False
    by_onnx: bool = False
    has_int8: bool = True
    is_page: bool = False

    @property
    def takes_onnx(self) -> bool:
        """Tells whether it is the ONNX file, or made of it."""
        return self.is_onnx or self.by_onnx

    def file_name(self, is_int8: bool) -> str:
        """Returns what the file is called."""
        return self.file.replace(".", ".int8.") if is_int8 else self.file


FORMATS = {
    one.name: one
    for one in (
        Format("onnx", "model.onnx", ONNX, is_onnx=True),
        Format("litert", "model.tflite", ("ai_edge_litert",)),
        Format("openvino", "model.xml", (*ONNX, "openvino"), companions=(".bin",), by_onnx=True),
        Format("web", "model.html", ONNX, by_onnx=True, is_page=True),
        Format("savedmodel", "saved_model", has_int8=False),
    )
}


def formats(names: Sequence[str], int8: bool) -> list[Format]:
    """Returns the formats that are asked for, in the order of the table.

    Raises ConfigError for one that there is not, for none, and where what one needs is not installed.
    """
    for name in names:
        if name not in FORMATS:
            question = did_you_mean(name, FORMATS)
            raise ConfigError(
                f"`--to` must be among {', '.join(FORMATS)}, with commas between, received {name!r}{question}"
            )
    asked = [FORMATS[name] for name in FORMATS if name in names]
    if not asked:
        raise ConfigError(f"`--to` must name at least one of {', '.join(FORMATS)}, received none")
    if int8 and not any(one.has_int8 for one in asked):
        able = ", ".join(one.name for one in FORMATS.values() if one.has_int8)
        raise ConfigError(f"`--int8` must go together with one of {able}, received {', '.join(names)}")
    needs = dict.fromkeys(module for one in asked for module in (*one.needs, *(ONNX if int8 else ())))
    if lacking := [module for module in needs if find_spec(module) is None]:
        raise ConfigError(f"an export needs {', '.join(lacking)}, not installed: `pip install 'kerasvgg[export]'`")
    return asked
