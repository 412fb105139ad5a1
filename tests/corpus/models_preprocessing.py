"""Models whose preprocessing is inside: as layers, as ops, as code."""


def augmented(keras):
    layers = keras.layers
    random = layers.experimental.preprocessing if not hasattr(layers, "RandomFlip") else layers
    model = keras.models.Sequential(
        [
            random.Rescaling(1 / 255.0, input_shape=(48, 48, 3)),
            random.RandomFlip("horizontal", seed=1),
            random.RandomRotation(0.1, seed=2),
            random.RandomZoom(0.2, seed=3),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.RMSprop(learning_rate=4e-4))
    return model


def mobilenet_ops(keras):
    layers = keras.layers
    pictures = keras.Input((64, 64, 3))
    x = keras.applications.mobilenet.preprocess_input(pictures)
    base = keras.applications.mobilenet.MobileNet(weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.25)
    base.trainable = False
    x = layers.GlobalAveragePooling2D()(base(x, training=False))
    model = keras.Model(pictures, layers.Dense(2, activation="softmax")(layers.Dropout(0.2)(x)))
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(learning_rate=1e-4))
    return model


def vgg_ops(keras):
    layers = keras.layers
    pictures = keras.Input((48, 48, 3))
    x = keras.applications.vgg16.preprocess_input(pictures)
    base = keras.applications.vgg16.VGG16(weights=None, include_top=False, input_shape=(48, 48, 3))
    base.trainable = False
    x = layers.Flatten()(base(x))
    x = layers.Rescaling(0.01)(x)
    model = keras.Model(pictures, layers.Dense(1, activation="sigmoid")(x))
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(learning_rate=2e-5))
    return model


def plain_ops(keras):
    import tensorflow as tf

    layers = keras.layers
    pictures = keras.Input((32, 32, 3))
    x = pictures / 127.5 - 1
    x = layers.Conv2D(8, 3, padding="same")(x)
    x = tf.nn.relu(x)
    y = 0.5 * layers.Conv2D(8, 3, padding="same")(x)
    x = x + y
    x = tf.concat([x, y], axis=-1)
    x = tf.reduce_mean(x, axis=[1, 2])
    x = tf.math.multiply(x, x)
    return keras.Model(pictures, tf.nn.softmax(layers.Dense(4)(x)))


def lambda_layer(keras):
    return keras.models.Sequential(
        [
            keras.layers.Lambda(lambda x: x / 127.5 - 1, input_shape=(16, 16, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )


def custom_layer(keras):
    class Halved(keras.layers.Layer):
        def call(self, x):
            return x / 2

    return keras.models.Sequential(
        [
            Halved(input_shape=(16, 16, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
