"""Arguments of a loss that the library takes and trains on wrongly, or refuses after the model is loaded: a match -> findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, Severity
from stgen.language.facts import architecture, base_may_bring_prompts, prompts_of, sides
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss, Model, SubModel
from stgen.match.matching import Match
from stgen.plan.defaults import is_bounded, params_of, width_of
from stgen.plan.memory.shape import most_tokens
from stgen.rules.bases import is_unpadded, known_base, reads_pairs

HIGHEST, HIGHEST_STATIC = 1e-2, 1.0  # learning rates of transformers and of static embeddings
REACH = 2.0  # no two vectors of length 1 lie further apart, nor does a cosine distance reach further
OWN_KIND = ("query_to_query", "doc_to_doc")  # directions in which no candidate is the positive
TEMPERATURES = ("MultipleNegativesRankingLoss", "CoSENTLoss", "AnglELoss", "ContrastiveTensionLossInBatchNegatives")
INSTRUCTION = 5  # words; `query: ` and the like change next to nothing
MASKED = (
    "all-MiniLM-L6-v2 masked 1 % of the other questions in batches of 32 without a prompt, 22 % under BGE's instruction, 79 % under Qwen3's",
)
USUAL = "leave it out: the library's own is 20, which is a temperature of 0.05"


def check_arguments(spec: Spec, index: int, match: Match) -> Iterator[Diagnostic]:
    """All that is wrong with the arguments of the loss of data set `index`."""
    data = spec.data[index]
    table = data.loss or spec.loss
    path: KeyPath = ("data", index, "loss") if data.loss else ("loss",)
    params = params_of(spec, table, match)
    yield from _matryoshka(spec, table, path)
    yield from _contradictions(match, table.params, (*path, "params"))
    yield from _reach(spec, table, match, params, path)
    yield from _scale(spec, match, table.params, (*path, "params"))
    yield from _activation(match, table.params, (*path, "params"))
    yield from _embeds(spec, table, match, path)
    yield from _prompted_guide(spec, index, table, params, path)


def _embeds(spec: Spec, table: Loss, match: Match, path: KeyPath) -> Iterator[Diagnostic]:
    """STG136: a cross-encoder where embeddings are asked for. STG244: a teacher whose embeddings are known to be wider or narrower."""
    embeds = any(row.template == "teach_embeddings" for row in match.way.rows)
    asked = {"guide": table.guide, "teacher": table.teacher if embeds else None}
    for key, name in asked.items():
        if name is None or not reads_pairs(name):
            continue
        wanted = "to compare texts by" if key == "guide" else "to copy"
        kind = "sparse" if key == "teacher" and spec.model.type == "sparse" else "dense"
        example = "naver/splade-v3" if kind == "sparse" else "sentence-transformers/all-mpnet-base-v2"
        message = f"{name} is a cross-encoder: it has no embeddings {wanted}"
        yield Diagnostic("STG136", message, (*path, key), f'name a {kind} model, such as {key} = "{example}"')
    if embeds and spec.model.type == "dense" and not reads_pairs(table.teacher or ""):
        yield from _widths(spec, table, path)


def _prompted_guide(spec: Spec, index: int, table: Loss, params: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """STG137: a guide that reads the instruction of the model in training, and wasn't trained with it."""
    base, guide = known_base(spec.model.base or ""), known_base(table.guide or "")
    brought = base.query if base and base_may_bring_prompts(spec) else ""
    prompt = prompts_of(spec, index).get("query", brought)
    trained_with = guide is not None and guide.query == prompt
    if table.guide is None or params.get("contrast_anchors") is False or trained_with:
        return
    if len(prompt.split()) >= INSTRUCTION:
        message = f"{table.guide} reads the model's prompt before each query, which then look alike to it: many are masked as negatives of each other"
        hint = "write params = { contrast_anchors = false } under [loss], or name a guide that was trained with this prompt"
        yield Diagnostic("STG137", message, (*path, "guide"), hint, MASKED, severity="note")


def _widths(spec: Spec, table: Loss, path: KeyPath) -> Iterator[Diagnostic]:
    teacher, projected = known_base(table.teacher or ""), table.params.get("projection_dim")
    wide, learned = teacher.hidden if teacher else 0, projected or width_of(spec)
    if not wide or not learned or wide == learned:
        return
    message = f"{table.teacher} makes embeddings of {wide} dimensions, and the model learns {learned}"
    lines = [f"params = {{ projection_dim = {wide} }} under [loss]", f"dimensions = {wide} under [model]"]
    hint = f"write {lines[1] if table.matryoshka and not projected else ', or '.join(lines[: 1 if projected else 2])}"
    yield Diagnostic("STG244", message, (*path, "teacher"), hint)


