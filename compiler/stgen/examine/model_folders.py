"""Looks whether the models that a spec names as folders of this machine are there: Spec -> findings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.examine.exam import finding
from stgen.examine.outside import are_outside, unquoted
from stgen.language.paths import is_local
from stgen.language.semantics.named_models import named_models
from stgen.language.spec import Spec

SIGNS = ("config.json", "modules.json", "adapter_config.json", "tokenizer.json")  # every saved model has one of them
MOST = 200  # entries of a folder among which the model that was meant is looked for


def missing_models(spec: Spec, folder: str, tree: str | None) -> Iterator[Diagnostic]:
    """STG465: a local model that isn't there, or isn't one. Nothing is told of folders outside of `tree`."""
    for path, name in named_models(spec):
        if name is None or not is_local(name) or name.startswith("~"):
            continue
        place = os.path.join(folder, name)
        if _is_model(place):
            continue
        item = _missing(place, name, path)
        yield unquoted(item, name) if are_outside([place], tree) else item


def _missing(place: str, name: str, path: KeyPath) -> Diagnostic:
    if os.path.isfile(place):
        return finding("STG465", f"{name} is a file, and a model is a folder", path, "name the folder that it lies in")
    if not os.path.isdir(place):
        parent, wanted = os.path.split(name.rstrip("/"))
        near = closest(wanted, _models_in(os.path.dirname(place.rstrip("/")) or "."))
        otherwise = 'paths start from the spec\'s folder, and a model on the hub is "ORG/NAME"'
        hint = f'did you mean "{parent}/{near}"?' if near else otherwise
        return finding("STG465", f"there is no folder {name}", path, hint)
    within = _models_in(place)
    hint = f'did you mean "{name.rstrip("/")}/{within[0]}"?' if within else "name the folder into which it was saved"
    return finding("STG465", f"{name} holds no model: it has neither config.json nor modules.json", path, hint)


def _is_model(place: str) -> bool:
    return any(os.path.isfile(os.path.join(place, name)) for name in SIGNS)


def _models_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MOST)]
    except OSError:
        return []
    return sorted(name for name in names if _is_model(os.path.join(folder, name)))
