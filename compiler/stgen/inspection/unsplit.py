"""What is said of columns beside those that have roles: which split a row is of, and what several people rated."""

from __future__ import annotations

import json
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, listed
from stgen.examine.signs import frame_of, remade
from stgen.inspection.names import plain, says
from stgen.inspection.proposal import Guess, columns_in
from stgen.rows.json_splits import SPLITS, split_lists
from stgen.rows.survey import Survey
from stgen.values.quoting import shell, toml

RATERS = frozenset(("annotator", "rater", "judge", "worker", "expert", "coder", "reviewer"))


def beside_remarks(found: Survey, proposed: Guess) -> Iterator[Diagnostic]:
    """Say what columns without roles mean for those that have one."""
    for name in proposed.unused:
        column = found.columns[name]
        values = [value for value in column.values or () if type(value) is str]
        splits = {value: SPLITS.get(plain(value), "") for value in values}
        if len(splits) > 1 and all(splits.values()):
            yield _split_found(found, name, splits)
    if under := str(proposed.file.get("rows", "")):
        yield from _splits_under_keys(found, under)
    score = proposed.columns.get("score")
    rated = columns_in(score)[0] if score else ""
    others = [name for name in proposed.unused if says(name, RATERS) and found.columns[name].kind == "number"]
    if says(rated, RATERS) and others:
        yield _several_raters(found, rated, others)


def _split_found(found: Survey, name: str, splits: dict[str, str]) -> Diagnostic:
    """STG473: rows of all splits in one file."""
    message = f"`{name}` of {found.shown} has the split of each row ({listed(sorted(splits), 6)}), and all of them would be trained on"
    frame = frame_of(found)
    if not frame:
        return Diagnostic("STG473", message, ("data", 0, "train"), "write a file for each", severity="warning")
    files = {key: f"{value}.jsonl" for value, key in splits.items()}
    said = ", ".join(f"{key} = {toml(files[key])}" for key in ("train", "eval", "test") if key in files)
    program = (
        f"import pandas; rows = {frame}; "
        f'[some.to_json(f"{{split}}.jsonl", orient="records", lines=True, force_ascii=False) for split, some in rows.groupby({json.dumps(name)})]'
    )
    hint = f"write a file for each, and {said}: python -c {shell(program)}"
    return Diagnostic("STG473", message, ("data", 0, "train"), hint, severity="warning")


def _splits_under_keys(found: Survey, under: str) -> Iterator[Diagnostic]:
    """STG473: an object with a list of rows for each split, of which one is read."""
    file = found.files[0][0]
    lists = split_lists(file, found.shown) if SPLITS.get(under.casefold()) else {}
    first = {SPLITS[name.casefold()]: name for name in reversed(lists)}
    keys = {key: first[key] for key in ("train", "eval", "test") if key in first}
    if len(keys) < 2:
        return
    others = listed([f"`{name}`" for name in lists if name != under], 6)
    message = f"{found.shown} has the rows of several splits, and those under {others} are not used"
    made = "; ".join(
        f"jq -c {shell(f'.[{json.dumps(name)}][]')} {shell(file)} > {key}.jsonl" for key, name in keys.items()
    )
    said = ", ".join(f"{key} = {toml(f'{key}.jsonl')}" for key in keys)
    hint = f"write a file for each, and {said} without `rows`: {made}"
    yield Diagnostic("STG473", message, ("data", 0, "train"), hint, severity="warning")


def _several_raters(found: Survey, rated: str, others: list[str]) -> Diagnostic:
    """STG472: what one of several people says."""
    names = [name for name in found.columns if name in (rated, *others)]
    message = (
        f"{listed([f'`{name}`' for name in names], 5)} of {found.shown} rate each pair, and `{rated}` alone is used"
    )
    command = remade(found, f'rows["score"] = rows[{json.dumps(names)}].astype(float).mean(axis=1)', ".rated")
    hint = "their mean says more than one of them" + (f": {command}" if command else "")
    return Diagnostic("STG472", message, ("data", 0, "columns"), hint, severity="warning")
