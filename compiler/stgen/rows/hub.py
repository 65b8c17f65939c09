"""Reads data sets on the Hugging Face hub, as the generated repo does: a reference -> batches of rows, or why they can't be had."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from stgen.language.paths import hub_source
from stgen.reader.contract import Batch
from stgen.rows.batches import UnreadableError
from stgen.values.record import Record

ROWS = 8192  # of a batch
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
LATER = "the generated program checks its rows before it trains"


def read(named: str, wanted: Collection[str] | None = None) -> Iterator[Batch]:
    """Give the rows of a data set, all columns of them or those that are wanted. Raises UnreadableError."""
    rows = _loaded(named)
    others: dict[str, list[Any]] = {name: [] for name in rows.column_names if wanted is not None and name not in wanted}
    rows = rows.remove_columns(list(others))
    for first in range(0, len(rows), ROWS):
        try:
            columns = rows[first : first + ROWS]
        except Exception as error:  # what decodes images and sounds raises anything
            raise UnreadableError("STG201", f"{named} can't be read: {_first_line(error)}") from None
        yield Batch("row", range(first + 1, min(first + ROWS, len(rows)) + 1), columns | others)


class Described(Record):
    """What the hub's own metadata say of a split."""

    rows: int
    columns: Mapping[str, str]  # name -> type, in few words
    classes: Mapping[str, int]  # column of classes -> how many


def described(named: str) -> Described | None:
    """A split by the hub's own metadata, no row of it downloaded; None where it has no count, or can't be reached."""
    arguments = hub_source(named)
    if arguments is None:
        return None
    _prepare()
    split = arguments.pop("split")
    try:
        datasets: Any = import_module("datasets")
        info = datasets.load_dataset_builder(**arguments).info
        rows = int(info.splits[split].num_examples)
        features = {name: one for name, one in (info.features or {}).items() if name.isprintable()}
        classes = {name: int(one.num_classes) for name, one in features.items() if hasattr(one, "num_classes")}
        return Described(rows, {name: _type(one) for name, one in features.items()}, classes) if rows else None
    except Exception:  # its errors have no common ancestor: without a count it is decided as if nobody had asked
        return None


def _type(feature: Any) -> str:
    """`string`, `class of 3`, `list of string`; `table` for columns within a column."""
    if hasattr(feature, "num_classes"):
        return f"class of {feature.num_classes}"
    if hasattr(feature, "feature"):
        return f"list of {_type(feature.feature)}"
    if isinstance(feature, list):
        return f"list of {_type(feature[0])}" if feature else "list"
    return "table" if isinstance(feature, dict) else str(getattr(feature, "dtype", type(feature).__name__.lower()))


def _loaded(named: str) -> Any:
    """The data set, downloaded where it isn't yet."""
    arguments = hub_source(named)
    if arguments is None:
        message = f'"{named}" is not a data set on the hub'
        raise UnreadableError("STG048", message, "write hf://ORG/NAME#train, with the split after the #")
    _prepare()
    try:
        datasets: Any = import_module("datasets")
    except ImportError:
        message = f"{named} is on the hub, and reading it here takes the package datasets"
        raise UnreadableError("STG208", message, "pip install datasets", (LATER,)) from None
    try:
        return datasets.load_dataset(**arguments)
    except ConnectionError:
        message = f"{named} is on the hub, which can't be reached from here"
        hint = "run this where there is a network, and without HF_HUB_OFFLINE"
        raise UnreadableError("STG208", message, hint, (LATER,)) from None
    except Exception as error:  # its errors have no common ancestor: of the hub, of files, of names of splits
        message = f"{named} can't be loaded: {_first_line(error)}"
        hint = "are name, configuration and split right, and may you read it (`hf auth login`)?"
        raise UnreadableError("STG208", message, hint, (LATER,)) from None


def _prepare() -> None:
    """Keep the libraries quiet, and from trying again and again where the hub has no address here."""
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    for name in ("datasets", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if any(os.environ.get(name) for name in PROXIES):
        return  # which looks up addresses itself
    try:
        socket.getaddrinfo(urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co")).hostname, 443)
    except OSError:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # what lies in the cache is read all the same


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
