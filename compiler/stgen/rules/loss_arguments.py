"""Constructor arguments of losses: for each one which decision sets it, or why the library's default is right.

A default of the library is a decision as well. The first row that names an argument, and the loss where it names losses,
speaks for it; a test holds the rows against the constructors of the installed library.
"""

from __future__ import annotations

from stgen.values.record import Record


class Argument(Record):
    """What speaks for an argument. `by` is a decision table (`rules/decisions.py`), a code that tells of it, or "default"."""

    name: str
    by: str
    why: str
    losses: tuple[str, ...] = ()  # none: every loss that has it


# fmt: off
TRIPLETS = ("TripletLoss", "SparseTripletLoss", "BatchAllTripletLoss", "BatchHardTripletLoss", "BatchSemiHardTripletLoss", "BatchHardSoftMarginTripletLoss")
CONTRASTIVE = ("ContrastiveLoss", "OnlineContrastiveLoss")
GUIDED = ("GISTEmbedLoss", "CachedGISTEmbedLoss")
FROM_SCORES = ("DistillKLDivLoss", "MarginMSELoss", "SparseDistillKLDivLoss", "SparseMarginMSELoss")

ARGUMENTS: tuple[Argument, ...] = (
    # --- what similarities are multiplied by, and margins between them ---
    Argument("scale", "scale", "20 suits cosines and 1 sums of them; where the spec compares by something else, it follows."),
    Argument("similarity_fct", "default", "Dot products: cosines could not follow scores that have no bound.", FROM_SCORES),
    Argument("similarity_fct", "default", "Cosine, which the loss makes the model's own similarity: scores between 0 and 1 are cosines.", ("SparseCoSENTLoss",)),
    Argument("similarity_fct", "default", "Cosine for dense models, dot products for sparse ones, MaxSim for token vectors: what their evaluators and indexes use."),
    Argument("temperature", "default", "0.01 is GIST's own: the guide's cosines lie close together (Solatorio 2024).", GUIDED),
    Argument("temperature", "STG245", "2, as this loss's own docstring has it: a higher one softens the distributions; for scores between 0 and 1, which the data show, 0.25 is told.", ("SparseDistillKLDivLoss",)),
    Argument("temperature", "STG245", "1 for logits, under a student whose dot products can grow; for scores between 0 and 1, which the data show, 0.25 is told, as in the library's msmarco/training_kd.py."),
    Argument("student_temperature", "STG135", "Follows `temperature`; told where embeddings of length 1 would need 0.05."),
    Argument("teacher_temperature", "STG245", "Follows `temperature`; the spread of the teacher's scores is in the data, and told where 1 doesn't suit it."),
    Argument("distance_metric", "margin", "Cosine where no two embeddings lie further apart than 2, so that the margin can be kept.", TRIPLETS),
    Argument("distance_metric", "default", "Cosine: what the evaluator measures."),
    Argument("triplet_margin", "margin", "0.3 where distances end at 2."),
    Argument("margin", "default", "0: a negative is masked as soon as the guide finds it nearer than the positive.", GUIDED),
    Argument("margin", "default", "0.5 of a distance of cosines, which is the default metric.", CONTRASTIVE),
    Argument("margin", "margin", "0.3 where distances end at 2."),
    Argument("margin_strategy", "default", "With a margin of 0 both are the same."),
    Argument("positive_margin", "default", "Margins of cosines, which this loss always takes."),
    Argument("negative_margin", "default", "Margins of cosines, which this loss always takes."),
    Argument("size_average", "default", "The mean: a sum would change the rate with the batch."),
    # --- what is contrasted with what ---
    Argument("directions", "default", "A query finds documents, as the search does that is measured; the other way helps where pairs are symmetric."),
    Argument("partition_mode", "default", "One softmax over all candidates; it matters only with several directions."),
    Argument("hardness_mode", "default", "No weights: they help once negatives are hard, and hurt where many are false."),
    Argument("hardness_strength", "STG132", "Nothing without a mode, and told where only one of the two is given."),
    Argument("contrast_anchors", "STG137", "As GIST was published; the guide masks what would be false, and is told of where it masks more."),
    Argument("contrast_positives", "default", "As GIST was published; the guide masks what would be false."),
    Argument("num_negatives", "default", "4: each costs one more forward pass for every row. The library's ms_marco/training_ms_marco_cmnrl.py and rerankers/training_gooaq_cmnrl.py take 5, which measures nothing of 4."),
    Argument("gather_across_devices", "gather_across_devices", "On several devices each also sees the others' documents."),
    Argument("use_mini_batched_version", "default", "Made for batches that don't fit into memory, which this loss wants."),
    # --- memory and speed ---
    Argument("mini_batch_size", "default", "Changes memory and speed, never the gradients; the plan counts with it."),
    Argument("score_mini_batch_size", "default", "Changes memory and speed, never the gradients."),
    Argument("mini_batch_num_tokens", "default", "Changes memory and speed, never the gradients."),
    Argument("show_progress_bar", "default", "A bar for each step would drown the log."),
    # --- labels ---
    Argument("activation_fn", "default", "None: a teacher's scores have no bound.", ("MSELoss", "MarginMSELoss")),
    Argument("activation_fn", "STG132", "None: the loss has a sigmoid or a softmax inside; the in-batch losses take a sigmoid before their scale of 10. Told where a second one is given."),
    Argument("pos_weight", "STG231", "The balance of labels is in the data: told with the weight to write where positives are rare."),
    Argument("loss_fct", "default", "Squared error, for scores between 0 and 1."),
    Argument("cos_score_transformation", "default", "Scores between 0 and 1 are cosines already."),
    Argument("concatenation_sent_rep", "default", "u, v and |u - v|: what did best in the ablation of Reimers and Gurevych 2019, table 6."),
    Argument("concatenation_sent_difference", "default", "u, v and |u - v|: what did best in the ablation of Reimers and Gurevych 2019, table 6."),
    Argument("concatenation_sent_multiplication", "default", "u * v beside u, v and |u - v| did worse in the ablation of Reimers and Gurevych 2019, table 6."),
    # --- lists ---
    Argument("weighting_scheme", "default", "NDCG-Loss2++ did best in the LambdaLoss paper (Wang et al. 2018) and is what the library's examples take."),
    Argument("k", "default", "No cut: lists are short, and a cut would take gradients away."),
    Argument("sigma", "default", "1: the outputs are logits without a bound."),
    Argument("eps", "default", "Keeps logarithms finite, and no more."),
    Argument("reduction_log", "default", "A constant factor on the loss."),
    Argument("lambda_weight", "default", "More weight on the top of the list is what PListMLE is for."),
    Argument("respect_input_order", "parameters", "False: the scores say the order, and the file's need not."),
    Argument("alpha", "default", "1, as ADR-MSE was published: how softly ranks are approximated."),
    # --- distillation and denoising ---
    Argument("projection_dim", "STG244", "None: it is needed only where the teacher's vectors have another width, which is told with the line to write."),
    Argument("decoder_name_or_path", "default", "The base itself, read as a decoder."),
    Argument("tie_encoder_decoder", "STG132", "Shared weights, as TSDAE was published; told where it contradicts a decoder that is named."),
    # --- around a loss ---
    Argument("matryoshka_weights", "STG133", "Each dimension counts alike, as in the paper; told where their number is wrong."),
    Argument("n_dims_per_step", "default", "All dimensions in each step; with layers one of them, since the layers multiply the work."),
    Argument("n_layers_per_step", "default", "One layer beside the last in each step: more multiply the work."),
    Argument("last_layer_weight", "default", "As the library's examples take it."),
    Argument("prior_layers_weight", "default", "As the library's examples take it; divided by the layer's depth inside."),
    Argument("kl_div_weight", "default", "As the library's examples take it."),
    Argument("kl_temperature", "default", "As the library's examples take it."),
    Argument("layer_weighting", "default", "Every layer may be the one that is kept."),
    Argument("mean_weight", "default", "`orthogonal` under [loss] scales both terms alike."),
    Argument("second_moment_weight", "default", "`orthogonal` under [loss] scales both terms alike."),
    Argument("aggregation", "default", "The mean over columns, so that weights don't depend on their number."),
    # --- sparsity ---
    Argument("document_regularizer_threshold", "default", "None: FLOPS without a floor, as SPLADE was published."),
    Argument("query_regularizer_threshold", "default", "None: FLOPS without a floor, as SPLADE was published."),
    Argument("use_document_regularizer_only", "sparsity", "Set where neither text of a pair is a query."),
    Argument("threshold", "default", "None: FLOPS without a floor, as SPLADE was published."),
    Argument("gamma", "parameters", "0.1: a lower one favours few dimensions."),
    Argument("beta", "default", "0.1 of the auxiliary reconstruction inside CSRLoss, as the authors take it for texts (Y-Research-SBU/CSRv2); for images their code has 1/32.", ("CSRLoss",)),
    Argument("beta", "default", "CSRLoss sets it."),
)
# fmt: on


def argument_of(loss: str, name: str) -> Argument | None:
    """The row that speaks for an argument of a loss."""
    return next((row for row in ARGUMENTS if row.name == name and (not row.losses or loss in row.losses)), None)
