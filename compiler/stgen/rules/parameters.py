"""Constructor parameters that several losses share."""

from __future__ import annotations

from stgen.rules.row import Parameter

# fmt: off
SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")
MATRIX_NAMES = ("util.cos_sim", "util.dot_score", "util.euclidean_sim", "util.manhattan_sim")
PAIRWISE_NAMES = ("util.pairwise_cos_sim", "util.pairwise_dot_score", "util.pairwise_euclidean_sim", "util.pairwise_manhattan_sim")

SIMILARITY = Parameter("similarity_fct", "choice", "cosine", SIMILARITIES, MATRIX_NAMES)
SPARSE_SIMILARITY = Parameter("similarity_fct", "choice", "dot", SIMILARITIES, MATRIX_NAMES)
PAIRWISE_COSINE = Parameter("similarity_fct", "choice", "cosine", SIMILARITIES, PAIRWISE_NAMES)
PAIRWISE_DOT = Parameter("similarity_fct", "choice", "dot", SIMILARITIES, PAIRWISE_NAMES)

SCALE_20 = Parameter("scale", "float", 20.0, above=0)
SCALE_10 = Parameter("scale", "float", 10.0, above=0)
SCALE_1 = Parameter("scale", "float", 1.0, above=0)
GATHER = Parameter("gather_across_devices", "bool", False)
PROGRESS = Parameter("show_progress_bar", "bool", False)
MINI_BATCH = Parameter("mini_batch_size", "int", 32, at_least=1)
MINI_TOKENS = Parameter("mini_batch_num_tokens", "int | None", None, at_least=1)
OPTIONAL_MINI_BATCH = Parameter("mini_batch_size", "int | None", None, at_least=1)
PROJECTION = Parameter("projection_dim", "int | None", None, at_least=1)

DIRECTIONS = Parameter("directions", "choices", ("query_to_doc",), ("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"))
PARTITION = Parameter("partition_mode", "choice", "joint", ("joint", "per_direction"))
HARDNESS_MODE = Parameter("hardness_mode", "choice | None", None, ("in_batch_negatives", "hard_negatives", "all_negatives"))
HARDNESS = Parameter("hardness_strength", "float", 0.0, at_least=0)
SYMMETRIC = (("directions", ("query_to_doc", "doc_to_query")), ("partition_mode", "per_direction"))

GIST_TEMPERATURE = Parameter("temperature", "float", 0.01, above=0)
MARGIN_STRATEGY = Parameter("margin_strategy", "choice", "absolute", ("absolute", "relative"))
GIST_MARGIN = Parameter("margin", "float", 0.0)
CONTRAST_ANCHORS = Parameter("contrast_anchors", "bool", True)
CONTRAST_POSITIVES = Parameter("contrast_positives", "bool", True)

TRIPLET_WORDS = ("euclidean", "cosine", "manhattan")
TRIPLET_DISTANCE = Parameter("distance_metric", "choice", "euclidean", TRIPLET_WORDS, ("losses.TripletDistanceMetric.EUCLIDEAN", "losses.TripletDistanceMetric.COSINE", "losses.TripletDistanceMetric.MANHATTAN"))
SPARSE_TRIPLET_DISTANCE = Parameter("distance_metric", "choice", "euclidean", TRIPLET_WORDS, ("dense_losses.TripletDistanceMetric.EUCLIDEAN", "dense_losses.TripletDistanceMetric.COSINE", "dense_losses.TripletDistanceMetric.MANHATTAN"))
TRIPLET_MARGIN = Parameter("triplet_margin", "float", 5, above=0)
SIAMESE_WORDS = ("cosine", "euclidean", "manhattan")
SIAMESE_DISTANCE = Parameter("distance_metric", "choice", "cosine", SIAMESE_WORDS, ("losses.SiameseDistanceMetric.COSINE_DISTANCE", "losses.SiameseDistanceMetric.EUCLIDEAN", "losses.SiameseDistanceMetric.MANHATTAN"))
SPARSE_SIAMESE_DISTANCE = Parameter("distance_metric", "choice", "cosine", SIAMESE_WORDS, ("dense_losses.SiameseDistanceMetric.COSINE_DISTANCE", "dense_losses.SiameseDistanceMetric.EUCLIDEAN", "dense_losses.SiameseDistanceMetric.MANHATTAN"))
CONTRASTIVE_MARGIN = Parameter("margin", "float", 0.5, above=0)
SIZE_AVERAGE = Parameter("size_average", "bool", True)
BATCH_DISTANCE = Parameter("distance_metric", "choice", "euclidean", ("euclidean", "cosine"), ("losses.BatchHardTripletLossDistanceFunction.euclidean_distance", "losses.BatchHardTripletLossDistanceFunction.cosine_distance"))
BATCH_MARGIN = Parameter("margin", "float", 5, above=0)

