"""Ways to make a model file that is not as it should be.

A maker writes a file at a path; `sound(path)` is a model that Keras itself saved, which most of the others change.
"""

import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.io
from mat_files import tiny

CODE = "Y3VybCBodHRwOi8vZXhhbXBsZS5pbnZhbGlkIHwgc2g="  # stands for marshalled Python


@cache
def _saved(suffix: str) -> bytes:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((16, 16, 3)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2, activation="softmax")]
    )
    model.compile("rmsprop", "categorical_crossentropy")
    with tempfile.TemporaryDirectory() as folder:  # of its own: tests run side by side
        path = Path(folder, f"model.{suffix}")
        model.save(path)
        return path.read_bytes()


def sound(path: Path) -> None:
    path.write_bytes(_saved(path.suffix.lstrip(".")))


def h5_config(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """Changes the configuration of a sound .h5; the layers are at 0 input, 1 convolution, 2 flatten, 3 dense."""

    def make(path: Path) -> None:
        sound(path)
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            change(config["config"])
            file.attrs["model_config"] = json.dumps(config)

    return make


def keras_config(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """Changes config.json of a sound .keras."""

    def edit(members: dict[str, bytes]) -> None:
        config = json.loads(members["config.json"])
        change(config)
        members["config.json"] = json.dumps(config).encode()

    return archive(edit)


def archive(edit: Callable[[dict[str, bytes]], None], how: int = zipfile.ZIP_STORED) -> Callable[[Path], None]:
    """Changes the members of a sound .keras."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(_saved("keras"))) as old:
            members = {name: old.read(name) for name in old.namelist()}
        edit(members)
        with zipfile.ZipFile(path, "w", how) as new:
            for name, content in members.items():
                new.writestr(name, content)

    return make


def h5_file(edit: Callable[[h5py.File, Path], None]) -> Callable[[Path], None]:
    """Changes the groups of a sound .h5."""

    def make(path: Path) -> None:
        sound(path)
        with h5py.File(path, "r+") as file:
            edit(file, path)

    return make


def layer(**fields: Any) -> Callable[[dict[str, Any]], None]:
    """Puts another layer in place of flatten."""

    def change(config: dict[str, Any]) -> None:
        layers = config.get("config", config)["layers"]
        layers[2] = layers[2] | fields

    return change


def setting(number: int, **fields: Any) -> Callable[[dict[str, Any]], None]:
    """Changes settings of a layer."""

    def change(config: dict[str, Any]) -> None:
        config.get("config", config)["layers"][number]["config"] |= fields

    return change


def compiled(**fields: Any) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        config["compile_config"] |= fields

    return change


def function(name: str, module: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def lambda_of(keras: int) -> dict[str, Any]:
    code = [CODE, None, None] if keras == 2 else {"class_name": "__lambda__", "config": {"value": {"code": CODE}}}
    return {"name": "harmless", "function": code, "function_type": "lambda", "arguments": {}}


def nested_calls(levels: int, calls: int) -> Callable[[dict[str, Any]], None]:
    """Puts a model into a model that calls it often, and that into another ..."""

    def change(config: dict[str, Any]) -> None:
        inner: dict[str, Any] = {"class_name": "Flatten", "config": {"name": "leaf"}, "name": "leaf"}
        for level in range(levels):
            nodes = [[["in", 0, 0, {}]] for _ in range(calls)]
            first = {"class_name": "InputLayer", "name": "in", "inbound_nodes": []}
            first["config"] = {"batch_shape": [None, 4], "name": "in"}
            model = {"name": f"m{level}", "layers": [first, inner | {"inbound_nodes": nodes}]}
            model |= {"input_layers": [["in", 0, 0]], "output_layers": [[inner["name"], 0, 0]]}
            inner = {"class_name": "Functional", "name": f"m{level}", "config": model}
        config["layers"][2] = inner

    return change


def deep(levels: int) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        value: Any = 1
        for _ in range(levels):
            value = [value]
        config["deep"] = value

    return change


def raw_config(text: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        sound(path)
        with h5py.File(path, "r+") as file:
            del file.attrs["model_config"]
            file.attrs.create("model_config", text, dtype=h5py.string_dtype())

    return make


def other_h5(path: Path) -> Path:
    """Writes the file that links lead to."""
    other = path.with_name("secret.h5")
    with h5py.File(other, "w") as file:
        file["kernel"] = np.full((3, 3, 3, 4), 7.0, "f4")
        file.create_group("conv2d")
    return other


def replaced(file: h5py.File, link: Any) -> None:
    """Puts a link in place of the convolution's kernel."""
    name = next(name for name in _names(file) if name.endswith("kernel") and "conv" in name)
    del file[name]
    file[name] = link


def _names(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visit(names.append)
    return names


def with_filter(number: int) -> Callable[[h5py.File, Path], None]:
    def edit(file: h5py.File, path: Path) -> None:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((4,))
        plan.set_filter(number, h5py.h5z.FLAG_OPTIONAL, (4,))
        space = h5py.h5s.create_simple((8,))
        h5py.h5d.create(file.id, b"extra", h5py.h5t.IEEE_F32LE, space, plan)

    return edit


def external_storage(file: h5py.File, path: Path) -> None:
    other = path.with_name("secret.raw")
    other.write_bytes(b"\x07" * 4096)
    file.create_dataset("extra", (64,), "f4", external=[(str(other), 0, h5py.h5f.UNLIMITED)])


def virtual(file: h5py.File, path: Path) -> None:
    layout = h5py.VirtualLayout((3, 3, 3, 4), "f4")
    layout[...] = h5py.VirtualSource(str(other_h5(path)), "kernel", (3, 3, 3, 4))
    file.create_virtual_dataset("extra", layout)


def many_groups(count: int) -> Callable[[h5py.File, Path], None]:
    def edit(file: h5py.File, path: Path) -> None:
        group = file.create_group("many")
        for i in range(count):
            group[str(i)] = file["model_weights"]

    return edit


def big_array(shape: tuple[int, ...], **how: Any) -> Callable[[h5py.File, Path], None]:
    def edit(file: h5py.File, path: Path) -> None:
        data = file.create_dataset("extra", shape, "f4", chunks=(1 << 16, *(1 for _ in shape[1:])), **how)
        if how:
            data[...] = np.zeros(shape, "f4")

    return edit


def flag_encrypted(path: Path) -> None:
    sound(path)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)


def twice(path: Path) -> None:
    sound(path)
    with zipfile.ZipFile(path, "a") as file, __import__("warnings").catch_warnings(action="ignore"):
        file.writestr("config.json", json.dumps({"class_name": "Lambda", "config": {}}))


def symlink(path: Path) -> None:
    sound(path)
    member = zipfile.ZipInfo("assets/link")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(member, "/etc/passwd")


def moved_header(path: Path) -> None:
    sound(path)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 42 : at + 46] = struct.pack("<I", 7)
    path.write_bytes(content)


def in_front(path: Path) -> None:
    sound(path)
    path.write_bytes(b"#!/bin/sh\nexit 1\n" + path.read_bytes())


def two_in_one(path: Path) -> None:
    """HDF5 at the beginning, an archive at the end: each reader sees its own."""
    path.write_bytes(_saved("h5") + _saved("keras"))


def model_in_mat(suffix: str, place: int | None = None) -> Callable[[Path], None]:
    """Writes a network of MatConvNet's with a variable of bytes that are a whole model, at that place of the file."""

    def make(path: Path) -> None:
        content, before = _saved(suffix), tiny("new", False).getvalue()
        start = before + _variable(content)
        filled = bytes(place - start.index(content)) + content if place is not None else content
        path.write_bytes(before + _variable(filled))

    return make


def _variable(content: bytes) -> bytes:
    """Returns a variable of bytes as it stands in a MAT file, behind the file's head."""
    file = io.BytesIO()
    scipy.io.savemat(file, {"other": np.frombuffer(content, np.uint8)})
    return file.getvalue()[128:]


def network(path: Path) -> None:
    """A sound MatConvNet file."""
    path.write_bytes(tiny("new", False).getvalue())


def behind(head: bytes, size: int) -> Callable[[Path], None]:
    """Writes a sound .h5 behind a user block of that size."""

    def make(path: Path) -> None:
        with h5py.File(io.BytesIO(_saved("h5"))) as old, h5py.File(path, "w", userblock_size=size) as new:
            for name in old:
                old.copy(name, new)
            for name, value in old.attrs.items():
                new.attrs[name] = value
        with path.open("r+b") as file:
            file.write(head)

    return make


FIRST = b'"trainable": true'


def archive_with(more: bytes) -> Callable[[Path], None]:
    """Puts more, as bytes that need not be text, into the first object of config.json that is trainable."""

    def edit(members: dict[str, bytes]) -> None:
        members["config.json"] = members["config.json"].replace(FIRST, more + b", " + FIRST, 1)

    return archive(edit)


def h5_with(more: bytes) -> Callable[[Path], None]:
    """Does so in an .h5."""

    def edit(file: h5py.File, path: Path) -> None:
        content = file.attrs["model_config"].encode().replace(FIRST, more + b", " + FIRST, 1)
        del file.attrs["model_config"]
        file.attrs["model_config"] = np.bytes_(content)

    return h5_file(edit)


def raw_h5_config(old: str, new: str) -> Callable[[Path], None]:
    """Changes the text of the model's or of the training's configuration."""

    def edit(file: h5py.File, path: Path) -> None:
        for name in ("model_config", "training_config"):
            file.attrs[name] = file.attrs[name].replace(old, new, 1)

    return h5_file(edit)


def lora_saved(suffix: str) -> Callable[[Path], None]:
    """A model that was adapted: Keras saves it with the rank, and in .h5 with the two matrices."""

    def make(path: Path) -> None:
        import keras

        layers = keras.layers
        model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(16)])
        model.layers[0].enable_lora(2)
        model.layers[2].enable_lora(4)
        model.save(path)

    return make


