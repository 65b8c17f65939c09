"""Which fragments train.py is made of: Plan -> TrainProgram. Their text stands in the templates."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.plan.plan import Contrast, MixPlan, Plan, TrainPlan
from stgen.render.programs.fragments import those
from stgen.render.programs.pace import Pace, pace_of
from stgen.render.programs.prompts import prompts_argument
from stgen.rules.arguments import HYPERPARAMETERS, Hyperparameter
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class TrainProgram(Record):
    """The fragments of train.py, each the name of a template in `templates/train/`, and the expressions that it holds."""

    top: tuple[str, ...]  # constants beside those of every repo
    rows: str  # how the rows are loaded
    build: Expression  # the model before training
    after_rows: tuple[str, ...]  # what is asked of the training rows, so that a batch can be filled
    trainer: Expression
    before_loss: tuple[str, ...]
    loss: str
    measure: Expression  # the evaluator of one set
    train_rows: Expression
    eval_rows: str
    evaluator: Expression
    progress: str  # what the rows are called
    before_start: tuple[str, ...]
    identity: str  # by which rows a run is told apart
    chance: str  # whose chance-level loss is known
    candidates: str  # among what an anchor's positive is looked for
    batch_size: Expression
    trained: tuple[str, ...]  # what follows the training, in each process
    measured: str  # how many rows are for eval
    eval_batch: str  # "by_class": batches are of pairs of rows of a class; "rows": of any
    asks_base: bool  # what stands before texts is what the base puts there
    drawn: str  # "whole": a batch is split over the processes; "apart": each reads rows of its own
    flag: str  # "own": the hyperparameters are flags; "candidate": the loss is, which brings them
    arguments: Mapping[str, Expression]  # of the trainer
    at_end: tuple[str, ...]
    functions: tuple[str, ...]
    flags: tuple[str, ...]
    pace: Pace  # how often to evaluate, where train.py counts its rows for that


def train_program(plan: Plan) -> TrainProgram:
    """Choose the fragments of a plan's train.py."""
    flag = "candidate" if plan.compare else "own"
    return TrainProgram(
        top=_top(plan),
        rows="stream" if plan.stream else "candidate" if plan.compare else "files",
        build=_build(plan),
        after_rows=_after_rows(plan),
        trainer=Name("sharding.ShardedTrainer" if plan.train.sharded else plan.model.trainer),
        before_loss=_before_loss(plan),
        loss="sets" if plan.mix else "candidate" if plan.compare else "built" if _built(plan) else "one",
        measure=_measure(plan),
        train_rows=_train_rows(plan),
        eval_rows=_eval_rows(plan),
        evaluator=_evaluator(plan),
        progress="sets" if plan.mix else "stream" if plan.stream else "rows",
        before_start=those({"swap": _swapped(plan), "once": plan.compare is not None}),
        identity=_identity(plan),
        chance=_chance(plan),
        candidates=_candidates(plan.sets[0].contrast),
        batch_size=Name("candidate.batch_size" if plan.compare else "options.batch_size"),
        measured=_measured(plan),
        eval_batch="by_class" if _by_class(plan) else "rows",
        trained=those({"gather": plan.train.sharded}),
        asks_base=plan.model.prompted == "base",
        drawn="apart" if plan.stream else "whole",
        flag=flag,
        arguments=_arguments(plan.train, bool(plan.compare)) | dict(plan.model.arguments) | prompts_argument(plan),
        at_end=those({"removed": plan.stream is not None and plan.stream.removes}),
        functions=_functions(plan),
        flags=those({"push": plan.train.hub is not None}),
        pace=pace_of(plan, _by_class(plan)),
    )


def indifferent_programs(plan: Plan) -> tuple[str, ...]:
    """The programs that prepare, tell or measure afterwards: they may change within a run."""
    chosen = {"compare": plan.compare, "export": plan.exported, "mteb_tasks": plan.mteb}
    prepared = [one.module("prepare") for one in plan.sets if one.prepare]
    of_rows = ("stamp", "prepare", *prepared) if prepared else ()
    always = ("card", "checkpoints", "monitor", "provenance", "report", "saving", "verdict")
    return tuple(sorted({*always, *those(chosen), *of_rows}))


