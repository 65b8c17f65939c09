"""Asks what a copy of the repo lacks: launchers that copy it leave behind what lies outside of its folder."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.facts import sides
from stgen.language.paths import Place, from_repo, is_local
from stgen.language.spec import Spec

COPIES = {  # launcher -> how the repo comes to its machines
    "skypilot": "SkyPilot copies the folder of the repo",
    "kubernetes": "the image holds the folder of the repo",
}
MADE = ("checkpoints", "models", "prepared", "results", "runs", "trial")
"""Folders that programs of the repo write: its .gitignore, which SkyPilot obeys, and its .dockerignore leave them out."""


def check_copied(spec: Spec, place: Place) -> Iterator[Diagnostic]:
    """STG398: data and models that lie outside of the folder that is copied, or where a copy leaves them out."""
    how = COPIES.get(spec.hardware.launcher)
    if how is None:
        return
    for path, name in (*_data(spec), *_models(spec)):
        found = from_repo(name, place)
        folder = found.split("/")[0]
        if found.startswith(("/", "~")) or folder == "..":
            message = f"{name} lies outside of the repo: {how}, and nothing else"
        elif folder in MADE and "/" in found:
            message = f"{name} lies in {folder}/, which programs of the repo write: {how} without it"
        else:
            continue
        hint = f'put it into another folder of the repo, and write "data/{name.rpartition("/")[2]}"'
        yield Diagnostic("STG398", message, path, hint, severity="warning")


def _data(spec: Spec) -> Iterator[tuple[KeyPath, str]]:
    """The files of all data sets."""
    for index, data in enumerate(spec.data):
        path: KeyPath = ("data", index)
        named = {(*path, key): getattr(data, key) for key in ("train", "eval", "test")}
        if data.retrieval is not None:
            keys = type(data.retrieval).model_fields
            named |= {(*path, "retrieval", key): getattr(data.retrieval, key) for key in keys}
        yield from ((where, name) for where, name in named.items() if _is_file(name))


def _models(spec: Spec) -> Iterator[tuple[KeyPath, str]]:
    """The local models that programs of the repo load."""
    named: list[tuple[KeyPath, str | None]] = [(("model", "base"), spec.model.base)]
    if spec.model.router:
        named += [(("model", name, "base"), getattr(getattr(spec.model, name), "base", None)) for name in sides(spec)]
    for path, table in (
        (("loss",), spec.loss),
        *((("data", n, "loss"), data.loss) for n, data in enumerate(spec.data)),
    ):
        if table is not None:
            named += [((*path, "guide"), table.guide), ((*path, "teacher"), table.teacher)]
    yield from ((path, name) for path, name in named if name is not None and is_local(name))


def _is_file(name: object) -> bool:
    return isinstance(name, str) and not name.startswith("hf://")
