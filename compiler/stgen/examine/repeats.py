"""Checks duplicates: texts and rows within the training rows, and train/eval leakage."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, Severity
from stgen.examine.exam import Exam, Field, SplitName, column, finding, percent, tallied, where
from stgen.plan.planned_data import HeldOut
from stgen.rows.survey import Survey, row_keys
from stgen.rows.tally import Tally

COLLIDES = 1.0  # expected collisions in a batch that are worth a warning
FEW = 0.01  # share of duplicate or leaked rows up to which a note is enough
ALL = 0.9  # share of leaked rows from which a split measures memorisation alone


def constant_columns(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG215: a constant text column, or one with too few distinct texts for batches without duplicates."""
    if survey.rows < 2:
        return
    apart = exam.sampler.startswith("no_duplicates") and not exam.converted
    for item in exam.texts:
        found = column(survey, item).repeats()
        if found.distinct == 1 and found.rows == survey.kept:
            message = f"`{item.column}` is the same text in all {survey.rows:,} rows"
            if apart:
                notes = ("the no_duplicates sampler then draws batches of one row, and the loss is 0",)
                yield finding("STG215", message, item.path, "map another column, or leave it out", notes, "error")
            else:
                yield finding("STG215", message, item.path, "map another column, or leave it out")
        elif apart and 1 < found.distinct < exam.batch <= survey.rows:
            message = f"`{item.column}` has {found.distinct:,} distinct texts, and a batch of {exam.batch} needs a distinct text for each row"
            hint = f"{exam.smaller_batch(found.distinct, 2)}, or map another column"
            drops = exam.spec.train.extra.get("dataloader_drop_last", True)
            left = "leaves out batches that aren't full: no step is made" if drops else "draws smaller batches"
            notes = (f"the no_duplicates sampler then {left}",)
            yield finding("STG215", message, item.path, hint, notes, "error" if drops else None)


