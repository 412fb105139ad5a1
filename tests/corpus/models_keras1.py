"""The models that Keras 1 writes."""


def small_cnn(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.Convolution2D(32, 3, 3, input_shape=(64, 64, 3), dim_ordering="tf", activation="relu"))
    model.add(layers.MaxPooling2D((2, 2), dim_ordering="tf"))
    model.add(layers.Convolution2D(64, 3, 3, subsample=(2, 2), border_mode="same", dim_ordering="tf"))
    model.add(layers.Activation("relu"))
    model.add(layers.AveragePooling2D(dim_ordering="tf"))
    model.add(layers.Flatten())
    model.add(layers.Dropout(p=0.5))
    model.add(layers.Dense(output_dim=64, activation="relu", init="uniform", W_regularizer=keras.regularizers.l2(0.01)))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(lr=1e-4), metrics=["acc"])
    return model


def theano_ordering(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.ZeroPadding2D((1, 1), input_shape=(3, 40, 48), dim_ordering="th"))
    model.add(layers.Convolution2D(16, 3, 3, activation="relu", name="conv1_1", dim_ordering="th"))
    model.add(layers.MaxPooling2D((2, 2), strides=(2, 2), dim_ordering="th"))
    model.add(layers.Convolution2D(24, 5, 3, activation="relu", border_mode="same", name="conv2_1", dim_ordering="th"))
    model.add(layers.Flatten())
    model.add(layers.Dense(3, activation="softmax"))
    sgd = keras.optimizers.SGD(lr=5e-3, decay=1e-6, momentum=0.9, nesterov=True)
    model.compile(loss="categorical_crossentropy", optimizer=sgd)
    return model


def vgg16_with_padding(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    for block, (filters, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], start=1):
        for i in range(1, count + 1):
            first = {"input_shape": (48, 48, 3)} if block == i == 1 else {}
            model.add(layers.ZeroPadding2D((1, 1), dim_ordering="tf", **first))
            name = f"conv{block}_{i}"
            model.add(layers.Convolution2D(filters, 3, 3, activation="relu", name=name, dim_ordering="tf"))
        model.add(layers.MaxPooling2D((2, 2), strides=(2, 2), dim_ordering="tf"))
    model.add(layers.Flatten())
    model.add(layers.Dense(256, activation="relu"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(1, activation="sigmoid"))
    for layer in model.layers[:25]:
        layer.trainable = False
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(lr=1e-4, momentum=0.9))
    return model


def branches(keras):
    layers = keras.layers
    pictures = layers.Input(shape=(32, 32, 3))
    x = layers.Convolution2D(16, 3, 3, border_mode="same", bias=False, dim_ordering="tf")(pictures)
    x = layers.BatchNormalization(mode=0, axis=3)(x)
    x = layers.Activation("relu")(x)
    left = layers.Convolution2D(16, 3, 3, border_mode="same", activation="relu", dim_ordering="tf")(x)
    x = layers.merge([x, left], mode="sum")
    right = layers.AtrousConvolution2D(8, 3, 3, atrous_rate=(2, 2), border_mode="same", dim_ordering="tf")(x)
    x = layers.merge([x, right], mode="concat", concat_axis=-1)
    x = layers.UpSampling2D(dim_ordering="tf")(x)
    x = layers.GlobalAveragePooling2D(dim_ordering="tf")(x)
    x = layers.advanced_activations.LeakyReLU(alpha=0.2)(layers.Dense(16)(x))
    model = keras.models.Model(input=pictures, output=layers.Dense(4, activation="softmax")(x))
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(lr=3e-4))
    return model


def blog_fine_tuning(keras):
    """The blog's third part: keras.applications' VGG16 with a Sequential classifier on top, four blocks frozen."""
    from keras.applications import vgg16

    layers = keras.layers
    base = vgg16.VGG16(weights=None, include_top=False, input_shape=(64, 64, 3))
    top = keras.models.Sequential()
    top.add(layers.Flatten(input_shape=base.output_shape[1:]))
    top.add(layers.Dense(256, activation="relu"))
    top.add(layers.Dropout(0.5))
    top.add(layers.Dense(1, activation="sigmoid"))
    model = keras.models.Model(input=base.input, output=top(base.output))
    for layer in model.layers[:15]:
        layer.trainable = False
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(lr=1e-4, momentum=0.9))
    return model


def nested_vgg16(keras):
    from keras.applications import vgg16

    layers = keras.layers
    base = vgg16.VGG16(weights=None, include_top=False, input_shape=(48, 48, 3))
    base.trainable = False
    model = keras.models.Sequential()
    model.add(base)
    model.add(layers.Flatten())
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(3, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(lr=2e-5))
    return model


def lambda_layer(keras):
    model = keras.models.Sequential()
    model.add(keras.layers.Lambda(lambda x: x / 127.5 - 1, input_shape=(16, 16, 3)))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(2, activation="softmax"))
    return model


def _recipe(build, shape, what, divide=50, count=4, **more):
    return dict(more, build=build, shape=shape, what=what, divide=divide, count=count)


def recipes(_version):
    small = _recipe(small_cnn, (64, 64, 3), "Sequential CNN, RMSprop")
    theano = _recipe(theano_ordering, (3, 40, 48), "Sequential, channels first, SGD with decay")
    return {
        "keras122_small_cnn": small,
        "keras122_theano_ordering": theano,
        "keras122_vgg16_padding": _recipe(vgg16_with_padding, (48, 48, 3), "VGG16 by hand with ZeroPadding2D, frozen"),
        "keras122_branches": _recipe(branches, (32, 32, 3), "functional, BatchNormalization, merge, Adam"),
        "keras122_blog_vgg16": _recipe(blog_fine_tuning, (64, 64, 3), "flat VGG16, Sequential on top, SGD"),
        "keras122_nested_vgg16": _recipe(nested_vgg16, (48, 48, 3), "VGG16 nested in Sequential, frozen, RMSprop"),
        "keras122_lambda": _recipe(lambda_layer, (16, 16, 3), "a Lambda layer", divide=1),
        "keras122_weights": _recipe(
            small_cnn, (64, 64, 3), "weights only, small CNN", weights_only=True, architecture="keras122_small_cnn"
        ),
    }
