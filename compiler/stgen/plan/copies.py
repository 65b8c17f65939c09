"""Asks what a copy of the repo lacks: launchers that copy it, and its image, leave behind what lies outside of its folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.paths import Place, from_repo, is_local, is_on_hub
from stgen.language.semantics.named_models import named_models
from stgen.language.spec import Spec

COPIES = {  # launcher -> how the repo comes to its machines
    "skypilot": "SkyPilot copies the folder of the repo",
    "kubernetes": "the image holds the folder of the repo",
}
MADE = ("build", "checkpoints", "models", "prepared", "results", "runs", "trial")
"""Folders that installing or running the repo writes: its .gitignore, which SkyPilot obeys, and its .dockerignore leave them out."""


IMAGE = "/repo"
"""Where the Dockerfile puts the folder of the repo."""


def check_copied(spec: Spec, place: Place) -> Iterator[Diagnostic]:
    """STG398: data and models that lie outside of the folder that is copied, or where a copy leaves them out."""
    how = COPIES.get(spec.hardware.launcher)
    if how is None:
        return
    for path, name in named_files(spec):
        found = from_repo(name, place)
        folder = found.split("/")[0]
        if _is_outside(found):
            message = f"{name} lies outside of the repo: {how}, and nothing else"
        elif folder in MADE and "/" in found:
            message = f"{name} lies in {folder}/, which installing or running the repo writes: {how} without it"
        else:
            continue
        hint = f'put it into another folder of the repo, and write "data/{name.rpartition("/")[2]}"'
        yield Diagnostic("STG398", message, path, hint, severity="warning")


def missing_in_image(spec: Spec, place: Place) -> tuple[tuple[str, str], ...]:
    """What lies outside of the repo, as seen from there, and where in the image its programs look for it."""
    found = dict.fromkeys(from_repo(name, place) for _, name in named_files(spec))
    outside = dict.fromkeys(_folder_of(path) for path in found if _is_outside(path))
    return tuple((path, posixpath.normpath(posixpath.join(IMAGE, path))) for path in outside)


def named_files(spec: Spec) -> Iterator[tuple[KeyPath, str]]:
    """Every key that names a local file, or the folder of a model."""
    for path, name in (*_data(spec), *_benchmarks(spec)):
        if isinstance(name, str) and not is_on_hub(name):
            yield path, name
    yield from ((path, name) for path, name in named_models(spec) if name is not None and is_local(name))


def _data(spec: Spec) -> Iterator[tuple[KeyPath, object]]:
    """The files of all data sets, those of texts that rows name by their ids among them."""
    for index, data in enumerate(spec.data):
        path: KeyPath = ("data", index)
        yield from (((*path, key), getattr(data, key)) for key in ("train", "eval", "test"))
        if data.retrieval is not None:
            keys = type(data.retrieval).model_fields
            yield from (((*path, "retrieval", key), getattr(data.retrieval, key)) for key in keys)
        for role in type(data.texts).model_fields if data.texts else ():
            file = getattr(data.texts, role)
            yield (*path, "texts", role), getattr(file, "file", file)


def _benchmarks(spec: Spec) -> Iterator[tuple[KeyPath, object]]:
    """The files of the user's own tasks of MTEB."""
    for index, task in enumerate(spec.metrics.mteb.local if spec.metrics.mteb else ()):
        for key in ("path", "corpus", "queries", "qrels", "train"):
            yield ("metrics", "mteb", "local", index, key), getattr(task, key)


def _is_outside(path: str) -> bool:
    return path.startswith("/") or path.split("/")[0] == ".."


def _folder_of(path: str) -> str:
    """The folder of a pattern; anything else as it is."""
    while "*" in path:
        path = posixpath.dirname(path)
    return path
