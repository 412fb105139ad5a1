import importlib

from keras.src.ops.operation import Operation
from keras3 import FILE, source, tables

from kerasvgg.modelfile.safety.allowed import OPERATION_NAMES
from kerasvgg.modelfile.upgrade.keras3 import LAYERS, OPTIMIZERS


def test_the_arguments_are_those_of_the_keras_that_is_installed():
    assert (dict(LAYERS), dict(OPTIMIZERS)) == tables()


def test_the_file_is_what_the_script_writes():
    assert "".join(FILE.read_text().split()) == "".join(source().split())


def test_the_operations_that_are_let_in_are_keras_own_but_for_those_that_call_functions():
    for name, allowed in OPERATION_NAMES.items():
        module = importlib.import_module(f"keras.src.ops.{name}")
        own = {key for key, value in vars(module).items() if isinstance(value, type) and issubclass(value, Operation)}
        assert allowed <= own
        if name != "core":  # of it only a few are let in
            assert own - allowed <= {"Operation", "JVP"}
