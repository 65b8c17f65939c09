"""Guesses what the columns of a layout's files are called, where it isn't as in BEIR: its files -> `retrieval.columns`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stgen.inspection.names import BODIES, SCORES, TITLES, is_id, plain, says
from stgen.match.schema import CALLED
from stgen.rows.nested_texts import paths_of
from stgen.rows.reading import read

QUERIES = frozenset(("query", "queryid", "qid", "question", "questionid", "topic"))
DOCUMENTS = frozenset(("corpusid", "document", "documentid", "doc", "docid", "did", "passage", "passageid", "pid"))
GRADES = SCORES | {"label", "judgement"}
Fits = Callable[[str], bool]
# fmt: off
LOOKS: Mapping[str, Fits] = {  # what a spec calls a column -> whether a name is one of it
    "id":       lambda name: plain(name) in ("id", "idx") or is_id(name) or plain(name) in QUERIES | DOCUMENTS,
    "title":    lambda name: plain(_last(name)) in TITLES | {"heading"},
    "text":     lambda name: plain(_last(name)) in BODIES | {"query", "question"},
    "query":    lambda name: plain(name) in QUERIES,
    "document": lambda name: plain(name) in DOCUMENTS,
    "grade":    lambda name: says(name, GRADES),
}
# fmt: on
WITHIN = ("title", "text")  # which may lie within objects


def layout_columns(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What `columns` must say of some files, each by the part of the layout that it is; nothing where all is as in BEIR."""
    found = {part: _others(part, path) for part, path in files.items()}
    return {part: columns for part, columns in found.items() if columns}


def _others(part: str, path: str) -> dict[str, str]:
    """The columns of a file that have other names than in BEIR."""
    batch = next(read(path, path), None)
    names = list(batch.columns) if batch else []
    texts = [name for name in names if any(type(value) is str for value in batch.columns[name])] if batch else []
    texts += paths_of(path, path)
    found: dict[str, str] = {}
    for usual, called in CALLED[part].items():
        if usual in names:
            continue
        candidates = texts if called in WITHIN else names
        taken = set(found.values())
        own = next((name for name in candidates if name not in taken and LOOKS[called](name)), "")
        if own:
            found[called] = own
    return found


def _last(path: str) -> str:
    """The name of the field to which a path leads."""
    return path.rpartition(".")[2].partition("[")[0]
