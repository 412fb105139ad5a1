"""Made by `python -m tools.recipe_stubs` from the options' declarations; a test compares."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal

import keras
import tensorflow as tf
from numpy.typing import ArrayLike

from kerasvgg.runs.trained import Trained

Source = str | PathLike[str] | Sequence[ArrayLike] | tf.data.Dataset

def auto(
    train: Source,
    validation: Source | None = None,
    *,
    minutes: float | None = None,
    fine_tuning: bool = True,
    accept_duplicates: bool = True,
    image_size: tuple[int, int] = (224, 224),
    interpolation: Literal['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'] = 'bilinear',
    fit: Literal['squeeze', 'pad', 'crop', 'auto'] = 'squeeze',
    batch_size: int = 32,
    on_conflicting_labels: Literal['keep', 'skip'] = 'keep',
    on_bad_file: Literal['stop', 'skip'] = 'stop',
    base: str | keras.Model = 'vgg16',
    weights: Literal['imagenet'] | None = 'imagenet',
    preprocessing: Literal['vgg', 'unit', 'half', 'gray', 'bgr', 'rgb_mean', 'torch', 'none'] | None = None,
    accept_preprocessing: bool = False,
    batch_normalization: bool = False,
    batch_statistics: Literal['fixed', 'trained'] | None = None,
    initialization: Literal['glorot_uniform', 'he_normal', 'vgg_blog', 'gender_blog'] = 'glorot_uniform',
    seed: int = 0,
    augment_copies: int | Literal['fresh'] = 'fresh',
    feature_dtype: Literal['float32', 'float16'] = 'float32',
    engine: Literal['graph', 'xla', 'ncnn'] | None = None,
    cluster: str | None = None,
    stop_when_dead: bool = True,
    test: Source | None = None,
    class_names: Sequence[str] | None = None,
    run_folder: str | PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    feature_folder: str | PathLike[str] | None = None,
    verbose: bool = True,
) -> Trained:
    """Chooses on which stages of the frozen base a linear head stands, and how strongly it is held back.

    Averages of the last stages go into a multinomial logistic regression; five folds over training and validation
    pictures together say which of them, and how, and the head is fitted on all. `train` and `validation` are folders of
    class folders, (images, labels) arrays, or tf.data.Datasets; pictures are RGB 0..255, uint8 or float
    (n, height, width, 3), labels class numbers (n,). Without `validation`, `train` has all pictures. With a run folder
    and no `test`, each picture is predicted by a head that was chosen without it. `minutes` is about how long it may
    take, `fine_tuning` whether that is tried, too.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Options:
        accept_duplicates: Train although the same file or group lies in two parts of the split, as published data
            sets have it; false: refuse to. Default: True
        image_size: [height, width] in pixels. Default: (224, 224)
        interpolation: How pictures are resized; the book's scripts used nearest. Default: 'bilinear'
        fit: What becomes of other proportions than image_size has. squeeze: the picture is distorted to them, as
            in the book. pad: it keeps its own, with ImageNet's mean colour on both sides. crop: it keeps its own,
            and its middle is cut out. auto: the best of these by folds, unless nearly all pictures have the
            proportions of image_size (only with `auto`). Default: 'squeeze'
        batch_size: Pictures per batch. Default: 32
        on_conflicting_labels: What becomes of the same file in two classes, of which one must be wrong: keep
            both, or skip both and say so. Default: 'keep'
        on_bad_file: When a picture's file goes missing or bad while the run goes on: stop and name it, or skip it
            and go on with the others. Files that are bad from the start never come into the split. Default:
            'stop'
        base: The convolutional part: small networks, VGG's columns A, A-LRN, B, C (vgg16_c), D (vgg16), E, or one
            of the other families; own: a keras.Model that a program gives. Default: 'vgg16'
        weights: What the base starts from; null: random. Default: imagenet for bases that have such weights.
            Default: 'imagenet'
        preprocessing: What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; half: -1
            to 1; gray: one channel, 0 to 1; bgr: BGR, 0 to 255; rgb_mean: RGB minus ImageNet's mean; torch: 0 to
            1, minus ImageNet's mean, by its deviation; none: RGB, 0 to 255. Default: what imagenet weights want,
            else unit. Default: None
        accept_preprocessing: Say nothing of a preprocessing that imagenet weights were not trained on, because it
            is meant. Default: False
        batch_normalization: Normalise the output of every convolution of the base before its relu. Default: False
        batch_statistics: Whether batch normalisation of the base trains with the layers around it, and its
            statistics follow the pictures; null: fixed with imagenet weights or a base of a program's own, else
            trained. Default: None
        initialization: Where random weights come from: Keras' default, He's for relu, or two sources' own.
            Default: 'glorot_uniform'
        seed: Where all randomness comes from; equal seeds, equal runs. Default: 0
        augment_copies: How many augmented views of each training picture there are, used in turn epoch by epoch,
            so that frozen layers see each view once; where mirroring is all, two: the picture and its mirror
            image. fresh: a new view in every epoch, as the chapter has it, which costs more. Default: 'fresh'
        feature_dtype: How the frozen layers' outputs are kept. float16 takes half the room and rounds them.
            Default: 'float32'
        engine: What computes the frozen layers: graph (TensorFlow's), xla (the same, compiled) or ncnn; null: the
            fastest here of those that agree with TensorFlow's graph, measured once. Default: None
        cluster: The address of a Ray cluster whose machines compute the frozen layers, or local: this machine as
            one; null: this process does. Default: None
        stop_when_dead: Stop with advice when training learns nothing: a loss that is no number or stuck where a
            guess is, one class for everything, validation below chance. false: go on to the end. Default: True
        test: Test pictures, scored once at the end; only with a run folder. Default: None
        class_names: In the order of the label numbers; None: the folders' names, sorted. Default: None
        run_folder: Folder that gets what `kerasvgg run` writes: split, history, predictions, figures, model
            files. None: nothing is written, and nothing is scored beyond the history. Default: None
        resume: Go on with the run in `run_folder`; a finished one is opened. Default: False
        force: Resume although settings, pictures or versions have changed since. Default: False
        feature_folder: Keeps what frozen layers make of pictures for later calls; None: they go at the end.
            Default: None
        verbose: Say on stderr how it goes on. Default: True
    """

def feature_extraction(
    train: Source,
    validation: Source,
    *,
    epochs: int = 30,
    learning_rate: float = 2e-05,
    accept_duplicates: bool = True,
    image_size: tuple[int, int] = (150, 150),
    interpolation: Literal['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'] = 'bilinear',
    fit: Literal['squeeze', 'pad', 'crop', 'auto'] = 'squeeze',
    batch_size: int = 20,
    on_conflicting_labels: Literal['keep', 'skip'] = 'keep',
    on_bad_file: Literal['stop', 'skip'] = 'stop',
    base: str | keras.Model = 'vgg16',
    weights: Literal['imagenet'] | None = 'imagenet',
    preprocessing: Literal['vgg', 'unit', 'half', 'gray', 'bgr', 'rgb_mean', 'torch', 'none'] | None = None,
    accept_preprocessing: bool = False,
    batch_normalization: bool = False,
    weight_decay: float = 0.0,
    batch_statistics: Literal['fixed', 'trained'] | None = None,
    initialization: Literal['glorot_uniform', 'he_normal', 'vgg_blog', 'gender_blog'] = 'glorot_uniform',
    pooling: Literal['flatten', 'average'] = 'flatten',
    stages: Sequence[str] | None = None,
    units: Sequence[int] = (256,),
    input_dropout: float = 0.0,
    dropout: float | Sequence[float] = 0.5,
    output: Literal['sigmoid', 'softmax'] | None = None,
    optimizer: Literal["rmsprop", "adam", "sgd"] | keras.optimizers.Optimizer = 'rmsprop',
    layer_decay: float = 1.0,
    loss: Literal['mean', 'sum'] = 'mean',
    windows: Mapping[str, Any] | None = None,
    class_weight: Literal['balanced'] | None = None,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    early_stopping: Mapping[str, Any] | None = None,
    reduce_learning_rate: Mapping[str, Any] | None = None,
    seed: int = 0,
    augment: Mapping[str, Any] | None = None,
    augment_copies: int | Literal['fresh'] = 'fresh',
    feature_dtype: Literal['float32', 'float16'] = 'float32',
    engine: Literal['graph', 'xla', 'ncnn'] | None = None,
    cluster: str | None = None,
    distill: Mapping[str, Any] | None = None,
    workers: int = 1,
    precision: Literal['float32', 'bfloat16', 'float16'] = 'float32',
    keep: Literal['best', 'lowest_loss', 'last'] = 'best',
    stop_when_dead: bool = True,
    log_iterations: bool = False,
    stochastic_passes: int | None = None,
    test_time_flip: bool = False,
    test: Source | None = None,
    class_names: Sequence[str] | None = None,
    run_folder: str | PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    feature_folder: str | PathLike[str] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: bool = True,
) -> Trained:
    """Trains a head on what the frozen base makes of the pictures: once per picture, or each time if augmented.

    `train` and `validation` are folders of class folders, (images, labels) arrays, or tf.data.Datasets; pictures
    are RGB 0..255, uint8 or float (n, height, width, 3), labels class numbers (n,). `learning_rate` is above 0.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Source: F. Chollet, Deep Learning with Python (2017), 5.3.1.

    Options:
        accept_duplicates: Train although the same file or group lies in two parts of the split, as published data
            sets have it; false: refuse to. Default: True
        image_size: [height, width] in pixels. Default: (150, 150)
        interpolation: How pictures are resized; the book's scripts used nearest. Default: 'bilinear'
        fit: What becomes of other proportions than image_size has. squeeze: the picture is distorted to them, as
            in the book. pad: it keeps its own, with ImageNet's mean colour on both sides. crop: it keeps its own,
            and its middle is cut out. auto: the best of these by folds, unless nearly all pictures have the
            proportions of image_size (only with `auto`). Default: 'squeeze'
        batch_size: Pictures per batch. Default: 20
        on_conflicting_labels: What becomes of the same file in two classes, of which one must be wrong: keep
            both, or skip both and say so. Default: 'keep'
        on_bad_file: When a picture's file goes missing or bad while the run goes on: stop and name it, or skip it
            and go on with the others. Files that are bad from the start never come into the split. Default:
            'stop'
        base: The convolutional part: small networks, VGG's columns A, A-LRN, B, C (vgg16_c), D (vgg16), E, or one
            of the other families; own: a keras.Model that a program gives. Default: 'vgg16'
        weights: What the base starts from; null: random. Default: imagenet for bases that have such weights.
            Default: 'imagenet'
        preprocessing: What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; half: -1
            to 1; gray: one channel, 0 to 1; bgr: BGR, 0 to 255; rgb_mean: RGB minus ImageNet's mean; torch: 0 to
            1, minus ImageNet's mean, by its deviation; none: RGB, 0 to 255. Default: what imagenet weights want,
            else unit. Default: None
        accept_preprocessing: Say nothing of a preprocessing that imagenet weights were not trained on, because it
            is meant. Default: False
        batch_normalization: Normalise the output of every convolution of the base before its relu. Default: False
        weight_decay: What is taken off kernels in a step, as a share of it times learning_rate; adam is AdamW
            then. Default: 0.0
        batch_statistics: Whether batch normalisation of the base trains with the layers around it, and its
            statistics follow the pictures; null: fixed with imagenet weights or a base of a program's own, else
            trained. Default: None
        initialization: Where random weights come from: Keras' default, He's for relu, or two sources' own.
            Default: 'glorot_uniform'
        pooling: How the base's feature maps become one vector. Default: 'flatten'
        stages: Take the averages of what several stages of the base end with, each scaled to length 1, side by
            side: [block4, block5]; what comes after the last of them is left away. null: the base's last output.
            Default: None
        units: Units of each hidden dense layer: a number or a list; []: none. Default: (256,)
        input_dropout: Dropout before the first dense layer. Default: 0.0
        dropout: Dropout after each hidden dense layer: a share, or a list with one for each. Default: 0.5
        output: sigmoid: one unit for two classes, or one for each class where pictures have several; softmax: a
            unit per class. Default: sigmoid for two classes, and where pictures have several. Default: None
        optimizer: The optimizer. Default: 'rmsprop'
        layer_decay: Lower rates for deeper layers: the last with weights trains at learning_rate, each before it
            at so many times the rate of the next; 1: all alike. Default: 1.0
        loss: How the cross entropies of a batch's pictures become its loss. Default: 'mean'
        windows: Batches as random runs of consecutive pictures, instead of shuffled ones; needs steps_per_epoch.
            Default: None
        class_weight: balanced: a picture counts in the loss by n / (classes x pictures of its class), so that a
            small class has as much say as a large one (where pictures have one class each); null: every picture
            counts alike. Default: None
        steps_per_epoch: Batches per epoch; null: all the training pictures once. Default: None
        validation_steps: Validation batches per epoch; null: all the validation pictures once. Default: None
        early_stopping: When to end the round before its time; null: never. Default: None
        reduce_learning_rate: When to lower the learning rate; null: never. Default: None
        seed: Where all randomness comes from; equal seeds, equal runs. Default: 0
        augment: Random changes to the training pictures; null: none. Default: None
        augment_copies: How many augmented views of each training picture there are, used in turn epoch by epoch,
            so that frozen layers see each view once; where mirroring is all, two: the picture and its mirror
            image. fresh: a new view in every epoch, as the chapter has it, which costs more. Default: 'fresh'
        feature_dtype: How the frozen layers' outputs are kept. float16 takes half the room and rounds them.
            Default: 'float32'
        engine: What computes the frozen layers: graph (TensorFlow's), xla (the same, compiled) or ncnn; null: the
            fastest here of those that agree with TensorFlow's graph, measured once. Default: None
        cluster: The address of a Ray cluster whose machines compute the frozen layers, or local: this machine as
            one; null: this process does. Default: None
        distill: Learn what a finished run's model says of each view of the training pictures; null: labels.
            Default: None
        workers: So many processes train as one, on one machine or on those of `cluster`: each takes
            `data.batch_size` pictures of a batch, and their gradients are added up. Default: 1
        precision: What the layers that train compute with: float32, or half as many bits for what goes through,
            in float32 for weights and probabilities (Keras' mixed precision). bfloat16 is faster on processors
            that have it, float16 on GPUs; elsewhere both are slower. Models are saved and scored in float32 all
            the same. Default: 'float32'
        keep: Which epoch's weights become the model file. best: the highest validation accuracy, ties by lower
            validation loss; lowest_loss: the lowest validation loss. Default: 'best'
        stop_when_dead: Stop with advice when training learns nothing: a loss that is no number or stuck where a
            guess is, one class for everything, validation below chance. false: go on to the end. Default: True
        log_iterations: Note loss and accuracy of every training batch too, in iterations.csv. Default: False
        stochastic_passes: Score with dropout at work, so many times, and take the mean of the probabilities;
            null: score once without dropout, as is right. Default: None
        test_time_flip: Predict each picture as the mean of its own probabilities and of its mirror image's; the
            model file says so, and kerasvgg's predictions follow it. Default: False
        test: Test pictures, scored once at the end; only with a run folder. Default: None
        class_names: In the order of the label numbers; None: the folders' names, sorted. Default: None
        run_folder: Folder that gets what `kerasvgg run` writes: split, history, predictions, figures, model
            files. None: nothing is written, and nothing is scored beyond the history. Default: None
        resume: Go on with the run in `run_folder`; a finished one is opened. Default: False
        force: Resume although settings, pictures or versions have changed since. Default: False
        feature_folder: Keeps what frozen layers make of pictures for later calls; None: they go at the end.
            Default: None
        callbacks: Keras callbacks of your own; a training with such is not resumed exactly, because Keras does
            not save what they remember. Default: ()
        verbose: Say on stderr how it goes on. Default: True
    """

def fine_tuning(
    train: Source,
    validation: Source,
    *,
    layers: Sequence[str] | None = None,
    head_epochs: int = 30,
    head_learning_rate: float = 2e-05,
    epochs: int = 100,
    learning_rate: float = 1e-05,
    accept_duplicates: bool = True,
    image_size: tuple[int, int] = (150, 150),
    interpolation: Literal['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'] = 'bilinear',
    fit: Literal['squeeze', 'pad', 'crop', 'auto'] = 'squeeze',
    batch_size: int = 20,
    on_conflicting_labels: Literal['keep', 'skip'] = 'keep',
    on_bad_file: Literal['stop', 'skip'] = 'stop',
    base: str | keras.Model = 'vgg16',
    weights: Literal['imagenet'] | None = 'imagenet',
    preprocessing: Literal['vgg', 'unit', 'half', 'gray', 'bgr', 'rgb_mean', 'torch', 'none'] | None = None,
    accept_preprocessing: bool = False,
    batch_normalization: bool = False,
    weight_decay: float = 0.0,
    batch_statistics: Literal['fixed', 'trained'] | None = None,
    initialization: Literal['glorot_uniform', 'he_normal', 'vgg_blog', 'gender_blog'] = 'glorot_uniform',
    pooling: Literal['flatten', 'average'] = 'flatten',
    stages: Sequence[str] | None = None,
    units: Sequence[int] = (256,),
    input_dropout: float = 0.0,
    dropout: float | Sequence[float] = 0.0,
    output: Literal['sigmoid', 'softmax'] | None = None,
    optimizer: Literal["rmsprop", "adam", "sgd"] | keras.optimizers.Optimizer = 'rmsprop',
    layer_decay: float = 1.0,
    loss: Literal['mean', 'sum'] = 'mean',
    windows: Mapping[str, Any] | None = None,
    class_weight: Literal['balanced'] | None = None,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    early_stopping: Mapping[str, Any] | None = None,
    reduce_learning_rate: Mapping[str, Any] | None = None,
    seed: int = 0,
    augment: Mapping[str, Any] | None = None,
    augment_copies: int | Literal['fresh'] = 'fresh',
    feature_dtype: Literal['float32', 'float16'] = 'float32',
    engine: Literal['graph', 'xla', 'ncnn'] | None = None,
    cluster: str | None = None,
    distill: Mapping[str, Any] | None = None,
    workers: int = 1,
    precision: Literal['float32', 'bfloat16', 'float16'] = 'float32',
    keep: Literal['best', 'lowest_loss', 'last'] = 'best',
    stop_when_dead: bool = True,
    log_iterations: bool = False,
    stochastic_passes: int | None = None,
    test_time_flip: bool = False,
    test: Source | None = None,
    class_names: Sequence[str] | None = None,
    run_folder: str | PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    feature_folder: str | PathLike[str] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: bool = True,
) -> Trained:
    """Trains the head on the frozen base for `head_epochs`, then the `layers` for `epochs`; one history.

    `layers` are stages of the base or layer-name patterns: `block5` is block5_conv1 onwards; None: the last stage and
    the head. `train` and `validation` are folders of
    class folders, (images, labels) arrays, or tf.data.Datasets; pictures are RGB 0..255, uint8 or float
    (n, height, width, 3), labels class numbers (n,). Learning rates are above 0.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Source: F. Chollet, Deep Learning with Python (2017), 5.3.2.

    Options:
        accept_duplicates: Train although the same file or group lies in two parts of the split, as published data
            sets have it; false: refuse to. Default: True
        image_size: [height, width] in pixels. Default: (150, 150)
        interpolation: How pictures are resized; the book's scripts used nearest. Default: 'bilinear'
        fit: What becomes of other proportions than image_size has. squeeze: the picture is distorted to them, as
            in the book. pad: it keeps its own, with ImageNet's mean colour on both sides. crop: it keeps its own,
            and its middle is cut out. auto: the best of these by folds, unless nearly all pictures have the
            proportions of image_size (only with `auto`). Default: 'squeeze'
        batch_size: Pictures per batch. Default: 20
        on_conflicting_labels: What becomes of the same file in two classes, of which one must be wrong: keep
            both, or skip both and say so. Default: 'keep'
        on_bad_file: When a picture's file goes missing or bad while the run goes on: stop and name it, or skip it
            and go on with the others. Files that are bad from the start never come into the split. Default:
            'stop'
        base: The convolutional part: small networks, VGG's columns A, A-LRN, B, C (vgg16_c), D (vgg16), E, or one
            of the other families; own: a keras.Model that a program gives. Default: 'vgg16'
        weights: What the base starts from; null: random. Default: imagenet for bases that have such weights.
            Default: 'imagenet'
        preprocessing: What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; half: -1
            to 1; gray: one channel, 0 to 1; bgr: BGR, 0 to 255; rgb_mean: RGB minus ImageNet's mean; torch: 0 to
            1, minus ImageNet's mean, by its deviation; none: RGB, 0 to 255. Default: what imagenet weights want,
            else unit. Default: None
        accept_preprocessing: Say nothing of a preprocessing that imagenet weights were not trained on, because it
            is meant. Default: False
        batch_normalization: Normalise the output of every convolution of the base before its relu. Default: False
        weight_decay: What is taken off kernels in a step, as a share of it times learning_rate; adam is AdamW
            then. Default: 0.0
        batch_statistics: Whether batch normalisation of the base trains with the layers around it, and its
            statistics follow the pictures; null: fixed with imagenet weights or a base of a program's own, else
            trained. Default: None
        initialization: Where random weights come from: Keras' default, He's for relu, or two sources' own.
            Default: 'glorot_uniform'
        pooling: How the base's feature maps become one vector. Default: 'flatten'
        stages: Take the averages of what several stages of the base end with, each scaled to length 1, side by
            side: [block4, block5]; what comes after the last of them is left away. null: the base's last output.
            Default: None
        units: Units of each hidden dense layer: a number or a list; []: none. Default: (256,)
        input_dropout: Dropout before the first dense layer. Default: 0.0
        dropout: Dropout after each hidden dense layer: a share, or a list with one for each. Default: 0.0
        output: sigmoid: one unit for two classes, or one for each class where pictures have several; softmax: a
            unit per class. Default: sigmoid for two classes, and where pictures have several. Default: None
        optimizer: The optimizer. Default: 'rmsprop'
        layer_decay: Lower rates for deeper layers: the last with weights trains at learning_rate, each before it
            at so many times the rate of the next; 1: all alike. Default: 1.0
        loss: How the cross entropies of a batch's pictures become its loss. Default: 'mean'
        windows: Batches as random runs of consecutive pictures, instead of shuffled ones; needs steps_per_epoch.
            Default: None
        class_weight: balanced: a picture counts in the loss by n / (classes x pictures of its class), so that a
            small class has as much say as a large one (where pictures have one class each); null: every picture
            counts alike. Default: None
        steps_per_epoch: Batches per epoch; null: all the training pictures once. Default: None
        validation_steps: Validation batches per epoch; null: all the validation pictures once. Default: None
        early_stopping: When to end the round before its time; null: never. Default: None
        reduce_learning_rate: When to lower the learning rate; null: never. Default: None
        seed: Where all randomness comes from; equal seeds, equal runs. Default: 0
        augment: Random changes to the training pictures; null: none. Default: None
        augment_copies: How many augmented views of each training picture there are, used in turn epoch by epoch,
            so that frozen layers see each view once; where mirroring is all, two: the picture and its mirror
            image. fresh: a new view in every epoch, as the chapter has it, which costs more. Default: 'fresh'
        feature_dtype: How the frozen layers' outputs are kept. float16 takes half the room and rounds them.
            Default: 'float32'
        engine: What computes the frozen layers: graph (TensorFlow's), xla (the same, compiled) or ncnn; null: the
            fastest here of those that agree with TensorFlow's graph, measured once. Default: None
        cluster: The address of a Ray cluster whose machines compute the frozen layers, or local: this machine as
            one; null: this process does. Default: None
        distill: Learn what a finished run's model says of each view of the training pictures; null: labels.
            Default: None
        workers: So many processes train as one, on one machine or on those of `cluster`: each takes
            `data.batch_size` pictures of a batch, and their gradients are added up. Default: 1
        precision: What the layers that train compute with: float32, or half as many bits for what goes through,
            in float32 for weights and probabilities (Keras' mixed precision). bfloat16 is faster on processors
            that have it, float16 on GPUs; elsewhere both are slower. Models are saved and scored in float32 all
            the same. Default: 'float32'
        keep: Which epoch's weights become the model file. best: the highest validation accuracy, ties by lower
            validation loss; lowest_loss: the lowest validation loss. Default: 'best'
        stop_when_dead: Stop with advice when training learns nothing: a loss that is no number or stuck where a
            guess is, one class for everything, validation below chance. false: go on to the end. Default: True
        log_iterations: Note loss and accuracy of every training batch too, in iterations.csv. Default: False
        stochastic_passes: Score with dropout at work, so many times, and take the mean of the probabilities;
            null: score once without dropout, as is right. Default: None
        test_time_flip: Predict each picture as the mean of its own probabilities and of its mirror image's; the
            model file says so, and kerasvgg's predictions follow it. Default: False
        test: Test pictures, scored once at the end; only with a run folder. Default: None
        class_names: In the order of the label numbers; None: the folders' names, sorted. Default: None
        run_folder: Folder that gets what `kerasvgg run` writes: split, history, predictions, figures, model
            files. None: nothing is written, and nothing is scored beyond the history. Default: None
        resume: Go on with the run in `run_folder`; a finished one is opened. Default: False
        force: Resume although settings, pictures or versions have changed since. Default: False
        feature_folder: Keeps what frozen layers make of pictures for later calls; None: they go at the end.
            Default: None
        callbacks: Keras callbacks of your own; a training with such is not resumed exactly, because Keras does
            not save what they remember. Default: ()
        verbose: Say on stderr how it goes on. Default: True
    """

def from_scratch(
    train: Source,
    validation: Source,
    *,
    epochs: int = 30,
    learning_rate: float = 0.0001,
    accept_duplicates: bool = True,
    image_size: tuple[int, int] = (150, 150),
    interpolation: Literal['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'] = 'bilinear',
    fit: Literal['squeeze', 'pad', 'crop', 'auto'] = 'squeeze',
    batch_size: int = 20,
    on_conflicting_labels: Literal['keep', 'skip'] = 'keep',
    on_bad_file: Literal['stop', 'skip'] = 'stop',
    base: str | keras.Model = 'small_cnn',
    weights: Literal['imagenet'] | None = None,
    preprocessing: Literal['vgg', 'unit', 'half', 'gray', 'bgr', 'rgb_mean', 'torch', 'none'] | None = None,
    accept_preprocessing: bool = False,
    batch_normalization: bool = False,
    weight_decay: float = 0.0,
    batch_statistics: Literal['fixed', 'trained'] | None = None,
    initialization: Literal['glorot_uniform', 'he_normal', 'vgg_blog', 'gender_blog'] = 'glorot_uniform',
    pooling: Literal['flatten', 'average'] = 'flatten',
    stages: Sequence[str] | None = None,
    units: Sequence[int] = (512,),
    input_dropout: float = 0.0,
    dropout: float | Sequence[float] = 0.0,
    output: Literal['sigmoid', 'softmax'] | None = None,
    optimizer: Literal["rmsprop", "adam", "sgd"] | keras.optimizers.Optimizer = 'rmsprop',
    layer_decay: float = 1.0,
    loss: Literal['mean', 'sum'] = 'mean',
    windows: Mapping[str, Any] | None = None,
    class_weight: Literal['balanced'] | None = None,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    early_stopping: Mapping[str, Any] | None = None,
    reduce_learning_rate: Mapping[str, Any] | None = None,
    seed: int = 0,
    augment: Mapping[str, Any] | None = None,
    augment_copies: int | Literal['fresh'] = 'fresh',
    feature_dtype: Literal['float32', 'float16'] = 'float32',
    engine: Literal['graph', 'xla', 'ncnn'] | None = None,
    cluster: str | None = None,
    distill: Mapping[str, Any] | None = None,
    workers: int = 1,
    precision: Literal['float32', 'bfloat16', 'float16'] = 'float32',
    keep: Literal['best', 'lowest_loss', 'last'] = 'best',
    stop_when_dead: bool = True,
    log_iterations: bool = False,
    stochastic_passes: int | None = None,
    test_time_flip: bool = False,
    test: Source | None = None,
    class_names: Sequence[str] | None = None,
    run_folder: str | PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    feature_folder: str | PathLike[str] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: bool = True,
) -> Trained:
    """Trains every layer of a small CNN, by default the chapter's.

    `train` and `validation` are folders of class folders, (images, labels) arrays, or tf.data.Datasets; pictures
    are RGB 0..255, uint8 or float (n, height, width, 3), labels class numbers (n,). `learning_rate` is above 0.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Source: F. Chollet, Deep Learning with Python (2017), 5.2.

    Options:
        accept_duplicates: Train although the same file or group lies in two parts of the split, as published data
            sets have it; false: refuse to. Default: True
        image_size: [height, width] in pixels. Default: (150, 150)
        interpolation: How pictures are resized; the book's scripts used nearest. Default: 'bilinear'
        fit: What becomes of other proportions than image_size has. squeeze: the picture is distorted to them, as
            in the book. pad: it keeps its own, with ImageNet's mean colour on both sides. crop: it keeps its own,
            and its middle is cut out. auto: the best of these by folds, unless nearly all pictures have the
            proportions of image_size (only with `auto`). Default: 'squeeze'
        batch_size: Pictures per batch. Default: 20
        on_conflicting_labels: What becomes of the same file in two classes, of which one must be wrong: keep
            both, or skip both and say so. Default: 'keep'
        on_bad_file: When a picture's file goes missing or bad while the run goes on: stop and name it, or skip it
            and go on with the others. Files that are bad from the start never come into the split. Default:
            'stop'
        base: The convolutional part: small networks, VGG's columns A, A-LRN, B, C (vgg16_c), D (vgg16), E, or one
            of the other families; own: a keras.Model that a program gives. Default: 'small_cnn'
        weights: What the base starts from; null: random. Default: imagenet for bases that have such weights.
            Default: None
        preprocessing: What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; half: -1
            to 1; gray: one channel, 0 to 1; bgr: BGR, 0 to 255; rgb_mean: RGB minus ImageNet's mean; torch: 0 to
            1, minus ImageNet's mean, by its deviation; none: RGB, 0 to 255. Default: what imagenet weights want,
            else unit. Default: None
        accept_preprocessing: Say nothing of a preprocessing that imagenet weights were not trained on, because it
            is meant. Default: False
        batch_normalization: Normalise the output of every convolution of the base before its relu. Default: False
        weight_decay: What is taken off kernels in a step, as a share of it times learning_rate; adam is AdamW
            then. Default: 0.0
        batch_statistics: Whether batch normalisation of the base trains with the layers around it, and its
            statistics follow the pictures; null: fixed with imagenet weights or a base of a program's own, else
            trained. Default: None
        initialization: Where random weights come from: Keras' default, He's for relu, or two sources' own.
            Default: 'glorot_uniform'
        pooling: How the base's feature maps become one vector. Default: 'flatten'
        stages: Take the averages of what several stages of the base end with, each scaled to length 1, side by
            side: [block4, block5]; what comes after the last of them is left away. null: the base's last output.
            Default: None
        units: Units of each hidden dense layer: a number or a list; []: none. Default: (512,)
        input_dropout: Dropout before the first dense layer. Default: 0.0
        dropout: Dropout after each hidden dense layer: a share, or a list with one for each. Default: 0.0
        output: sigmoid: one unit for two classes, or one for each class where pictures have several; softmax: a
            unit per class. Default: sigmoid for two classes, and where pictures have several. Default: None
        optimizer: The optimizer. Default: 'rmsprop'
        layer_decay: Lower rates for deeper layers: the last with weights trains at learning_rate, each before it
            at so many times the rate of the next; 1: all alike. Default: 1.0
        loss: How the cross entropies of a batch's pictures become its loss. Default: 'mean'
        windows: Batches as random runs of consecutive pictures, instead of shuffled ones; needs steps_per_epoch.
            Default: None
        class_weight: balanced: a picture counts in the loss by n / (classes x pictures of its class), so that a
            small class has as much say as a large one (where pictures have one class each); null: every picture
            counts alike. Default: None
        steps_per_epoch: Batches per epoch; null: all the training pictures once. Default: None
        validation_steps: Validation batches per epoch; null: all the validation pictures once. Default: None
        early_stopping: When to end the round before its time; null: never. Default: None
        reduce_learning_rate: When to lower the learning rate; null: never. Default: None
        seed: Where all randomness comes from; equal seeds, equal runs. Default: 0
        augment: Random changes to the training pictures; null: none. Default: None
        augment_copies: How many augmented views of each training picture there are, used in turn epoch by epoch,
            so that frozen layers see each view once; where mirroring is all, two: the picture and its mirror
            image. fresh: a new view in every epoch, as the chapter has it, which costs more. Default: 'fresh'
        feature_dtype: How the frozen layers' outputs are kept. float16 takes half the room and rounds them.
            Default: 'float32'
        engine: What computes the frozen layers: graph (TensorFlow's), xla (the same, compiled) or ncnn; null: the
            fastest here of those that agree with TensorFlow's graph, measured once. Default: None
        cluster: The address of a Ray cluster whose machines compute the frozen layers, or local: this machine as
            one; null: this process does. Default: None
        distill: Learn what a finished run's model says of each view of the training pictures; null: labels.
            Default: None
        workers: So many processes train as one, on one machine or on those of `cluster`: each takes
            `data.batch_size` pictures of a batch, and their gradients are added up. Default: 1
        precision: What the layers that train compute with: float32, or half as many bits for what goes through,
            in float32 for weights and probabilities (Keras' mixed precision). bfloat16 is faster on processors
            that have it, float16 on GPUs; elsewhere both are slower. Models are saved and scored in float32 all
            the same. Default: 'float32'
        keep: Which epoch's weights become the model file. best: the highest validation accuracy, ties by lower
            validation loss; lowest_loss: the lowest validation loss. Default: 'best'
        stop_when_dead: Stop with advice when training learns nothing: a loss that is no number or stuck where a
            guess is, one class for everything, validation below chance. false: go on to the end. Default: True
        log_iterations: Note loss and accuracy of every training batch too, in iterations.csv. Default: False
        stochastic_passes: Score with dropout at work, so many times, and take the mean of the probabilities;
            null: score once without dropout, as is right. Default: None
        test_time_flip: Predict each picture as the mean of its own probabilities and of its mirror image's; the
            model file says so, and kerasvgg's predictions follow it. Default: False
        test: Test pictures, scored once at the end; only with a run folder. Default: None
        class_names: In the order of the label numbers; None: the folders' names, sorted. Default: None
        run_folder: Folder that gets what `kerasvgg run` writes: split, history, predictions, figures, model
            files. None: nothing is written, and nothing is scored beyond the history. Default: None
        resume: Go on with the run in `run_folder`; a finished one is opened. Default: False
        force: Resume although settings, pictures or versions have changed since. Default: False
        feature_folder: Keeps what frozen layers make of pictures for later calls; None: they go at the end.
            Default: None
        callbacks: Keras callbacks of your own; a training with such is not resumed exactly, because Keras does
            not save what they remember. Default: ()
        verbose: Say on stderr how it goes on. Default: True
    """