def _top(plan: Plan) -> tuple[str, ...]:
    mix = plan.mix
    guided = any(one.loss.guide for one in plan.sets)
    return those(
        {
            "guides": mix and guided,
            "guide": not mix and guided and not plan.compare,
            "own_loss": plan.compare,
            "batch_size": not plan.compare,
            "evaluations": plan.train.counts,
            "shares": mix and mix.weighted,
        }
    )


def _build(plan: Plan) -> Expression:
    base = Name("options.base")
    seeded = plan.compare and plan.sets[0].evaluation.untrained_parts == "seeded by the model"
    return Call("model.build", (base, Name("options.seed")) if seeded else (base,))


def _built(plan: Plan) -> bool:
    """Whether the loss stands in another, and is built in a function of its own."""
    return bool(plan.sets[0].loss.wrapped) and not plan.mix and not plan.compare


def _before_loss(plan: Plan) -> tuple[str, ...]:
    same_width = any(one.loss.same_width for one in plan.sets)
    guided = any(one.loss.guide is not None for one in plan.sets)
    return those(
        {
            "activation": plan.compare and plan.compare.activations_differ,
            "sharding": plan.train.sharded,
            "widths": plan.mix and same_width,
            "width": not plan.mix and same_width,
            "guide": not plan.mix and guided and not plan.compare,
        }
    )


def _samplers_of(plan: Plan) -> set[object]:
    """What draws the batches of a repo's one set, or of each of several; nothing where compared losses differ in it."""
    if plan.compare or plan.stream:
        return set()
    return {one.sampler for one in plan.sets} if plan.mix else {plan.train.arguments.get("batch_sampler")}


def _by_class(plan: Plan) -> bool:
    return "group_by_label" in _samplers_of(plan)


def _after_rows(plan: Plan) -> tuple[str, ...]:
    apart = _apart(plan)
    if plan.mix:
        return those({"fill_sets": apart or _by_class(plan)})
    return those({"by_class": _by_class(plan), "apart": apart})


def _apart(plan: Plan) -> bool:
    """Whether only whole batches are taken, in which no text may stand twice."""
    return "no_duplicates" in _samplers_of(plan) and plan.train.arguments.get("dataloader_drop_last") is True


def _swapped(plan: Plan) -> bool:
    return plan.stream is not None and plan.stream.swapped


def _damages(plan: Plan) -> str:
    """What has texts damaged anew in each pass: "" where none stand beside damaged copies; a stream does it itself."""
    losses = plan.compare.candidates if plan.compare else [one.loss for one in plan.sets]
    if plan.stream or all("damage-texts" not in one.conversions for one in losses):
        return ""
    return "damage_sets" if plan.mix else "damage_candidate" if plan.compare else "damage_one"


def _train_rows(plan: Plan) -> Expression:
    if _damages(plan) == "damage_one":
        return Call("train_rows.with_transform", (Name("prepare.damage_anew"),))
    if _damages(plan):
        return Call("as_read", (Name("train_rows"),))
    return Name("first_rows" if _swapped(plan) else "train_rows")


def _eval_rows(plan: Plan) -> str:
    data = plan.sets[0].data
    if plan.compare and plan.compare.eval_rows_differ:
        return "candidate"
    if not plan.mix:
        measured = "by_class" if _by_class(plan) else "apart" if _apart(plan) else "all"
        return measured if data.evaluated_format == data.trained_format else "none"
    if plan.mix.evaluated and _by_class(plan):
        return "sets_by_class"
    if len(plan.mix.evaluated) == len(plan.sets):
        return "sets_apart" if _apart(plan) and len(_samplers_of(plan)) == 1 else "all"
    return "some_sets" if plan.mix.evaluated else "none"


def _measured(plan: Plan) -> str:
    if plan.mix:
        return "sets_apart" if _eval_rows(plan) == "sets_apart" else "sets"
    return "by_class" if _by_class(plan) else "apart" if _eval_rows(plan) == "apart" else "rows"


def _affords(plan: Plan) -> bool:
    """Whether train.py decides among how many documents it searches: it counts its rows for that."""
    alone = not plan.mix and not plan.compare
    return plan.train.counts and alone and plan.sets[0].evaluation.reading.counted == "documents"


