from keras3 import FILE, source, tables

from kerasvgg.modelfile.upgrade.keras3 import LAYERS, OPTIMIZERS


def test_the_arguments_are_those_of_the_keras_that_is_installed():
    assert (dict(LAYERS), dict(OPTIMIZERS)) == tables()


def test_the_file_is_what_the_script_writes():
    assert "".join(FILE.read_text().split()) == "".join(source().split())
