"""The models that Keras 2 and 3 write."""

import models_preprocessing as within
import numpy as np


def optimizer(keras, kind, rate, **more):
    """Keras called it `lr` until 2.2."""
    is_old = keras.__name__ == "keras" and keras.__version__.startswith(("2.0", "2.1", "2.2"))
    more["lr" if is_old else "learning_rate"] = rate
    return getattr(keras.optimizers, kind)(**more)


def compiled(keras, model, classes, *args, **more):
    loss = "binary_crossentropy" if classes == 1 else "categorical_crossentropy"
    model.compile(loss=loss, optimizer=optimizer(keras, *args, **more), metrics=["acc"])
    return model


def small_cnn(size=64, filters=(32, 64, 128, 128), units=64, dropout=0.0, optimizer=("RMSprop", 1e-4), **more):
    """The chapter's first network."""

    def build(keras):
        layers = keras.layers
        model = keras.models.Sequential()
        model.add(layers.Conv2D(filters[0], (3, 3), activation="relu", input_shape=(size, size, 3)))
        model.add(layers.MaxPooling2D((2, 2)))
        for count in filters[1:]:
            model.add(layers.Conv2D(count, (3, 3), activation="relu"))
            model.add(layers.MaxPooling2D((2, 2)))
        model.add(layers.Flatten())
        if dropout:
            model.add(layers.Dropout(dropout))
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dense(1, activation="sigmoid"))
        return compiled(keras, model, 1, *optimizer, **more)

    return build


def legacy_sgd(keras):
    model = keras.models.Sequential(
        [
            keras.layers.Conv2D(8, 3, activation="relu", input_shape=(32, 32, 3)),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    rate = keras.optimizers.legacy.SGD(learning_rate=5e-3, momentum=0.9, decay=1e-6)
    model.compile(loss="binary_crossentropy", optimizer=rate)
    return model


def digits(kind="SGD", rate=0.05, **more):
    """A network with BatchNormalization, trained for a step, so that the optimizer's state is in the file."""

    def build(keras):
        layers = keras.layers
        model = keras.models.Sequential()
        model.add(layers.Conv2D(8, (3, 3), use_bias=False, input_shape=(8, 8, 1), name="first"))
        model.add(layers.BatchNormalization(name="norm"))
        model.add(layers.Activation("relu"))
        model.add(layers.Flatten())
        model.add(layers.Dense(10, activation="softmax"))
        compiled(keras, model, 10, kind, rate, **more)
        x = np.arange(4 * 64).reshape(4, 8, 8, 1) / 256.0
        model.train_on_batch(x, np.eye(10)[[1, 3, 5, 7]])
        return model

    return build


def _vgg16(keras, size):
    return keras.applications.vgg16.VGG16(weights=None, include_top=False, input_shape=(size, size, 3))


def _thaw_block5(base):
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name.startswith("block5")


def nested_vgg16(block5=False, kind="RMSprop", rate=2e-5, **more):
    """The chapter's second network: VGG16 inside a Sequential, frozen, or with its last block set free."""

    def build(keras):
        base = _vgg16(keras, 48)
        base.trainable = False
        if block5:
            _thaw_block5(base)
        model = keras.models.Sequential()
        model.add(base)
        model.add(keras.layers.Flatten())
        model.add(keras.layers.Dense(32, activation="relu"))
        model.add(keras.layers.Dense(1, activation="sigmoid"))
        return compiled(keras, model, 1, kind, rate, **more)

    return build


def flat_vgg16(kind="SGD", rate=1e-4, **more):
    def build(keras):
        layers = keras.layers
        base = _vgg16(keras, 64)
        _thaw_block5(base)
        x = layers.Dropout(0.5)(layers.Dense(32, activation="relu")(layers.Flatten()(base.output)))
        model = keras.models.Model(base.input, layers.Dense(3, activation="softmax", name="classes")(x))
        return compiled(keras, model, 3, kind, rate, **more)

    return build


def bare_vgg16(keras):
    return _vgg16(keras, 48)


def nested_mobilenet(kind="Adam", rate=1e-3):
    def build(keras):
        base = keras.applications.mobilenet.MobileNet(
            weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.25
        )
        for layer in base.layers[:40]:
            layer.trainable = False
        model = keras.models.Sequential()
        model.add(base)
        model.add(keras.layers.GlobalAveragePooling2D())
        model.add(keras.layers.Dense(4, activation="softmax"))
        return compiled(keras, model, 4, kind, rate)

    return build


def teachable_machine(keras):
    """What Teachable Machine exports: two Sequential in a Sequential, MobileNetV2 at the bottom."""
    models, layers = keras.models, keras.layers
    where = keras.applications
    where = where.mobilenet_v2 if hasattr(where, "mobilenet_v2") else where.mobilenetv2
    base = where.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3), alpha=0.35)
    features = models.Sequential([base, layers.GlobalAveragePooling2D()])
    features.trainable = False
    head = models.Sequential(
        [
            layers.Dense(100, activation="relu", input_shape=(1280,)),
            layers.Dense(3, activation="softmax", use_bias=False),
        ]
    )
    return compiled(keras, models.Sequential([features, head]), 3, "Adam", 1e-3)


