"""A model compiled with the training configuration of an upgraded file."""

from typing import Any


def compile_as_saved(model: Any, training: dict[str, Any]) -> None:
    """Compiles with the saved optimizer, its learning rate, the loss and the metrics.

    `training` is what `upgrade` returns: functions by their names, classes of Keras with their settings.
    """
    import keras

    metrics = {name: training.get(name) for name in ("metrics", "weighted_metrics")}
    model.compile(
        optimizer=keras.optimizers.deserialize(dict(training["optimizer_config"])),
        loss=_made(keras.losses.deserialize, training["loss"]),
        **{name: found and [_made(keras.metrics.deserialize, one) for one in found] for name, found in metrics.items()},
    )
    model.optimizer.build(model.trainable_variables)  # or Keras, opening the new file, warns that it misses them


def _made(deserialize: Any, said: Any) -> Any:
    """Returns a name as it is, because Keras saves it so again."""
    return deserialize(said) if isinstance(said, dict) else said
