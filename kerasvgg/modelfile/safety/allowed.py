"""The classes and functions that a saved model may name: Keras 3.15's own that run no code of the file.

Left out on purpose: Lambda (carries code), TFSMLayer (loads another model), TorchModuleWrapper, FlaxLayer and JaxLayer
(unpickle), and the bare classes Layer and Wrapper.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


LAYERS = _words(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention
    AugMix AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
    BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
    Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose Convolution2D
    Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense
    DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten GRU
    GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention HashedCrossing
    Hashing Identity InputLayer IntegerLookup LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes
    MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram Minimum MixUp
    MultiHeadAttention Multiply Normalization PReLU Permute Pipeline RMSNormalization RNN RandAugment
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform
    RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective
    RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom
    ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D
    SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax Solarization SpatialDropout1D
    SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells StringLookup Subtract TextVectorization
    TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D
    ZeroPadding3D
    """
)
MODELS = frozenset({"Functional", "Model", "Sequential"})
# Names of Keras 1 and 2 that `upgrade` may know what to do with; none of them carries code.
OLD_LAYERS = _words(
    """
    AtrousConvolution1D AtrousConvolution2D CuDNNGRU CuDNNLSTM Deconvolution2D Merge TFOpLambda SlicingOpLambda
    TensorFlowOpLayer ThresholdedReLU RandomHeight RandomWidth SyncBatchNormalization BatchNormalizationV1
    BatchNormalizationV2 LSTMV2 GRUV2 MaxoutDense Highway
    """
)
OPTIMIZERS = _words(
    """
    Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer MultiOptimizer Muon Nadam RMSprop
    SGD ScheduleFreeAdamW CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay
    PolynomialDecay
    """
)
LOSSES = _words(
    """
    BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
    CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence
    LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
    SparseCategoricalCrossentropy SquaredHinge Tversky LossFunctionWrapper
    """
)
METRICS = _words(
    """
    AUC Accuracy BinaryAccuracy BinaryIoU CategoricalAccuracy ConcordanceCorrelation F1Score FBetaScore
    FalseNegatives FalsePositives IoU LogCoshError Mean MeanIoU MeanMetricWrapper OneHotIoU OneHotMeanIoU
    PearsonCorrelation Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError
    SensitivityAtSpecificity SparseCategoricalAccuracy SparseTopKCategoricalAccuracy SpecificityAtSensitivity Sum
    TopKCategoricalAccuracy TrueNegatives TruePositives
    """
)
INITIALIZERS = _words(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform
    Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer TruncatedNormal
    VarianceScaling Zeros
    """
)
OTHERS = _words(
    """
    L1 L1L2 L2 OrthogonalRegularizer MaxNorm MinMaxNorm NonNeg UnitNorm AbsMaxQuantizer AWQConfig GPTQConfig
    Float8QuantizationConfig Int4QuantizationConfig Int8QuantizationConfig DTypePolicy Policy FloatDTypePolicy
    QuantizedDTypePolicy QuantizedFloat8DTypePolicy DTypePolicyMap SeedGenerator TensorShape __keras_tensor__
    __tensor__ __numpy__ __bytes__ __ellipsis__ __slice__
    """
)
# In keras.applications: ConvNeXt and InceptionResNetV2.
OF_APPLICATIONS = frozenset({"LayerScale", "CustomScaleLayer"})
# kerasvgg's own layer, where it is, and where it was when older files were written.
OF_KERASVGG = {"LocalResponseNormalization": "kerasvgg.backbones.local_response"}
OLD_HOMES = {"LocalResponseNormalization": "kerasvgg.models.local_response"}
CLASSES = LAYERS | OF_APPLICATIONS | MODELS | OLD_LAYERS | OPTIMIZERS | LOSSES | METRICS | INITIALIZERS | OTHERS
FUNCTIONS = _words(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold constant glorot_normal glorot_uniform
    he_normal he_uniform identity lecun_normal lecun_uniform ones orthogonal random_normal random_uniform stft
    truncated_normal variance_scaling zeros l1 l2 l1_l2 orthogonal_regularizer max_norm min_max_norm non_neg
    unit_norm binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy
    categorical_generalized_cross_entropy categorical_hinge circle cosine_similarity ctc dice hinge huber
    kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error
    mean_squared_logarithmic_error poisson sparse_categorical_crossentropy squared_hinge tversky accuracy
    binary_accuracy categorical_accuracy concordance_correlation pearson_correlation sparse_categorical_accuracy
    sparse_top_k_categorical_accuracy top_k_categorical_accuracy mse mae mape msle acc MSE MAE
    """
)
# In these modules of keras.ops and keras.src.ops: what `x / 127.5 - 1` in a functional model becomes.
# Left out: those that call functions, such as Map, Scan and WhileLoop.
OPERATION_NAMES = {
    "numpy": _words(
        """
        Abs Absolute Add All AllClose Amax Amin Angle Any Append Arange Arccos Arccosh Arcsin Arcsinh Arctan
        Arctan2 Arctanh Argmax Argmin Argpartition Argsort Array ArraySplit Average Bincount BitwiseAnd
        BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo Cbrt Ceil
        Clip Concatenate Conj Conjugate Copy Corrcoef Correlate Cos Cosh CountNonzero Cross Cumprod Cumsum
        Deg2rad Diag Diagflat Diagonal Diff Digitize Divide DivideNoNan Dot Dsplit Dstack Einsum EmptyLike
        Equal Exp Exp2 ExpandDims Expm1 Fabs Flip Fliplr Flipud Floor FloorDivide Fmax Fmin Fmod Full FullLike
        Gcd Geomspace GetItem Greater GreaterEqual Heaviside Histogram Hsplit Hstack Hypot I0 Imag Inner IsIn
        Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal Kron Lcm Ldexp LeftShift Less LessEqual Linspace
        Log Log10 Log1p Log2 Logaddexp Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Matmul
        Max Maximum Mean Median Meshgrid Min Minimum Mod Moveaxis Multiply NanToNum Nanargmax Nanargmin
        Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum
        Nanvar Ndim Negative Nextafter Nonzero NotEqual OnesLike Outer Pad Percentile Power Prod Ptp Quantile
        Rad2deg Ravel Real Reciprocal Repeat Reshape RightShift Roll Rot90 Round SearchSorted Select Sign
        Signbit Sin Sinc Sinh Size Slogdet Sort Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take
        TakeAlongAxis Tan Tanh Tensordot Tile Trace Transpose Trapezoid Tril Triu TrueDivide Trunc Unique
        UnravelIndex Vander Var Vdot View Vsplit Vstack Where ZerosLike
        """
    ),
    "nn": _words(
        """
        AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm BinaryCrossentropy CTCDecode CTCLoss
        CategoricalCrossentropy Celu Conv ConvTranspose DepthToSpace DepthwiseConv DotProductAttention Elu
        Fold Gelu Glu HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax
        MaxPool Moments MultiHot Normalize OneHot PSNR Polar RMSNorm Relu Relu6 Selu SeparableConv Sigmoid
        Silu SoftShrink Softmax Softplus Softsign SpaceToDepth SparseCategoricalCrossentropy SparsePlus
        SparseSigmoid Sparsemax Squareplus TanhShrink Threshold Unfold
        """
    ),
    "math": _words(
        """
        CDist Erf Erfc Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT InTopK Logdet Logsumexp RFFT Rsqrt
        STFT SegmentMax SegmentMin SegmentProd SegmentReduction SegmentSum TopK ViewAsComplex ViewAsReal
        """
    ),
    "image": _words(
        """
        AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates
        PadImages PerspectiveTransform RGBToGrayscale RGBToHSV Resize SSIM ScaleAndTranslate SobelEdges
        """
    ),
    "linalg": _words(
        """
        Cholesky CholeskyInverse Det Eig Eigh Inv Lstsq LuFactor MatrixRank Norm Pinv Qr SVD Solve
        SolveTriangular
        """
    ),
    "core": frozenset({"Cast", "StopGradient", "Slice", "Unstack", "SaturateCast"}),
}
OPERATIONS = {f"keras.{home}ops.{name}": names for name, names in OPERATION_NAMES.items() for home in ("", "src.")}
READS_FILES = frozenset({"IntegerLookup", "StringLookup", "TextVectorization"})  # where these settings are paths:
FILES = ("vocabulary", "idf_weights")
RUNS_CODE = {
    "Lambda": "it carries Python code that runs when the model is opened or used",
    "__lambda__": "it carries Python code that runs when the model is opened or used",
    "TFSMLayer": "it loads another model from a path",
    "TorchModuleWrapper": "it unpickles, which runs code",
    "FlaxLayer": "it carries code that runs when the model is opened",
    "JaxLayer": "it carries code that runs when the model is opened",
    "__typespec__": "it makes an object of any type",
    "TypeSpec": "it makes an object of any type",
    "CompositeTensor": "it makes an object of any type",
}