def uneven(keras):
    """Kernels that are not the same after half a turn."""
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.Conv2D(8, (5, 3), activation="relu", input_shape=(24, 24, 3)))
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Conv2D(12, (3, 1), padding="same", activation="relu"))
    model.add(layers.Flatten())
    model.add(layers.Dense(3, activation="softmax"))
    return compiled(keras, model, 3, "Adam", 2e-4)


def separable(keras):
    layers = keras.layers
    pictures = layers.Input((32, 32, 3), name="pictures")
    x = layers.SeparableConv2D(16, 3, padding="same", use_bias=False)(pictures)
    x = layers.BatchNormalization(axis=-1, momentum=0.9)(x)
    x = layers.ReLU(max_value=6.0)(x)
    left = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.add([x, layers.LeakyReLU(0.3)(left)])
    x = layers.concatenate([layers.MaxPooling2D()(x), layers.Conv2D(8, 1, strides=2)(x)])
    x = layers.Conv2DTranspose(8, 2, strides=2)(layers.ZeroPadding2D(1)(x))
    x = layers.Dense(8, kernel_regularizer=keras.regularizers.l2(1e-4))(layers.GlobalAveragePooling2D()(x))
    model = keras.models.Model(pictures, layers.Activation("softmax")(x))
    return compiled(keras, model, 8, "Adam", 3e-4)


def _recipe(build, size, what, divide=50, channels=3, **more):
    return dict(more, build=build, shape=(size, size, channels), what=what, divide=divide, count=4)


SMALL = "the chapter's small CNN"
NESTED = "VGG16 nested in Sequential, frozen"
BLOCK5 = "VGG16 nested in Sequential, block5 free"
TEACHABLE = "Teachable Machine: MobileNetV2 in Sequential in Sequential"


def _small(what="", size=64, **more):
    saved = {key: more.pop(key) for key in ("suffix", "weights_only", "architecture") if key in more}
    return _recipe(small_cnn(size, **more), size, SMALL + what, **saved)


def _nested(what=", RMSprop", suffix=".h5", **more):
    return _recipe(nested_vgg16(**more), 48, (BLOCK5 if "block5" in more else NESTED) + what, suffix=suffix)


ADAM = ("Adam", 5e-5)
ADAM_RATE = {"kind": "Adam", "rate": 3e-5}
SGD = {"optimizer": ("SGD", 0.01), "momentum": 0.9}
FLAT = "flat VGG16, block5 free, SGD with momentum"
MOBILENET = _recipe(nested_mobilenet(), 64, "MobileNet nested in Sequential, partly frozen, Adam")
MACHINE = _recipe(teachable_machine, 96, TEACHABLE)
SEPARABLE = _recipe(separable, 32, "functional: separable, depthwise and transposed convolutions, branches")
DIGITS = _recipe(digits(momentum=0.9, nesterov=True), 8, "BatchNormalization, SGD with momentum", channels=1)
AUGMENTED = _recipe(within.augmented, 48, "Rescaling and random layers inside, RMSprop", divide=1)
WEIGHTS = {"weights_only": True}
BARE = {"weights_only": True, "architecture": "vgg16"}