def check_rate(spec: Spec) -> Iterator[Diagnostic]:
    """STG195: a learning rate that no weights of this kind bear."""
    static, rate = architecture(spec) in ("static", "static-router"), spec.train.learning_rate
    if rate is not None and rate > (HIGHEST_STATIC if static else HIGHEST):
        message = f"a learning rate of {rate:g} destroys the weights in its first steps"
        hint = "write 2e-1 or less" if static else "write something like 2e-5, or leave it out"
        yield Diagnostic("STG195", message, ("train", "learning_rate"), hint)


def check_base(spec: Spec) -> Iterator[Diagnostic]:
    """STG385: more tokens than a base has positions; STG386: a base without a token to pad with."""
    for path, side in encoders(spec):
        base = known_base(side.base or "")
        if base and (most := most_tokens(base)) and side.max_length and side.max_length > most:
            yield beyond_positions(side.max_length, str(side.base), most, path)
        if is_unpadded(side.base or ""):
            yield without_padding(str(side.base), path, "warning")  # somebody may have added one since


def encoders(spec: Spec) -> Iterator[tuple[KeyPath, Model | SubModel]]:
    """What reads texts, each with the table that says so."""
    yield ("model",), spec.model
    for name, side in sides(spec).items():
        own = getattr(spec.model, name)
        if own is not None and side.architecture != "static" and (own.base or own.max_length):
            yield ("model", name), side


def beyond_positions(length: int, base: str, most: int, path: KeyPath) -> Diagnostic:
    """STG385."""
    message = f"max_length is {length:,}, and {base} has {most:,} positions"
    hint = f"write max_length = {most} or less and split longer texts, or name a base model that reads more"
    note = "training stops at the first batch with a text that is longer"
    return Diagnostic("STG385", message, (*path, "max_length"), hint, (note,))


def without_padding(base: str, path: KeyPath, severity: Severity = "error") -> Diagnostic:
    """STG386."""
    message = f"{base} has no padding token, and the texts of a batch are padded to one length"
    hint = "save it with tokenizer.pad_token = tokenizer.eos_token to a folder, and name that folder as base"
    return Diagnostic("STG386", message, (*path, "base"), hint, severity=severity)


def too_wide(cuts: list[int], width: int, path: KeyPath) -> Diagnostic:
    """STG133: dimensions that the model doesn't have."""
    hint = f"write matryoshka = {[width, *[cut for cut in cuts if cut < width]]}"
    return Diagnostic("STG133", f"embeddings have {width} dimensions, and can't be cut to {max(cuts)}", path, hint)


def _matryoshka(spec: Spec, table: Loss, path: KeyPath) -> Iterator[Diagnostic]:
    """STG133: dimensions that the model doesn't have, none at all, or weights for others."""
    if table.matryoshka is None or spec.model.type != "dense":
        return
    where, width = (*path, "matryoshka"), width_of(spec)
    if not table.matryoshka:
        yield Diagnostic(
            "STG133", "there are no dimensions to cut embeddings to", where, "leave the key out", about="key"
        )
        return
    if width is not None and max(table.matryoshka) > width:
        yield too_wide(table.matryoshka, width, where)
    weights = table.params.get("matryoshka_weights")
    if isinstance(weights, list) and len(weights) != len(table.matryoshka):
        message = f"there are {len(table.matryoshka)} dimensions and {len(weights)} weights"
        key = (*path, "params", "matryoshka_weights")
        yield Diagnostic("STG133", message, key, "write a weight for each dimension, in their order")


