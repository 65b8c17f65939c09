"""Looks at [prepare], [train], [hardware], [metrics] and [compare] for keys that exclude or need each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.languages import bad_language
from stgen.language.spec import Hardware, Spec, Train
from stgen.rules.hardware import known_gpu
from stgen.values.record import Record

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Prepare


class Exclusive(Record):
    """Two keys of one table of which a spec may say one."""

    table: str
    first: str
    second: str
    code: str
    why: str
    help: str


# fmt: off
EXCLUSIVE: tuple[Exclusive, ...] = (
    #         table       first        second    code      why                                                           help
    Exclusive("prepare",  "lemmatize", "stem",   "STG077", "both reduce words to a base form, each to its own",          "keep lemmatize for real words, stem for speed"),
    Exclusive("train",    "epochs",    "steps",  "STG150", "both set the length of the training",                                 "keep epochs; steps suit data of unknown length"),
    Exclusive("hardware", "gpu",       "memory", "STG151", "a named GPU has its memory in the hardware table",           "keep gpu; memory is for accelerators that the table lacks"),
)
# The library's own name of what a key of the language says -> that key.
OWNED: dict[str, str] = {
    "learning_rate": "train.learning_rate",                        "num_train_epochs": "train.epochs",
    "max_steps": "train.steps",                                    "per_device_train_batch_size": "train.batch_size",
    "gradient_accumulation_steps": "train.batch_size",             "warmup_ratio": "train.warmup",
    "warmup_steps": "train.warmup",                                "lr_scheduler_type": "train.scheduler",
    "weight_decay": "train.weight_decay",                          "optim": "train.optimizer",
    "gradient_checkpointing": "train.gradient_checkpointing",      "torch_compile": "train.compile",
    "eval_steps": "train.evaluate_every",                          "eval_strategy": "train.evaluate_every",
    "save_total_limit": "train.keep",                              "report_to": "train.tracker",
    "push_to_hub": "train.hub",                                    "hub_model_id": "train.hub",
    "hub_private_repo": "train.hub",                               "fp16": "hardware.precision",
    "bf16": "hardware.precision",                                  "use_cpu": "hardware.accelerator",
    "fsdp": "hardware.strategy",                                   "deepspeed": "hardware.strategy",
    "seed": "project.seed",                                        "data_seed": "project.seed",
    "router_mapping": "model.router", "learning_rate_mapping": "model.query.learning_rate",
    "prompts": "model.prompts",                                    "metric_for_best_model": "metrics.best",
    "greater_is_better": "metrics.best",                           "load_best_model_at_end": "metrics.best",
}
UNITS: dict[str, int] = {
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "kb": 10**3,  "mb": 10**6,  "gb": 10**9,  "tb": 10**12,
}
# fmt: on
LONGEST_AMOUNT = 30  # characters of an amount of memory
LONGEST_PATTERN = 1000  # characters of a regular expression that anybody can read
MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]i?B)\s*", re.IGNORECASE)


def check_run(spec: Spec) -> Iterator[Diagnostic]:
    """All findings of these sections."""
    yield from _exclusive(spec)
    if spec.prepare:
        from stgen.language.semantics.prepare import check_prepare

        yield from _prepare(spec.prepare, spec)
        yield from check_prepare(spec, spec.prepare)
    yield from _train(spec.train)
    yield from _hardware(spec.hardware, spec.train)
    yield from _metrics(spec)
    yield from _compare(spec)


def memory_bytes(text: str) -> int | None:
    """Bytes of an amount of memory such as "24GiB" or "80 GB"; None when the text is none."""
    match = MEMORY.fullmatch(text) if len(text) <= LONGEST_AMOUNT else None
    return int(float(match[1]) * UNITS[match[2].lower()]) if match else None


def _exclusive(spec: Spec) -> Iterator[Diagnostic]:
    for row in EXCLUSIVE:
        table: Any = getattr(spec, row.table)
        if table is None or getattr(table, row.first) is None or getattr(table, row.second) is None:
            continue
        message = f"`{row.table}` has both {row.first} and {row.second}"
        yield Diagnostic(row.code, message, (row.table, row.second), row.help, (row.why,), about="key")


# --- [prepare] -------------------------------------------------------------------------------------------------------


def _prepare(prepare: Prepare, spec: Spec) -> Iterator[Diagnostic]:
    path: KeyPath = ("prepare",)
    for index, rule in enumerate(prepare.normalize.rules if prepare.normalize else []):
        yield from _regex(rule.pattern, rule.replace, (*path, "normalize", "rules", index))
    for index, code in enumerate(prepare.language.keep if prepare.language else []):
        yield from bad_language(code, (*path, "language", "keep", index))
    for key in ("lemmatize", "stem"):
        if step := getattr(prepare, key):
            yield from bad_language(step.language, (*path, key, "language"))
    length = prepare.length
    if length and length.min is not None and length.max is not None and length.min > length.max:
        message = f"no text is both at least {length.min} and at most {length.max} {length.unit} long"
        yield Diagnostic("STG080", message, (*path, "length", "max"), "exchange the two")
    yield from _duplicates(prepare, path)
    yield from _leaks(prepare, spec, path)


def _regex(pattern: str, replace: str, path: KeyPath) -> Iterator[Diagnostic]:
    if len(pattern) > LONGEST_PATTERN:
        message = f"the regular expression is longer than {LONGEST_PATTERN:,} characters"
        yield Diagnostic("STG078", message, (*path, "pattern"), "make several rules of it: they are applied in order")
        return
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        message = f"the regular expression doesn't compile: {error}"
        yield Diagnostic("STG078", message, (*path, "pattern"), "single quotes keep backslashes: '\\d+'")
        return
    try:
        _stand_in(compiled).sub(replace, "")
    except (re.error, IndexError) as error:
        message = f"the replacement doesn't fit the pattern: {error}"
        yield Diagnostic("STG078", message, (*path, "replace"), "\\\\ is a backslash, \\1 the first group")


def _stand_in(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """A pattern with the same groups, for looking at a replacement: the author's own may take for ever, even on no text."""
    names = {number: name for name, number in pattern.groupindex.items()}
    groups = [f"(?P<{names[number]}>)" if number in names else "()" for number in range(1, pattern.groups + 1)]
    return re.compile("".join(groups))


