"""Layers of weights that do not slide over pictures."""

from kerasvgg.modelfile.fields import Fields, Shape
from kerasvgg.modelfile.layers.built import Built, known, single


def dense(fields: Fields, inputs: list[Shape]) -> Built:
    """Dense, on the last dimension."""
    units = fields.whole("units")
    kernel = (known(single(inputs)[-1]), units)
    return Built((*inputs[0][:-1], units), (kernel, (units,)) if fields.flag("use_bias", True) else (kernel,))


def embedding(fields: Fields, inputs: list[Shape]) -> Built:
    """Embedding."""
    table = (fields.whole("input_dim"), fields.whole("output_dim"))
    return Built((*single(inputs), table[1]), (table,))


def lstm(fields: Fields, inputs: list[Shape]) -> Built:
    """LSTM."""
    return _recurrent(4, (), fields, inputs)


def gru(fields: Fields, inputs: list[Shape]) -> Built:
    """GRU; `reset_after` doubles its biases."""
    return _recurrent(3, (2,) if fields.flag("reset_after", False) else (), fields, inputs)


def simple_rnn(fields: Fields, inputs: list[Shape]) -> Built:
    """SimpleRNN."""
    return _recurrent(1, (), fields, inputs)


def _recurrent(gates: int, doubled: tuple[int, ...], fields: Fields, inputs: list[Shape]) -> Built:
    units, shape = fields.whole("units"), single(inputs)
    bias: tuple[Shape, ...] = ((*doubled, gates * units),) if fields.flag("use_bias", True) else ()
    output = (*shape[:-1], units) if fields.flag("return_sequences", False) else (shape[0], units)
    return Built(output, ((known(shape[-1]), gates * units), (units, gates * units), *bias))
