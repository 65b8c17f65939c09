"""Reads data sets on the Hugging Face hub, as the generated repo does: a reference -> batches of rows, or why they can't be had."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Collection, Iterator
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from stgen.language.paths import hub_source
from stgen.reader.contract import Batch
from stgen.rows.batches import UnreadableError

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