def _duplicates(prepare: Prepare, path: KeyPath) -> Iterator[Diagnostic]:
    step = prepare.deduplicate
    if step is None:
        return
    if step.model is not None and step.semantic is None:
        message = "only semantic deduplication uses a model"
        hint = "add semantic = 0.9, or remove the line"
        yield Diagnostic("STG081", message, (*path, "deduplicate", "model"), hint, about="key")
    if not step.exact and not step.identical and step.near is None and step.semantic is None:
        message = "deduplicate with exact = false and nothing else has no effect"
        yield Diagnostic("STG082", message, (*path, "deduplicate"), "add near = 0.8, or remove the table", about="key")


def _leaks(prepare: Prepare, spec: Spec, path: KeyPath) -> Iterator[Diagnostic]:
    step = prepare.decontaminate
    if step is None or "mteb" not in step.against or spec.metrics.mteb:
        return
    message = "decontaminate is to look at MTEB's tasks, and the spec names none"
    where = (*path, "decontaminate", "against", step.against.index("mteb"))
    yield Diagnostic("STG083", message, where, 'add [metrics.mteb] with tasks = ["..."]')


# --- [train] and [hardware] ------------------------------------------------------------------------------------------


def _train(train: Train) -> Iterator[Diagnostic]:
    for key in ("warmup", "evaluate_every"):
        value = getattr(train, key)
        if value is not None and value > 1 and value != int(value):
            message = f"`train.{key}` is a fraction of the run below 1, or a whole number of steps, not {value:g}"
            yield Diagnostic("STG152", message, ("train", key))
    for name in train.extra:
        if name in OWNED:
            message = f"`{name}` has a key of its own in the language"
            yield Diagnostic("STG153", message, ("train", "extra", name), f"write {OWNED[name]}", about="key")
    if train.hub and not re.fullmatch(r"[\w.-]+/[\w.-]+", train.hub.repo):
        message = f'"{train.hub.repo}" is not a repository on the hub'
        yield Diagnostic("STG154", message, ("train", "hub", "repo"), 'write "ORG/NAME"')