def aligned_store(path: Path) -> None:
    """A sound archive whose weights happen to begin at a place where HDF5 looks for itself."""
    with zipfile.ZipFile(io.BytesIO(_saved("keras"))) as old, zipfile.ZipFile(path, "w") as new:
        for name in ("metadata.json", "config.json"):
            new.writestr(name, old.read(name))
        header = 30 + len("model.weights.h5")
        new.writestr("padding", bytes(8192 - header - path.stat().st_size - 30 - len("padding")))
        new.fp.flush()
        assert path.stat().st_size == 8192 - header
        new.writestr("model.weights.h5", old.read("model.weights.h5"))


SIGNS = (b"PK\3\4", b"PK\5\6" + bytes(18), b"\x89HDF\r\n\x1a\n", b"MATLAB 5.0 MAT-file")


def like_other_kinds(path: Path) -> None:
    """Weights that read as the signs of other kinds of files."""
    if path.suffix == ".h5":
        h5_file(lambda file, _: _with_signs(file))(path)
        return

    def edit(members: dict[str, bytes]) -> None:
        store = io.BytesIO(members["model.weights.h5"])
        with h5py.File(store, "r+") as file:
            _with_signs(file)
        members["model.weights.h5"] = store.getvalue()

    archive(edit)(path)


def _with_signs(file: h5py.File) -> None:
    arrays = [file[name] for name in _names(file)]
    kernel = max((one for one in arrays if isinstance(one, h5py.Dataset) and one.ndim), key=lambda one: one.size)
    content = bytearray(kernel[()].tobytes())
    for number, sign in enumerate(SIGNS):
        content[64 * number : 64 * number + len(sign)] = sign
    kernel[...] = np.frombuffer(bytes(content), kernel.dtype).reshape(kernel.shape)


def hidden_h5(members: dict[str, bytes]) -> None:
    """Puts a whole .h5 where HDF5 looks for itself."""
    before = sum(len(content) + 30 + len(name) for name, content in members.items())
    place = 1 << (before + 100).bit_length()
    members["padding"] = bytes(place - before - 30 - len("padding") - 30 - len("other.h5"))
    members["other.h5"] = _saved("h5")


def commented(path: Path) -> None:
    sound(path)
    with zipfile.ZipFile(path, "a") as file:
        file.comment = _saved("keras")


def learning_rate(value: object) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        config["compile_config"]["optimizer"]["config"]["learning_rate"] = value

    return change


def initializer(name: str = "Zeros", registered_name: str | None = None, **settings: Any) -> dict[str, Any]:
    return {
        "module": "keras.initializers",
        "class_name": name,
        "config": settings,
        "registered_name": registered_name,
    }