def _measure(plan: Plan) -> Expression:
    rows = Name("eval_rows")
    if not _affords(plan):
        return Call("measure.build_evaluator", (rows,))
    trained = pace_of(plan, by_class=False).trained
    counted = (Name("options"), *([trained] if trained else []), Call("len", (rows,)))
    return Call("measure.build_evaluator", (rows, Call("documents_afforded", counted)))


def _evaluator(plan: Plan) -> Expression:
    own = Name("evaluator")
    return Call("nanobeir.beside", (own,)) if plan.sets[0].evaluation.nanobeir else own


def _identity(plan: Plan) -> str:
    if plan.mix:
        return "sets"
    if not plan.stream:
        return "candidate" if plan.compare else "files"
    return "hub_stream" if plan.stream.reads == "hub" else "file_stream"


def _chance(plan: Plan) -> str:
    if plan.mix:
        return "sets" if plan.mix.contrasted else "unknown"
    contrast = plan.sets[0].contrast
    return "one" if contrast and contrast.softmax else "unknown"


def _candidates(contrast: Contrast | None) -> str:
    if contrast is None:
        return "positives"
    if contrast.counted == "sampled":
        return "sampled"
    return "texts" if contrast.counted == "batch" and contrast.texts > 1 else "positives"


def _arguments(train: TrainPlan, compared: bool) -> dict[str, Expression]:
    """The training arguments as train.py writes them: the hyperparameters by the names of their flags or constants."""
    named = {one.argument: one for one in hyperparameters(train)}
    written: dict[str, Expression] = {}
    for argument, one in named.items():
        flag = one.flag[2:].replace("-", "_")
        written[argument] = Name(f"options.{flag}" if flag and not compared else one.constant)
    for argument, value in train.arguments.items():
        if argument not in named:
            same = argument == "save_steps" and value == train.arguments.get("eval_steps")
            written[argument] = Name("EVALUATE_EVERY") if same else value
    return written | (
        {"eval_steps": Name("every"), "save_steps": Name("every"), "eval_on_start": Name("first")}
        if train.counts
        else {}
    )


def hyperparameters(train: TrainPlan) -> list[Hyperparameter]:
    """The training arguments that stand on top of train.py; not how often to evaluate, where the rows are counted for that."""
    found = [one for one in HYPERPARAMETERS if one.argument in train.arguments]
    return [one for one in found if one.argument != "eval_steps" or not train.counts]


def _functions(plan: Plan) -> tuple[str, ...]:
    chance = {"one": "chance_level", "sets": "chance_levels"}.get(_chance(plan), "")
    asks = plan.model.prompted == "base"
    pairs = plan.model.type == "cross-encoder"
    return (
        *those({"column_prompts": asks and not pairs, "default_prompt": asks and pairs}),
        *those({name: _damages(plan) == name for name in ("damage_sets", "damage_candidate")}),
        *those({"build_losses": plan.mix, "build_loss": _built(plan)}),
        *those({"check_width": plan.mix and any(one.loss.same_width for one in plan.sets)}),
        *_samplers(plan.mix, {one.sampler for one in plan.sets}),
        *those({chance: chance}),
        *those(
            {"rows_by_class": _by_class(plan), "has_eval_loss": plan.mix and plan.mix.evaluated and _by_class(plan)}
        ),
        *those(
            {
                "without_repeats": _eval_rows(plan) in ("apart", "sets_apart"),
                "require_by_class": _by_class(plan),
                "require_apart": {"apart", "fill_sets"} & set(_after_rows(plan))
                and "no_duplicates" in _samplers_of(plan),
            }
        ),
        *those({"documents_afforded": _affords(plan)}),
        *those({"evaluate_every": plan.train.counts, "save_merged": plan.model.merged}),
        *those({"weighted": plan.mix and plan.mix.weighted, "by_length": plan.train.by_length}),
    )


def _samplers(mix: MixPlan | None, used: set[str]) -> tuple[str, ...]:
    """What draws the batches of each set, where the sets differ in that."""
    if not mix or not mix.samplers:
        return ()
    return those({"draw_batches": True, "shuffle": "batch_sampler" in used})
