"""Holds a spec against what its local base model says of itself: prompts, positions, width, padding."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, listed
from stgen.examine.exam import finding
from stgen.examine.model import (
    Brought,
    cached_commit,
    guesses_no_words,
    known_files,
    lacks_padding,
    local_width,
    most_tokens,
    prompts_file,
    saved_prompts,
)
from stgen.examine.outside import are_outside, unquoted
from stgen.language.facts import architecture, prompts_are_said, start_of
from stgen.language.paths import is_local
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss
from stgen.plan.quiet import beyond_positions, encoders, too_wide, without_padding
from stgen.values.quoting import toml

WORDY = ("splade", "inference-free")  # architectures that weigh the words of the vocabulary


def base_findings(spec: Spec, folder: str, tree: str | None) -> Iterator[Diagnostic]:
    """All that is wrong with a spec in view of its bases. Nothing is quoted of those outside of `tree`."""
    yield from _prompts(spec, folder, tree)
    yield from _unpinned(spec)
    most = most_tokens(spec, folder)
    for path, side in encoders(spec):
        if side.base is None or not is_local(side.base):
            continue
        outside = are_outside(known_files(side.base, folder), tree)
        positions = min(most.values(), default=0) if len(path) == 1 else most.get(str(path[1]), 0)
        found = []
        if positions and side.max_length and side.max_length > positions:
            found.append(beyond_positions(side.max_length, side.base, positions, path))
        if lacks_padding(side.base, folder):
            found.append(without_padding(side.base, path))
        if architecture(spec) in WORDY and guesses_no_words(side.base, folder):
            message = f"{side.base} has no masked-language-modelling head, which SPLADE needs"
            hint = 'name a masked language model, or write architecture = "csr" under [model], which takes models of embeddings'
            found.append(finding("STG477", message, (*path, "base"), hint))
        if len(path) == 1:
            found += _matryoshka(spec, side.base, folder)
        for item in found:
            yield unquoted(item, side.base) if outside else item


def _prompts(spec: Spec, folder: str, tree: str | None) -> Iterator[Diagnostic]:
    """STG090: local bases with saved prompts, where the spec has none: what becomes of them, and how to write others."""
    for path, side in encoders(spec) if not prompts_are_said(spec) else ():
        fresh = side.architecture == "static" and start_of(side) == "scratch"
        told = path != ("model",) and side.base == spec.model.base
        if side.base is None or not is_local(side.base) or fresh or told:
            continue
        brought = saved_prompts(side.base, folder)
        if brought.named:
            item = _brought(spec, path, side.base, brought)
            outside = are_outside([prompts_file(side.base, folder)], tree)
            yield unquoted(item, side.base) if outside else item


def _brought(spec: Spec, path: KeyPath, base: str, brought: Brought) -> Diagnostic:
    used = brought.of_pairs() if spec.model.type == "cross-encoder" else brought.by_side()
    if spec.model.router:
        some = {name: text for name, text in used.items() if path[-1] in ("model", name)}
        message = f"{base} has saved prompts, and two encoders that are joined have those of the spec alone"
        hint = f"add prompts = {toml(some or used or brought.named)} under [model]"
        return finding("STG090", message, (*path, "base"), hint)
    if used:
        message = f"{base} has saved prompts: training, evaluation and the trained model use them"
        hint = f"where your task wants others, write them as in prompts = {toml(used)}"
    else:
        names = listed(brought.named, 3)
        message = f"{base} has saved prompts for {names}, and none for queries or documents: it is trained and measured without"
        hint = (
            f"write the one that your task wants, as in prompts = {toml({'query': next(iter(brought.named.values()))})}"
        )
    return finding("STG090", message, (*path, "base"), hint, severity="note")


def _unpinned(spec: Spec) -> Iterator[Diagnostic]:
    """STG397: bases whose weights on the hub may be others tomorrow."""
    for name, side in (("", spec.model), ("query", spec.model.query), ("document", spec.model.document)):
        if side is None or side.base is None or side.revision is not None or is_local(side.base):
            continue
        table = f"[model.{name}]" if name else "[model]"
        commit = cached_commit(side.base)
        hint = f'add revision = "{commit}" under {table}, the commit that this machine has'
        told = "results/metrics.json names" if spec.model.router else "evaluate.py prints the line with"
        otherwise = f"add revision under {table}; {told} the commit that was trained from"
        message = f"{side.base} has no revision: what the hub holds when it is loaded is trained"
        path: KeyPath = ("model", name, "base") if name else ("model", "base")
        yield finding("STG397", message, path, hint if commit else otherwise)


def _matryoshka(spec: Spec, base: str, folder: str) -> list[Diagnostic]:
    """STG133: dimensions that the base doesn't have."""
    width = local_width(base, folder)
    if width is None or spec.model.dimensions or spec.model.type != "dense":
        return []
    tables: list[tuple[KeyPath, Loss | None]] = [(("loss",), spec.loss)]
    tables += [(("data", index, "loss"), data.loss) for index, data in enumerate(spec.data)]
    return [
        too_wide(table.matryoshka, width, (*path, "matryoshka"))
        for path, table in tables
        if table and table.matryoshka and max(table.matryoshka) > width
    ]