def _contradictions(match: Match, params: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """STG132: arguments that rule each other out, or that do nothing on this data."""
    directions = params.get("directions")
    bad = [word for word in OWN_KIND if isinstance(directions, list) and word in directions]
    if params.get("partition_mode") == "per_direction" and bad:
        message = f"{bad[0]} holds no positive, so it can't have a softmax of its own"
        yield Diagnostic("STG132", message, (*path, "partition_mode"), 'write "joint", or leave it out')
    mode, strength = params.get("hardness_mode"), params.get("hardness_strength")
    if mode is not None and not strength:
        yield Diagnostic(
            "STG132",
            "hardness_mode has no effect at a strength of 0",
            (*path, "hardness_mode"),
            "add hardness_strength = 9",
        )
    elif strength and mode is None:
        message = "hardness_strength has no effect without a mode"
        hint = 'add hardness_mode = "in_batch_negatives"'
        yield Diagnostic("STG132", message, (*path, "hardness_strength"), hint, about="key")
    if mode == "hard_negatives" and not match.trained_format.name.startswith(("triplet", "n-tuple")):
        message = f"{match.trained_format.name} data has no hard negatives to weigh"
        yield Diagnostic("STG132", message, (*path, "hardness_mode"), 'write "in_batch_negatives"')
    tied, decoder = params.get("tie_encoder_decoder", True), params.get("decoder_name_or_path")
    if tied is False and decoder is None:
        message = "a decoder of its own needs a name, and the spec gives none"
        hint = 'add decoder_name_or_path = "..." beside it, or leave it out'
        yield Diagnostic("STG132", message, (*path, "tie_encoder_decoder"), hint)
    elif tied is True and decoder is not None:
        message = "the decoder shares the encoder's weights, and the one that is named would be ignored"
        hint = "add tie_encoder_decoder = false, or leave it out"
        yield Diagnostic("STG132", message, (*path, "decoder_name_or_path"), hint)


def _reach(spec: Spec, table: Loss, match: Match, params: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """STG134: a margin that no two embeddings can have between them; STG135: a teacher's scores under such embeddings."""
    bounded = is_bounded(spec, table, match)
    for name in ("triplet_margin", "margin"):
        margin = table.params.get(name)
        if bounded and match.loss.objective != "in-batch" and isinstance(margin, (int, float)) and margin >= REACH:
            message = f"a margin of {margin:g} can never be satisfied: {bounded}, and no distance exceeds {REACH:g}"
            yield Diagnostic("STG134", message, (*path, "params", name), "write 0.5 or less, or leave it out")
    dot = params.get("similarity_fct", "dot") == "dot"
    if spec.model.type != "dense" or match.loss.objective != "teacher" or not dot:
        return
    tempered = params.get("student_temperature", params.get("temperature", 1.0))
    if (spec.model.normalize or table.matryoshka) and (not isinstance(tempered, (int, float)) or tempered >= 0.5):
        why = "Matryoshka scales every cut to length 1" if table.matryoshka else "embeddings are scaled to length 1"
        message = f"{why}: their dot products end at 1, and can't follow a teacher's scores"
        note = "of four documents the best then gets at most 0.71, however sure the teacher is"
        margins = "MarginMSE" in match.loss.name
        hint = "leave normalize out" if margins or not table.matryoshka else "add student_temperature = 0.05 to params"
        place: KeyPath = (*path, "matryoshka") if table.matryoshka else ("model", "normalize")
        yield Diagnostic("STG135", message, place, hint, (note,), severity="warning", about="key")


def _scale(spec: Spec, match: Match, params: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """STG134: a temperature in the place of a scale, and a scale of cosines under sums of them."""
    scale = params.get("scale")
    if not isinstance(scale, (int, float)) or isinstance(scale, bool):
        return
    cosine = params.get("similarity_fct", "cosine") == "cosine"
    if spec.model.type == "dense" and match.loss.name.endswith(TEMPERATURES) and cosine and 0 < scale < 1:
        message = f"a scale of {scale:g} shrinks cosines: they are multiplied by it, 1 / temperature"
        hint = f"write scale = {1 / scale:g}, or {USUAL}"
        yield Diagnostic("STG134", message, (*path, "scale"), hint, severity="warning")
    mean = params.get("similarity_fct") == "mean_maxsim"
    if spec.model.type == "multi-vector" and scale >= 5 and not mean:
        message = (
            f"a scale of {scale:g} is meant for cosines, and MaxSim is a sum of as many cosines as the query has tokens"
        )
        yield Diagnostic("STG134", message, (*path, "scale"), "leave it out: the library's own is 1")
    if (
        spec.model.type == "sparse"
        and scale >= 5
        and params.get("similarity_fct", "dot") == "dot"
        and architecture(spec) != "csr"
    ):
        message = f"a scale of {scale:g} is meant for cosines, and dot products of sparse vectors are large already"
        if match.loss.name == "SparseMultipleNegativesRankingLoss":
            yield Diagnostic("STG134", message, (*path, "scale"), "leave it out: the library's own is 1")


def _activation(match: Match, params: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """STG132: a sigmoid or tanh before a loss that has one of its own."""
    given = params.get("activation_fn")
    if match.loss.name in ("BinaryCrossEntropyLoss", "CrossEntropyLoss") and given not in (None, "identity"):
        own = "softmax" if match.loss.name == "CrossEntropyLoss" else "sigmoid"
        message = f"{match.loss.name} applies a {own} itself, and would get the outputs of a {given} in place of logits"
        notes = ("at a logit of -20 for a negative the loss stays at 0.693, chance level",)
        hint = "leave it out: the outputs go to the loss as they are"
        yield Diagnostic("STG132", message, (*path, "activation_fn"), hint, notes if own == "sigmoid" else ())
