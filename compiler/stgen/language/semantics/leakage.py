"""Looks for train/eval leakage that the spec itself shows: rows to measure on whose file or slice is trained on. Spec -> findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.rows_named import normal, share_rows, whole_of
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.values.globbing import is_pattern

MOST = 20  # patterns and slices of other data sets that a name is compared with
RETRIEVAL = {"qrels": "train", "eval_qrels": "eval", "test_qrels": "test"}  # key of the layout -> the split it names


class Named(NamedTuple):
    """A file or slice that the spec names, with the data set (-1: a task of MTEB) and the split that it is for."""

    source: str
    path: KeyPath
    data: int
    split: str

    @property
    def key(self) -> str:
        """The key that names it, as messages call it."""
        return ".".join(part for part in self.path if isinstance(part, str) and part not in ("data", "metrics"))


def check_leakage(spec: Spec) -> Iterator[Diagnostic]:
    """STG054: rows that are trained on and measured on; STG058: a test on the rows that pick the checkpoint."""
    named = [item for index, data in enumerate(spec.data) for item in _of_data(data, index)]
    trained = _Trained([item for item in named if item.split == "train"])
    measured = [item for item in named if item.split != "train"]
    picking = {normal(item.source): item for item in reversed(measured) if item.split == "eval"}
    for item in [*measured, *_of_tasks(spec)]:
        leaked = next((other for other in trained.near(item) if _leaks(spec, other, item)), None)
        picks = _picking(item, picking, measured) if item.split == "test" else None
        if leaked:
            yield _trained_on(spec, leaked, item)
        elif picks:
            message = f"{item.key} and {picks.key} name the same rows, so the checkpoint is selected on the test rows"
            hint = "name a file of other rows" + _or_hold_out(spec, item)
            yield Diagnostic("STG058", message, item.path, hint, severity="warning")


def _picking(tested: Named, picking: dict[str, Named], measured: list[Named]) -> Named | None:
    """The eval rows that share some with a test: under the same name, or of the same data set a part of them."""
    own = (item for item in measured if item.data == tested.data and item.split == "eval")
    part = (item for item in own if share_rows(tested.source, item.source) or share_rows(item.source, tested.source))
    return picking.get(normal(tested.source)) or next(part, None)


class _Trained:
    """The training rows of all data sets, so that each name is compared with few others: a spec may have thousands."""

    def __init__(self, items: list[Named]) -> None:
        self.by_set: dict[int, list[Named]] = {}
        self.by_whole: dict[str, list[Named]] = {}
        self.patterns = [item for item in items if is_pattern(item.source)][:MOST]
        for item in items:
            self.by_set.setdefault(item.data, []).append(item)
            self.by_whole.setdefault(whole_of(item.source), []).append(item)

    def near(self, item: Named) -> Iterator[Named]:
        """Those that could share rows with a name: of its own data set, of the same file, and the first patterns of all."""
        yield from self.by_set.get(item.data, ())
        yield from self.by_whole.get(whole_of(item.source), ())[:MOST]
        yield from self.patterns


def _of_data(data: Data, index: int) -> Iterator[Named]:
    for key in ("train", "eval", "test"):
        if isinstance(value := getattr(data, key), str) and value.strip():
            yield Named(value, ("data", index, key), index, key)
    for key, split in RETRIEVAL.items():
        if data.retrieval and (value := getattr(data.retrieval, key)):
            yield Named(value, ("data", index, "retrieval", key), index, split)


def _of_tasks(spec: Spec) -> Iterator[Named]:
    for index, task in enumerate(spec.metrics.mteb.local if spec.metrics.mteb else ()):
        for key in ("path", "qrels"):
            if value := getattr(task, key):
                yield Named(value, ("metrics", "mteb", "local", index, key), -1, "task")


def _leaks(spec: Spec, trained: Named, measured: Named) -> bool:
    if not share_rows(trained.source, measured.source):
        return False
    against = spec.prepare.decontaminate if spec.prepare else None
    if against is None or against.action != "drop" or normal(trained.source) == normal(measured.source):
        return True
    # prepare.py drops from the training rows what is measured on in the same data set, and others are left.
    return not (trained.data == measured.data and measured.split in against.against)


def _trained_on(spec: Spec, trained: Named, measured: Named) -> Diagnostic:
    of = (
        f' of the data set "{spec.data[trained.data].name}"'
        if trained.data != measured.data and len(spec.data) > 1
        else ""
    )
    message = f"train/eval leakage: {measured.key} names rows that {trained.key}{of} names too, and metrics on them measure memorisation"
    if measured.source.startswith("hf://"):
        hint = (
            f"take slices that share no row, such as #train[:90%] for {trained.key} and #train[90%:] for {measured.key}"
        )
    else:
        hint = "name a file of other rows" + _or_hold_out(spec, measured)
    return Diagnostic("STG054", message, measured.path, hint)


def _or_hold_out(spec: Spec, measured: Named) -> str:
    if measured.data < 0 or spec.data[measured.data].streaming:
        return ""  # a task's rows are its own, and of a stream none can be held out
    if spec.data[measured.data].retrieval:
        return f", or leave {measured.key} out: judgements are then held out of qrels"
    return f", or write {measured.split} = {{ fraction = 0.1 }} to hold rows out of train"