def recipes(version):
    return {
        "2.0": {
            "keras208_small_cnn": _small(", SGD with momentum", **SGD),
            "keras208_nested_vgg16": _nested(),
            "keras208_mobilenet": MOBILENET,
            "keras208_digits": DIGITS,
        },
        "2.0 theano": {
            "keras208_theano": _recipe(uneven, 24, "written with Theano, which turns kernels; uneven kernels, Adam"),
        },
        "2.1": {
            "keras216_cats_and_dogs_small_1": _small(", RMSprop", 150, units=512),
            "keras216_cats_and_dogs_small_2": _small(
                ", dropout, weights only", dropout=0.5, architecture="keras216_small_dropout", **WEIGHTS
            ),
            "keras216_small_dropout": _small(", dropout, Adam", dropout=0.5, optimizer=ADAM),
            "keras216_nested_vgg16": _nested(),
            "keras216_nested_vgg16_block5": _nested(block5=True, rate=1e-5),
            "keras216_flat_vgg16": _recipe(flat_vgg16(momentum=0.9), 64, FLAT),
        },
        "2.2": {
            "keras224_small_cnn": _small(", Adam", optimizer=ADAM),
            "keras224_flat_vgg16": _recipe(flat_vgg16(momentum=0.9, decay=1e-6), 64, FLAT + " and decay"),
            "keras224_teachable_machine": MACHINE,
        },
        "2.3": {
            "keras231_nested_vgg16": _nested(),
            "keras231_separable": SEPARABLE,
            "keras231_digits": DIGITS,
            "keras231_vgg16_weights": _recipe(bare_vgg16, 48, "weights only, VGG16 without its top", **BARE),
            "keras231_lambda": _recipe(within.lambda_layer, 16, "a Lambda layer", divide=1),
        },
        "tf2.1": {
            "tf21_small_cnn": _small(", RMSprop"),
            "tf21_nested_vgg16_block5": _nested(block5=True, rate=1e-5),
            "tf21_teachable_machine": MACHINE,
        },
        "tf2.3": {
            "tf23_augmented": AUGMENTED,
            "tf23_mobilenet": MOBILENET,
            "tf23_separable": SEPARABLE,
        },
        "tf2.8": {
            "tf28_augmented": AUGMENTED,
        },
        "tf2.7": {
            "tf27_nested_vgg16": _nested(),
            "tf27_mobilenet_ops": _recipe(within.mobilenet_ops, 64, "MobileNet's preprocess_input as ops", divide=1),
            "tf27_vgg_ops": _recipe(within.vgg_ops, 48, "VGG's preprocess_input as ops, VGG16 nested", divide=1),
            "tf27_plain_ops": _recipe(within.plain_ops, 32, "x / 127.5 - 1, x + y, tf.nn.relu as ops", divide=1),
            "tf27_teachable_machine": MACHINE,
        },
        "tf2.11": {
            "tf211_small_cnn": _small(", RMSprop"),
            "tf211_nested_vgg16": _nested(", Adam", **ADAM_RATE),
            "tf211_digits": DIGITS,
            "tf211_legacy_sgd": _recipe(legacy_sgd, 32, "a legacy optimizer"),
            "tf211_augmented": AUGMENTED,
            "tf211_small_weights": _small(", weights only", architecture="tf211_small_cnn", **WEIGHTS),
        },
        "tf2.12": {
            "tf212_small_cnn": _small(", SGD with momentum", **SGD),
            "tf212_nested_vgg16": _nested(", Adam; HDF5 for all its name", ".keras", **ADAM_RATE),
            "tf212_mobilenet": dict(MOBILENET, suffix=".keras", format={"save_format": "keras_v3"}),
            "tf212_small_weights": _small(
                ", weights only", suffix=".weights.h5", architecture="tf212_small_cnn", **WEIGHTS
            ),
        },
        "tf2.15": {
            "tf215_nested_vgg16_block5": _nested(block5=True, rate=1e-5),
            "tf215_nested_vgg16": _nested(", Adam", ".keras", **ADAM_RATE),
            "tf215_teachable_machine": MACHINE,
            "tf215_augmented": dict(AUGMENTED, suffix=".keras"),
            "tf215_vgg_ops": _recipe(within.vgg_ops, 48, "VGG's preprocess_input as ops, VGG16 nested", divide=1),
            "tf215_mobilenet_ops": _recipe(
                within.mobilenet_ops, 64, "MobileNet's preprocess_input as ops", divide=1, suffix=".keras"
            ),
            "tf215_separable": SEPARABLE,
            "tf215_lambda": _recipe(within.lambda_layer, 16, "a Lambda layer", divide=1, suffix=".keras"),
            "tf215_custom_layer": _recipe(within.custom_layer, 16, "a class that Keras does not have", divide=1),
        },
        "3.0": {
            "keras30_small_cnn": _small(", RMSprop", suffix=".keras"),
            "keras30_flat_vgg16": _recipe(flat_vgg16(momentum=0.9), 64, FLAT),
        },
        "3.6": {
            "keras36_augmented": dict(AUGMENTED, suffix=".keras"),
            "keras36_nested_mobilenet": dict(MOBILENET, suffix=".keras"),
            "keras36_small_weights": _small(
                ", weights only", suffix=".weights.h5", architecture="keras30_small_cnn", **WEIGHTS
            ),
        },
        "3.15": {
            "keras315_nested_vgg16_block5": _nested(block5=True, rate=1e-5),
            "keras315_digits": dict(DIGITS, suffix=".keras"),
            "keras315_flat_vgg16": _recipe(flat_vgg16(momentum=0.9), 64, FLAT, suffix=".keras"),
        },
    }.get(version, {})
