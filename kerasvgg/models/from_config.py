"""A model without its weights from a configuration that Keras 3 builds."""

import copy
import warnings
from typing import Any


def from_config(config: dict[str, Any]) -> Any:
    """Returns an uncompiled keras.Model with weights drawn at random; no code in the configuration is run."""
    from keras.saving import deserialize_keras_object
    from keras.src.legacy.saving.saving_options import keras_option_scope
    from keras.src.legacy.saving.saving_utils import model_from_config
    from keras.src.saving.serialization_lib import SafeModeScope

    own = copy.deepcopy(config)  # Keras takes from it what it has read
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as that layers should not know their `input_shape`
        if "module" in own:
            return deserialize_keras_object(own | {"compile_config": None}, safe_mode=True)
        with keras_option_scope(use_legacy_config=True), SafeModeScope(True):
            return model_from_config(own)
