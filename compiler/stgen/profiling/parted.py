"""Says where the data are no longer those that a profile was counted from: Spec, Profile and the files -> findings."""

from __future__ import annotations

import os
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.load import allowed, check
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.beside import profile_beside
from stgen.profile.record import SetProfile
from stgen.profiling.profiling import Part, file_of, parts_of
from stgen.rows.batches import UnreadableError
from stgen.rows.reading import read
from stgen.rows.sources import files_of
from stgen.source.source import Source, locate

AGAIN = "`stgen profile` counts again; then compile"


def parted_source(source: Source) -> list[Diagnostic]:
    """STG405 for each split of a spec that isn't what its profile was counted from; nothing without a profile."""
    if source.profile is None:
        return []
    spec, _ = check(source)
    profile = profile_beside(source, spec, Findings()) if spec else None
    if spec is None or profile is None:
        return []
    found = [
        item
        for index, (data, one) in enumerate(zip(spec.data, profile.sets, strict=True))
        for item in _parted(spec, index, data, one, source.folder)
    ]
    return locate(allowed(found, spec), source)


def _parted(spec: Spec, index: int, data: Data, known: SetProfile, folder: str) -> Iterator[Diagnostic]:
    for part in parts_of(data):
        split = known.splits.get(part.name)
        key = part.name if data.retrieval is None else "retrieval"
        if split is None:
            yield _finding(f"the profile has no {part.name} rows, and the spec names {part.named}", index, key)
            continue
        try:
            files = files_of(part.named, folder)
            if not all(os.path.exists(path) for path, _ in files):
                continue  # where the data aren't, nobody trains on them
            if [file_of(*one).sha256 for one in files] == [file.sha256 for file in split.files]:
                continue  # wherever they lie now
            rows = _rows(part, files)
        except UnreadableError:
            continue  # which `validate --data` tells
        shown = files[0][1] if len(files) == 1 else f"{len(files)} files"
        message = f"{shown}: {rows:,} rows, and the profile has {split.rows:,}"
        if rows == split.rows:
            message = f"{shown} has changed since its {rows:,} rows were counted"
        yield _finding(message, index, key)


def _rows(part: Part, files: list[tuple[str, str]]) -> int:
    wanted = frozenset(column.source for column in part.schema.columns)
    return sum(len(batch.places) for path, shown in files for batch in read(path, shown, wanted, part.file))


def _finding(message: str, index: int, key: str) -> Diagnostic:
    return Diagnostic("STG405", message, ("data", index, key), AGAIN, severity="warning")