def collisions(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG216: duplicate texts are false negatives when they share a batch."""
    if exam.objective != "in-batch" or exam.converted:
        return
    apart = exam.sampler.startswith("no_duplicates")
    for item in exam.texts:
        if item.role == "negative":
            continue
        found = column(survey, item).repeats()
        if found.rows < 2 or found.distinct == 1:
            continue
        expected = exam.batch * (exam.batch - 1) / 2 * found.pairs / (found.rows * (found.rows - 1) / 2)
        if expected < COLLIDES:
            continue
        message = (
            f"{found.surplus:,} of {found.rows:,} rows have a duplicate text in `{item.column}`: a random batch of {exam.batch} "
            f"holds {expected:.1f} pairs of rows with the same one (the commonest occurs {found.most:,} times)"
        )
        if apart:
            notes = (
                f"the sampler ({exam.sampler}) keeps them out of a batch; batches at the end of an epoch get smaller",
            )
            yield finding("STG216", message, item.path, "nothing needs to be done", notes, "note")
        else:
            notes = ("the loss pushes an anchor away from its own positive in another row: a false negative",)
            hint = (
                "no batch sampler works on a stream: leave out `streaming`, or remove the duplicates"
                if exam.data.streaming
                else "use the default batch sampler, no_duplicates"
            )
            yield finding("STG216", message, item.path, hint, notes)


def repeated_rows(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG217: duplicate rows."""
    prepare = exam.spec.prepare
    if not exam.texts or (prepare and prepare.deduplicate and prepare.deduplicate.exact):
        return
    found = survey.repeated_rows(tuple(item.column for item in exam.texts))
    if found.surplus <= FEW * found.rows:
        return
    message = (
        f"{found.surplus:,} of {found.rows:,} rows of {survey.shown} ({percent(found.surplus, found.rows)}) are duplicates of "
        f"an earlier row; row {found.first} occurs {found.most:,} times"
    )
    removed = "write prepare = { deduplicate = { exact = true } }, or remove them"
    hint = "remove them: a stream can't be searched for them" if exam.data.streaming else removed
    yield finding("STG217", message, ("data", exam.index, "train"), hint, ("duplicates get more weight in training",))


def too_few(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG220: fewer training rows than a batch, as they are read or once rows are held out, in the words of the repo."""
    if exam.converted:
        return
    path, rows = ("data", exam.index, "train"), survey.rows
    left, impossible = _held_out(exam, rows)
    if rows < exam.batch:
        message = f"train has {rows} rows, fewer than one batch of {exam.batch}"
        yield finding("STG220", message, path, "add rows" if impossible else _smaller(exam, survey, left))
    elif impossible:
        message = f"{left} rows are too few to hold {impossible.amount:g} of them out"
        yield finding("STG220", message, path, f"add rows, or name a file of {impossible.split} rows")
    elif left < exam.batch:
        message = f"{left} rows of train are left, and there must be {exam.batch}"
        yield finding("STG220", message, path, _smaller(exam, survey, left))


def _held_out(exam: Exam, left: int) -> tuple[int, HeldOut | None]:
    """How many rows are left once others are held out, and what can't be held out of them."""
    for held, wanted, rows in exam.held_rows(left):
        if not 0 < wanted < rows:
            return rows, held
        left = rows - wanted
    return left, None


def _smaller(exam: Exam, survey: Survey, rows: int) -> str:
    """A batch that so few rows, and their distinct texts where the sampler keeps equal ones apart, leave some steps."""
    apart = exam.sampler.startswith("no_duplicates")
    return exam.smaller_batch(min([rows, *(column(survey, item).repeats().distinct for item in exam.texts if apart)]))


def leaks(exam: Exam, split: SplitName) -> Iterator[Diagnostic]:
    """STG218: eval or test rows that are training rows; STG219: their anchors alone."""
    train, other = exam.train, exam.surveys[split]
    if train is None or train is other:
        return
    fields = [item for item in exam.texts if item.column in train.names and item.column in other.names]
    if not fields:
        return
    shared = _shared(other, fields, train, fields)
    path = ("data", exam.index, split)
    if _removed(exam, split):
        yield from _nothing_left(_shared(train, fields, other, fields), train, other, path)
        return
    if shared.count:
        most = shared.count >= ALL * other.kept
        message = (
            f"train/eval leakage: {where(other, shared)} are in {train.shown} too ({percent(shared.count, other.kept)})"
        )
        held_out = f"hold rows out: {split} = {{ fraction = 0.1 }}"
        hint = (
            ("name a file of other rows" if exam.data.streaming else held_out)
            if most
            else "remove them from the training rows with prepare = { decontaminate = {} }"
        )
        notes = ("metrics on rows that were trained on measure memorisation",)
        severity: Severity = "error" if most else "warning" if shared.count > FEW * other.kept else "note"
        yield finding("STG218", message, path, hint, notes, severity)
    if exam.has("anchor") and len(exam.texts) > 1 and shared.count <= FEW * other.kept:
        yield from _shared_anchors(exam, train, other, split)


def eval_in_test(exam: Exam) -> Iterator[Diagnostic]:
    """STG370: eval rows that are test rows, so that the checkpoint is selected on what it is then measured on."""
    evaluated, tested = exam.surveys.get("eval"), exam.surveys.get("test")
    if evaluated is None or tested is None or evaluated is tested:
        return
    fields = [item for item in exam.texts if item.column in evaluated.names and item.column in tested.names]
    if not fields:
        return
    shared = _shared(evaluated, fields, tested, fields)
    most = shared.count >= ALL * evaluated.kept
    if not shared.count or (_removed(exam, "test") and not most):
        return
    message = f"{where(evaluated, shared)} are in {tested.shown} too ({percent(shared.count, evaluated.kept)})"
    notes = ("the checkpoint is selected on eval rows, so the test metric is biased upwards",)
    hint = (
        "name a file of other rows"
        if most or exam.data.streaming
        else "remove them from the eval rows with prepare = { decontaminate = {} }"
    )
    severity: Severity = "warning" if shared.count > FEW * evaluated.kept else "note"
    yield finding("STG370", message, ("data", exam.index, "eval"), hint, notes, severity)


def _shared(rows: Survey, fields: list[Field], others: Survey, of_others: list[Field]) -> Tally:
    """The rows whose texts are in the other rows too."""
    keys = row_keys([column(rows, item) for item in fields])
    known = set(keys)
    known.intersection_update(row_keys([column(others, item) for item in of_others]))
    return tallied(map(known.__contains__, keys))


def _nothing_left(shared: Tally, train: Survey, other: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    """Training rows that decontaminate removes: some are what it is for, nearly all are a mistake."""
    if shared.count < ALL * train.kept:
        return
    message = f"{where(train, shared)} are in {other.shown} ({percent(shared.count, train.kept)}): decontaminate would leave almost no training rows"
    yield finding("STG218", message, path, "name a file of other rows", severity="error")


def _removed(exam: Exam, split: SplitName) -> bool:
    """Whether prepare.py removes the training rows that are in a split, or stops at them."""
    prepare = exam.spec.prepare
    return bool(prepare and prepare.decontaminate and split in prepare.decontaminate.against)


def leaks_between(trained: Exam, measured: Exam) -> Iterator[Diagnostic]:
    """STG218: eval or test rows that are training rows of another data set."""
    train = trained.train
    texts, others = _compared(trained), _compared(measured)
    if train is None or len(texts) != len(others) or not _holds(train, texts):
        return
    for split, other in measured.surveys.items():
        if other is measured.train or not _holds(other, others):
            continue
        shared = _shared(other, others, train, texts)
        if shared.count <= FEW * other.kept:
            continue
        message = f"train/eval leakage: {where(other, shared)} are in {train.shown}, which is trained on too ({percent(shared.count, other.kept)})"
        hint = f"remove these rows from {train.shown}: [prepare] decontaminate compares each data set with its own"
        notes = ("metrics on rows that were trained on measure memorisation",)
        severity: Severity = "error" if shared.count >= ALL * other.kept else "warning"
        yield finding("STG218", message, ("data", measured.index, split), hint, notes, severity)


def _compared(exam: Exam) -> list[Field]:
    return [item for item in exam.texts if item.role != "negative"]


def _holds(rows: Survey, fields: list[Field]) -> bool:
    return bool(fields) and all(item.column in rows.names for item in fields)


def _shared_anchors(exam: Exam, train: Survey, other: Survey, split: SplitName) -> Iterator[Diagnostic]:
    anchor = exam.field("anchor")
    known = set(column(other, anchor).keys)
    known.intersection_update(column(train, anchor).keys)
    known.discard(0)
    shared = tallied(map(known.__contains__, column(other, anchor).keys))
    if shared.count <= FEW * other.rows:
        return
    message = f"{where(other, shared)} have an anchor (`{anchor.column}`) that is in {train.shown} too"
    apart = f"split by anchor: {split} = {{ fraction = 0.1 }} does"
    hint = "name a file of rows with other anchors" if exam.data.streaming else apart
    yield finding(
        "STG219",
        message,
        ("data", exam.index, split),
        hint,
        ("the model was trained on these anchors, with other positives",),
    )
