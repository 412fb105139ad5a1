"""Model files that would do harm, each beside a near miss that does none."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import h5py
from hostile_makers import (
    CODE,
    aligned_store,
    archive,
    archive_with,
    behind,
    big_array,
    commented,
    compiled,
    deep,
    external_storage,
    flag_encrypted,
    function,
    h5_config,
    h5_file,
    h5_with,
    hidden_h5,
    in_front,
    initializer,
    keras_config,
    lambda_of,
    layer,
    learning_rate,
    like_other_kinds,
    lora_saved,
    many_groups,
    model_in_mat,
    moved_header,
    nested_calls,
    network,
    other_h5,
    raw_config,
    raw_h5_config,
    replaced,
    setting,
    sound,
    symlink,
    twice,
    two_in_one,
    virtual,
    with_filter,
)

SAFE, UPGRADE, REFUSED = "safe to open", "opens only after upgrade", "do not open"
UNREAD = "could not be read to the end"


class Case(NamedTuple):
    name: str
    make: Callable[[Path], None]
    verdict: str
    suffix: str


VOCABULARY = ["cat", "dog"]
ASSETS = {"assets/words.txt": b"cat"}
DANGERS: tuple[tuple[str, str, Callable[[Path], None], Callable[[Path], None], str], ...] = (
    # name, suffix, the danger, its near miss, the near miss's verdict (the danger is refused)
    (
        "lambda of Keras 2",
        "h5",
        h5_config(layer(class_name="Lambda", config=lambda_of(2))),
        h5_config(setting(2, name="lambda")),
        SAFE,
    ),
    (
        "lambda of Keras 3",
        "keras",
        keras_config(layer(class_name="Lambda", config=lambda_of(3))),
        keras_config(setting(2, name="Lambda")),
        SAFE,
    ),
    (
        "lambda as activation",
        "keras",
        keras_config(setting(1, activation={"class_name": "__lambda__", "config": {"value": CODE}})),
        keras_config(setting(1, activation="tanh")),
        SAFE,
    ),
    (
        "lambda deep inside",
        "keras",
        keras_config(setting(2, extra=[{"a": {"class_name": "Lambda", "config": {}}}])),
        keras_config(
            setting(
                1,
                kernel_constraint={
                    "class_name": "NonNeg",
                    "config": {},
                    "module": "keras.constraints",
                    "registered_name": None,
                },
            )
        ),
        SAFE,
    ),
    (
        "a wrapped lambda",
        "h5",
        h5_config(
            layer(
                class_name="TimeDistributed",
                config={"name": "t", "layer": {"class_name": "Lambda", "config": lambda_of(2)}},
            )
        ),
        h5_config(layer(class_name="Dropout", config={"name": "t", "rate": 0.1})),
        UNREAD,
    ),
    (
        "a nested lambda",
        "h5",
        h5_config(
            layer(
                class_name="Sequential",
                config={"name": "s", "layers": [{"class_name": "Lambda", "config": lambda_of(2)}]},
            )
        ),
        h5_config(
            layer(
                class_name="Sequential",
                config={
                    "name": "s",
                    "layers": [
                        {"class_name": "InputLayer", "config": {"batch_shape": [None, 14, 14, 4], "name": "i"}},
                        {"class_name": "Flatten", "config": {"name": "f"}},
                    ],
                },
            )
        ),
        SAFE,
    ),
    (
        "a function that downloads",
        "keras",
        keras_config(setting(1, activation=function("get_file", "keras.utils"))),
        keras_config(setting(1, activation=function("relu", "builtins"))),
        SAFE,
    ),
    (
        "a function of the system",
        "keras",
        keras_config(setting(1, activation=function("system", "os"))),
        keras_config(setting(1, activation=function("gelu", "keras.activations"))),
        SAFE,
    ),
    (
        "a function that loads",
        "keras",
        keras_config(setting(1, activation=function("load_model", "keras.models"))),
        keras_config(setting(1, activation=function("softmax", "builtins"))),
        SAFE,
    ),
    (
        "a class of the system",
        "keras",
        keras_config(layer(module="subprocess", class_name="Popen", registered_name=None)),
        keras_config(layer(module="keras.layers", class_name="Flatten", registered_name=None)),
        SAFE,
    ),
    (
        "a class of another module",
        "keras",
        keras_config(layer(module="os", class_name="Flatten")),
        keras_config(layer(module="keras.src.layers.reshaping.flatten")),
        SAFE,
    ),
    (
        "a registered class",
        "keras",
        keras_config(layer(registered_name="evil>Layer")),
        keras_config(layer(registered_name="Flatten")),
        SAFE,
    ),
    ("an unknown class", "h5", h5_config(layer(class_name="Fltten")), h5_config(layer(class_name="Flatten")), SAFE),
    (
        "another saved model",
        "keras",
        keras_config(layer(class_name="TFSMLayer", config={"filepath": "/tmp/x"})),
        keras_config(setting(2, name="TFSMLayer")),
        SAFE,
    ),
    (
        "pickled PyTorch",
        "keras",
        keras_config(layer(class_name="TorchModuleWrapper", config={"module": CODE})),
        keras_config(setting(2, name="TorchModuleWrapper")),
        SAFE,
    ),
    (
        "JAX code",
        "keras",
        keras_config(layer(class_name="JaxLayer", config={"call_fn": CODE})),
        keras_config(setting(2, name="JaxLayer")),
        SAFE,
    ),
    (
        "any type",
        "keras",
        keras_config(setting(2, data_format={"class_name": "__typespec__", "spec_name": "x", "config": []})),
        keras_config(setting(2, data_format="channels_last")),
        SAFE,
    ),
    (
        "a vocabulary from a path",
        "keras",
        keras_config(layer(class_name="StringLookup", config={"name": "l", "vocabulary": "/etc/passwd"})),
        keras_config(layer(class_name="StringLookup", config={"name": "l", "vocabulary": VOCABULARY})),
        SAFE,
    ),
    (
        "text from a path",
        "keras",
        keras_config(layer(class_name="TextVectorization", config={"name": "l", "vocabulary": "/etc/passwd"})),
        keras_config(layer(class_name="TextVectorization", config={"name": "l", "vocabulary": VOCABULARY})),
        SAFE,
    ),
    (
        "numbers from a path",
        "h5",
        h5_config(layer(class_name="IntegerLookup", config={"name": "l", "vocabulary": "/etc/passwd"})),
        h5_config(layer(class_name="IntegerLookup", config={"name": "l", "vocabulary": [1, 2]})),
        SAFE,
    ),
    (
        "a loss that is code",
        "keras",
        keras_config(compiled(loss=function("get_file", "keras.utils"))),
        keras_config(compiled(loss=function("mine", "builtins"))),
        SAFE,
    ),
    (
        "a metric that is code",
        "keras",
        keras_config(compiled(metrics=[function("get_file", "keras.utils")])),
        keras_config(compiled(metrics=["accuracy"])),
        SAFE,
    ),
    (
        "an optimizer with code",
        "keras",
        keras_config(
            compiled(optimizer={"class_name": "Adam", "config": {"a": {"class_name": "Lambda", "config": {}}}})
        ),
        keras_config(compiled(optimizer={"class_name": "Evil", "module": "evil", "config": {}})),
        SAFE,
    ),
    (
        "an initializer of others",
        "keras",
        keras_config(setting(1, kernel_initializer={"module": "evil", "class_name": "Zeros", "config": {}})),
        keras_config(
            setting(1, kernel_initializer={"module": "keras.initializers", "class_name": "Zeros", "config": {}})
        ),
        SAFE,
    ),
    (
        "a model class of others",
        "keras",
        keras_config(lambda config: config.update(class_name="MyModel", module="evil", registered_name="evil>MyModel")),
        keras_config(lambda config: config.update(name="MyModel")),
        SAFE,
    ),
    (
        "a soft link",
        "h5",
        h5_file(lambda file, path: replaced(file, h5py.SoftLink("/kernel"))),
        h5_file(lambda file, path: file.__setitem__("again", file["model_weights"])),
        SAFE,
    ),
    (
        "a link to a file",
        "h5",
        h5_file(lambda file, path: replaced(file, h5py.ExternalLink(str(other_h5(path)), "kernel"))),
        h5_file(lambda file, path: file.create_group("secret.h5")),
        SAFE,
    ),
    (
        "a link of a group to a file",
        "h5",
        h5_file(
            lambda file, path: file.__setitem__("model_weights/extra", h5py.ExternalLink(str(other_h5(path)), "conv2d"))
        ),
        h5_file(lambda file, path: file.create_group("model_weights/extra")),
        SAFE,
    ),
    (
        "a link to a device",
        "h5",
        h5_file(lambda file, path: file.__setitem__("x", h5py.ExternalLink("/dev/zero", "/"))),
        h5_file(lambda file, path: file.attrs.update(x="/dev/zero")),
        SAFE,
    ),
    (
        "numbers in another file",
        "h5",
        h5_file(external_storage),
        h5_file(lambda file, path: file.create_dataset("extra", (64,), "f4")),
        SAFE,
    ),
    (
        "numbers of other files",
        "h5",
        h5_file(virtual),
        h5_file(lambda file, path: file.create_dataset("extra", (3, 3, 3, 4), "f4")),
        SAFE,
    ),
    ("a plugin", "h5", h5_file(with_filter(32015)), h5_file(with_filter(2)), SAFE),
    (
        "another plugin",
        "h5",
        h5_file(with_filter(305)),
        h5_file(lambda file, path: file.create_dataset("extra", (64,), "f4", compression="gzip")),
        SAFE,
    ),
    (
        "a member outside",
        "keras",
        archive(lambda members: members.update({"../evil": b"x"})),
        archive(lambda members: members.update(ASSETS)),
        SAFE,
    ),
    (
        "a member at the root",
        "keras",
        archive(lambda members: members.update({"/etc/cron.d/x": b"x"})),
        archive(lambda members: members.update({"assets/..x": b"x"})),
        SAFE,
    ),
    (
        "a member on a drive",
        "keras",
        archive(lambda members: members.update({"C:\\x": b"x"})),
        archive(lambda members: members.update({"assets/C_x": b"x"})),
        SAFE,
    ),
    (
        "a member that is a link",
        "keras",
        symlink,
        archive(lambda members: members.update({"assets/link": b"/etc/passwd"})),
        SAFE,
    ),
    ("two models in one file", "h5", two_in_one, sound, SAFE),
    ("an archive in a MAT file", "mat", model_in_mat("keras"), network, SAFE),
    ("an archive in a MAT file by another name", "keras", model_in_mat("keras"), like_other_kinds, SAFE),
    ("HDF5 in a MAT file", "mat", model_in_mat("h5", 1 << 16), network, SAFE),
    ("HDF5 in a MAT file by another name", "h5", model_in_mat("h5", 1 << 16), like_other_kinds, SAFE),
    ("HDF5 in an archive", "keras", archive(hidden_h5), aligned_store, SAFE),
    ("a pickle before HDF5", "h5", behind(b"\x80\x04", 512), behind(b"notes", 4 << 20), SAFE),
    (
        "a comment of the archive",
        "keras",
        commented,
        archive(lambda members: members.update({"comment": b"one"})),
        SAFE,
    ),
    (
        "a name that Keras reads otherwise",
        "keras",
        archive_with(b'"\xed\xa0\x80": 1, "\xef\xbf\xbd": 2'),
        archive_with(b'"\xef\xbf\xbd": 1'),
        SAFE,
    ),
    (
        "half a letter by its number",
        "keras",
        archive_with(b'"\\ud800": 1'),
        archive_with(b'"\\ud83d\\ude00": 1'),
        SAFE,
    ),
    (
        "bytes that are no text",
        "h5",
        h5_with(b'"\xed\xa0\x80": 1'),
        h5_with(b'"\xef\xbf\xbd": 1'),
        SAFE,
    ),
    (
        "a value behind another of its name",
        "h5",
        raw_h5_config('"module"', '"module": {"class_name": "TypeSpec", "type_spec": "x"}, "module"'),
        raw_h5_config('"module"', '"module_": {"class": "TypeSpec"}, "module"'),
        SAFE,
    ),
    (
        "an object of any type in the training",
        "h5",
        raw_h5_config('"loss"', '"x": {"class_name": "TypeSpec", "type_spec": "x"}, "loss"'),
        raw_h5_config('"loss"', '"x": {"class": "TypeSpec"}, "loss"'),
        SAFE,
    ),
    (
        "a list for the training",
        "keras",
        keras_config(lambda config: config.update(compile_config=[{"class_name": "Lambda", "config": lambda_of(3)}])),
        keras_config(lambda config: config.update(compile_config=None)),
        SAFE,
    ),
    (
        "a learning rate that downloads",
        "keras",
        keras_config(learning_rate({"class_name": "load_data", "module": "keras.datasets.mnist", "config": {}})),
        keras_config(learning_rate(0.5)),
        SAFE,
    ),
    (
        "a loss that downloads",
        "keras",
        keras_config(compiled(loss=function("get_file", "keras.utils"))),
        keras_config(compiled(loss=function("my_loss", "builtins"))),
        SAFE,
    ),
    (
        "an operation that Keras does not have",
        "keras",
        keras_config(layer(module="keras.ops.numpy", class_name="Deserialize", registered_name=None)),
        keras_config(layer(class_name="Dropout", config={"name": "d", "rate": 0.5, "noise_shape": None})),
        UNREAD,
    ),
    (
        "another registered name",
        "keras",
        keras_config(setting(1, kernel_initializer=initializer(registered_name="Theirs>Zeros"))),
        keras_config(setting(1, kernel_initializer=initializer(registered_name=None))),
        SAFE,
    ),
    (
        "weights of words from a path",
        "h5",
        h5_config(layer(class_name="TextVectorization", config={"name": "t", "idf_weights": "/etc/passwd"})),
        h5_config(layer(class_name="Flatten", config={"name": "t"})),
        SAFE,
    ),
    ("a member twice", "keras", twice, archive(lambda members: members.update({"Config.json": b"{}"})), SAFE),
)
BOMBS: tuple[tuple[str, str, Callable[[Path], None], Callable[[Path], None], str], ...] = (
    ("an adaptation of high rank", "keras", keras_config(setting(3, lora_rank=10**6)), lora_saved("keras"), SAFE),
    (
        "an adaptation of a kernel",
        "keras",
        keras_config(setting(1, lora_rank=10**6)),
        keras_config(setting(1, lora_rank=2)),
        SAFE,
    ),
    ("an adaptation in HDF5", "h5", h5_config(setting(3, lora_rank=10**6)), lora_saved("h5"), SAFE),
    ("many units", "h5", h5_config(setting(3, units=1 << 30)), h5_config(setting(3, units=2)), SAFE),
    ("many filters", "keras", keras_config(setting(1, filters=1 << 30)), keras_config(setting(1, filters=4)), SAFE),
    (
        "a great picture",
        "h5",
        h5_config(setting(0, batch_shape=[None, 100_000, 100_000, 3])),
        h5_config(setting(0, batch_shape=[7, 16, 16, 3])),
        SAFE,
    ),
    (
        "enlarged",
        "h5",
        h5_config(layer(class_name="UpSampling2D", config={"name": "u", "size": [100_000, 100_000]})),
        h5_config(layer(class_name="Reshape", config={"name": "u", "target_shape": [784]})),
        SAFE,
    ),
    (
        "padded",
        "h5",
        h5_config(layer(class_name="ZeroPadding2D", config={"name": "z", "padding": 1_000_000})),
        h5_config(layer(class_name="Reshape", config={"name": "z", "target_shape": [-1]})),
        SAFE,
    ),
    (
        "repeated",
        "h5",
        h5_config(
            lambda config: config["layers"].append(
                {"class_name": "RepeatVector", "config": {"name": "r", "n": 1 << 31}}
            )
        ),
        h5_config(
            lambda config: config["layers"].append({"class_name": "RepeatVector", "config": {"name": "r", "n": 3}})
        ),
        SAFE,
    ),
    ("calls without end", "h5", h5_config(nested_calls(8, 10)), h5_config(nested_calls(2, 2)), UNREAD),
    (
        "many layers",
        "h5",
        h5_config(lambda config: config["layers"].extend([{"class_name": "Dropout", "config": {"rate": 0}}] * 30_000)),
        h5_config(
            lambda config: config["layers"].extend(
                {"class_name": "Dropout", "config": {"rate": 0, "name": f"d{i}"}} for i in range(90)
            )
        ),
        SAFE,
    ),
    ("deep", "h5", h5_config(deep(900)), h5_config(deep(20)), SAFE),
    (
        "deeper than JSON can be",
        "h5",
        raw_config("[" * 500_000),
        raw_config('{"class_name": "Sequential", "config": {"name": "s", "layers": []}}'),
        UNREAD,
    ),
    ("many groups", "h5", h5_file(many_groups(31_000)), h5_file(many_groups(50)), SAFE),
    ("an array that is not there", "h5", h5_file(big_array((1 << 40,))), h5_file(big_array((1 << 17,))), SAFE),
    (
        "a packed array",
        "h5",
        h5_file(big_array((1 << 27,), compression="gzip")),
        h5_file(big_array((1 << 20,), compression="gzip")),
        SAFE,
    ),
    (
        "packed configuration",
        "keras",
        archive(lambda members: members.update({"config.json": b" " * (200 << 20)}), zipfile.ZIP_DEFLATED),
        archive(
            lambda members: members.update({"config.json": members["config.json"] + b" " * 100}), zipfile.ZIP_DEFLATED
        ),
        SAFE,
    ),
    (
        "packed weights",
        "keras",
        archive(
            lambda members: members.update({"model.weights.h5": members["model.weights.h5"] + bytes(200 << 20)}),
            zipfile.ZIP_DEFLATED,
        ),
        archive(lambda members: None, zipfile.ZIP_DEFLATED),
        SAFE,
    ),
    (
        "a packed asset",
        "keras",
        archive(lambda members: members.update({"assets/x": bytes(200 << 20)}), zipfile.ZIP_DEFLATED),
        archive(lambda members: members.update({"assets/x": bytes(1 << 20)}), zipfile.ZIP_DEFLATED),
        SAFE,
    ),
)
# What is broken is no danger, but is never called clean.
BROKEN: tuple[tuple[str, str, Callable[[Path], None]], ...] = (
    ("no JSON", "h5", raw_config("{")),
    ("a number with too many digits", "h5", raw_config('{"config": ' + "9" * 5000 + "}")),
    ("a list for a model", "h5", raw_config("[1, 2]")),
    ("layers that are numbers", "h5", h5_config(lambda config: config.update(layers=[1, 2]))),
    ("no weights", "h5", h5_file(lambda file, path: file.__delitem__("model_weights"))),
    ("fewer weights", "h5", h5_config(setting(3, units=3))),
    (
        "names that are numbers",
        "h5",
        h5_file(lambda file, path: file["model_weights"].attrs.__setitem__("layer_names", [1, 2])),
    ),
    (
        "names of nothing",
        "h5",
        h5_file(lambda file, path: file["model_weights"].attrs.__setitem__("layer_names", ["gone"])),
    ),
    ("an encrypted member", "keras", flag_encrypted),
    ("a member elsewhere", "keras", moved_header),
    ("config.json that is no JSON", "keras", archive(lambda members: members.update({"config.json": b"\xff\xfe"}))),
    ("weights that are no HDF5", "keras", archive(lambda members: members.update({"model.weights.h5": b"PK" * 900}))),
    ("no weights in the archive", "keras", archive(lambda members: members.pop("model.weights.h5") and None)),
    (
        "no number",
        "keras",
        keras_config(setting(1, kernel_initializer=initializer("RandomNormal", stddev=float("nan")))),
    ),
    (
        "words for a shape",
        "keras",
        keras_config(layer(class_name="Dropout", config={"name": "d", "rate": 0.5, "noise_shape": "deserialize"})),
    ),
    ("text for the training", "keras", keras_config(lambda config: config.update(compile_config="rmsprop"))),
    (
        "UTF-16",
        "keras",
        archive(lambda members: members.update({"config.json": members["config.json"].decode().encode("utf-16")})),
    ),
    ("fewer weights in the archive", "keras", keras_config(setting(3, units=3))),
)


def cases() -> list[Case]:
    found = [Case("a sound model", sound, SAFE, "h5"), Case("a sound archive", sound, SAFE, "keras")]
    found.append(Case("a script in front of an archive", in_front, REFUSED, "keras"))
    for name, suffix, danger, near, verdict in (*DANGERS, *BOMBS):
        found += [Case(name, danger, REFUSED, suffix), Case(f"near miss of {name}", near, verdict, suffix)]
    return found + [Case(name, make, UNREAD, suffix) for name, suffix, make in BROKEN]