REGRESSION = Parameter("loss_fct", "choice", "mse", ("mse", "l1", "smooth_l1", "huber"), ("torch.nn.MSELoss()", "torch.nn.L1Loss()", "torch.nn.SmoothL1Loss()", "torch.nn.HuberLoss()"))
COSINE_TRANSFORM = Parameter("cos_score_transformation", "choice", "identity", ("identity", "sigmoid", "relu"), ("torch.nn.Identity()", "torch.nn.Sigmoid()", "torch.nn.ReLU()"))

TEMPERATURE_1 = Parameter("temperature", "float", 1.0, above=0)
TEMPERATURE_2 = Parameter("temperature", "float", 2.0, above=0)
STUDENT_TEMPERATURE = Parameter("student_temperature", "float | None", None, above=0)
TEACHER_TEMPERATURE = Parameter("teacher_temperature", "float | None", None, above=0)

ACTIVATION_WORDS = ("identity", "sigmoid", "tanh")
ACTIVATION_NAMES = ("torch.nn.Identity()", "torch.nn.Sigmoid()", "torch.nn.Tanh()")
IDENTITY = Parameter("activation_fn", "choice", "identity", ACTIVATION_WORDS, ACTIVATION_NAMES)
SIGMOID = Parameter("activation_fn", "choice", "sigmoid", ACTIVATION_WORDS, ACTIVATION_NAMES)

MATRYOSHKA_WEIGHTS = Parameter("matryoshka_weights", "floats | None", None, at_least=0)
LAYERS_PER_STEP = Parameter("n_layers_per_step", "int", 1, at_least=-1)
LAST_LAYER = Parameter("last_layer_weight", "float", 1.0, at_least=0)
PRIOR_LAYERS = Parameter("prior_layers_weight", "float", 1.0, at_least=0)
KL_WEIGHT = Parameter("kl_div_weight", "float", 1.0, at_least=0)
KL_TEMPERATURE = Parameter("kl_temperature", "float", 0.3, at_least=0)
LAYER_WEIGHTING = Parameter("layer_weighting", "choice", "uniform", ("uniform", "log", "linear"))

MNRL = (SCALE_20, SIMILARITY, GATHER, DIRECTIONS, PARTITION, HARDNESS_MODE, HARDNESS)
CACHED_MNRL = (SCALE_20, SIMILARITY, MINI_BATCH, MINI_TOKENS, GATHER, DIRECTIONS, PARTITION, PROGRESS, HARDNESS_MODE, HARDNESS)
GIST = (GIST_TEMPERATURE, MARGIN_STRATEGY, GIST_MARGIN, CONTRAST_ANCHORS, CONTRAST_POSITIVES, GATHER)
KL_DIVERGENCE = (PAIRWISE_DOT, TEMPERATURE_1, STUDENT_TEMPERATURE, TEACHER_TEMPERATURE)
LAYERS = (LAYERS_PER_STEP, LAST_LAYER, PRIOR_LAYERS, KL_WEIGHT, KL_TEMPERATURE, LAYER_WEIGHTING)
# fmt: on