def _hardware(hardware: Hardware, train: Train) -> Iterator[Diagnostic]:
    path: KeyPath = ("hardware",)
    if hardware.memory is not None and not memory_bytes(hardware.memory):
        message = f'"{hardware.memory}" is not an amount of memory'
        yield Diagnostic("STG155", message, (*path, "memory"), 'write "24GiB"')
    yield from _without_gpu(hardware)
    processes = (hardware.gpus or 1) * hardware.nodes
    if isinstance(train.batch_size, int) and train.batch_size % processes:
        low = train.batch_size // processes * processes
        message = f"a batch size of {train.batch_size} isn't divisible by {processes} processes"
        better = f"{low} or {low + processes}" if low else str(processes)
        note = "batch_size is global: the rows of a step over all devices of all nodes"
        yield Diagnostic("STG156", message, ("train", "batch_size"), f"write {better}", (note,))
    if hardware.nodes > 1 and hardware.launcher == "local":
        message = "the local launcher starts processes on one machine"
        named = "launcher" if "launcher" in hardware.model_fields_set else "nodes"
        hint = 'write launcher = "torchrun", "slurm", "skypilot" or "kubernetes"'
        yield Diagnostic("STG157", message, (*path, named), hint)
    for launcher in ("slurm", "skypilot", "kubernetes"):
        if getattr(hardware, launcher) is not None and hardware.launcher != launcher:
            message = f"`hardware.{launcher}` belongs to a launcher that isn't used"
            hint = f'write launcher = "{launcher}", or remove the table'
            yield Diagnostic("STG158", message, (*path, launcher), hint, about="key")
    if hardware.slurm:
        from stgen.language.semantics.slurm import check_slurm

        yield from check_slurm(hardware.slurm, (*path, "slurm"))
    if hardware.launcher in ("skypilot", "kubernetes"):
        from stgen.language.semantics.clusters import check_clusters

        yield from check_clusters(hardware)
    yield from _without_bf16(hardware)


def _without_bf16(hardware: Hardware) -> Iterator[Diagnostic]:
    """STG161: a format that the named GPU doesn't compute in."""
    gpu = known_gpu(hardware.gpu)
    if gpu and not gpu.bf16 and hardware.precision == "bf16":
        message = f"{gpu.name} has no bfloat16 units"
        note = "PyTorch emulates the format there, which is slower than fp32"
        hint = 'write precision = "fp16", or leave it out'
        yield Diagnostic("STG161", message, ("hardware", "precision"), hint, (note,), severity="warning")


def _without_gpu(hardware: Hardware) -> Iterator[Diagnostic]:
    """What a CPU, or Apple's chip, can't do."""
    path: KeyPath = ("hardware",)
    if hardware.accelerator not in ("cpu", "mps"):
        return
    name = {"cpu": "a CPU", "mps": "an Apple chip"}[hardware.accelerator]
    if hardware.gpu is not None:
        message = f"`hardware.gpu` names a GPU, and the accelerator is {name}"
        yield Diagnostic("STG159", message, (*path, "gpu"), 'remove one of the two, or write accelerator = "cuda"')
    if hardware.strategy in ("fsdp", "zero2", "zero3"):
        message = f"{hardware.strategy} needs several GPUs, and the accelerator is {name}"
        yield Diagnostic("STG160", message, (*path, "strategy"), "remove the line")
    if hardware.accelerator == "cpu" and hardware.precision == "fp16":
        message = "a CPU doesn't train in fp16"
        note = "the library silently ignores it"
        yield Diagnostic("STG161", message, (*path, "precision"), 'write precision = "fp32" or "bf16"', (note,))
    if hardware.nodes > 1:
        message = f"several nodes need GPUs, and the accelerator is {name}"
        yield Diagnostic("STG162", message, (*path, "nodes"), "write gpus = 4 for four processes on one machine")
    if hardware.accelerator == "mps" and (hardware.gpus or 1) > 1:
        message = f"{hardware.gpus} GPUs are asked for, and an Apple chip has one"
        yield Diagnostic("STG162", message, (*path, "gpus"), "remove the line")


# --- [metrics] and [compare] -----------------------------------------------------------------------------------------


def _metrics(spec: Spec) -> Iterator[Diagnostic]:
    for index, named in enumerate(spec.metrics.custom):
        file, _, function = named.rpartition(":")
        if not (file.endswith(".py") and function.isidentifier()):
            message = f'"{named}" is not FILE.py:FUNCTION'
            yield Diagnostic("STG163", message, ("metrics", "custom", index), 'write "my_metrics.py:coverage"')
    local = spec.metrics.mteb.local if spec.metrics.mteb else []
    seen: set[str] = set()
    for index, name in enumerate(task.name for task in local):
        if name in seen:
            message = f'two local tasks are called "{name}"'
            path: KeyPath = ("metrics", "mteb", "local", index, "name")
            yield Diagnostic("STG164", message, path, "give each its own name", ("results are stored by name",))
        seen.add(name)


def _compare(spec: Spec) -> Iterator[Diagnostic]:
    for key in ("losses", "seeds") if spec.compare else ():
        seen: set[str | int] = set()
        for index, value in enumerate(getattr(spec.compare, key) or []):
            if value in seen:
                message = f"`compare.{key}` names {value} twice"
                yield Diagnostic("STG165", message, ("compare", key, index), "remove one of the two")
            seen.add(value)
