"""JSON Schemas (draft 2020-12) of what stgen reads and prints: from the models, rows and named tuples to JSON documents.

The files in schemas/ are what this module makes; `python tests/language/test_schemas.py` writes them anew.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stgen.values.record import Record

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCALARS: dict[object, str] = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}
TEXT: Schema = {"type": "string"}
BLOB: Schema = {"type": "string", "pattern": "^[0-9a-f]{40}$"}


def document(name: str) -> str:
    """The text of the schema of that name, as its file holds it. Raises KeyError for a name that there isn't."""
    title, make = SCHEMAS[name]
    return json.dumps({"$schema": DRAFT, "title": title} | make(), indent=2, ensure_ascii=False) + "\n"


# --- the spec: pydantic's schema, made stricter and shorter -------------------------------------------------------------


def spec_schema() -> Schema:
    """A spec. What only the compiler can tell, such as which roles go together, is not in it."""
    from stgen.language.spec import Spec

    raw = Spec.model_json_schema()
    tables: Schema = {}
    for name, table in raw.pop("$defs").items():
        tables[name] = _tidy_table(table, tables)
    made = _tidy_table(raw, tables)
    # What a spec that extends another one leaves out, the other one may say; only the merged spec can be held to it.
    required = {"required": made.pop("required")}
    of_model = {"properties": {"model": {"required": tables["Model"].pop("required")}}}
    made |= {"if": {"not": {"required": ["extends"]}}, "then": required | of_model}
    return made | {"$defs": dict(sorted(tables.items()))}


def _tidy_table(node: Schema, tables: Schema) -> Schema:
    """A table, its keys tidied; tables that stand inside it go to `tables`."""
    keys = {key: _tidy(value, tables) for key, value in node["properties"].items()}
    return {key: value for key, value in node.items() if key != "title"} | {"properties": keys}


def _tidy(node: Schema, tables: Schema) -> Schema:
    """A value without null, which no spec can hold, and without the titles that pydantic makes up."""
    if "properties" in node:
        # pydantic has laid the description of the key over that of the table.
        description = {"description": node["description"]} if "description" in node else {}
        table = {key: value for key, value in node.items() if key != "description"}
        tables[node["title"]] = _tidy_table(table, tables)
        return {"$ref": f"#/$defs/{node['title']}"} | description
    tidy = {key: value for key, value in node.items() if key != "title" and (key, value) != ("default", None)}
    for key in ("items", "additionalProperties"):
        if isinstance(tidy.get(key), dict):
            tidy[key] = _tidy(tidy[key], tables)
    if "anyOf" in tidy:
        alternatives = [_tidy(item, tables) for item in tidy.pop("anyOf") if item != {"type": "null"}]
        tidy |= alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
    return tidy


# --- the plan: its named tuples ------------------------------------------------------------------------------------------


def plan_schema() -> Schema:
    """What `stgen plan --format json` prints. Expressions stand there as JSON values, or as text of Python."""
    from stgen.plan.plan import Plan

    tables: Schema = {}
    top = _record(Plan, tables)
    return top | {"$defs": dict(sorted(tables.items()))}


def _record(record: type[Record], tables: Schema) -> Schema:
    hints = get_type_hints(record)
    properties = {name.rstrip("_"): _shape(hints[name], tables) for name in record._fields}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _shape(hint: Any, tables: Schema) -> Schema:
    if hint in SCALARS:
        return {"type": SCALARS[hint]}
    if isinstance(hint, type) and issubclass(hint, Record):
        tables.setdefault(hint.__name__, None)
        tables[hint.__name__] = tables[hint.__name__] or _record(hint, tables)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(inside)}
    if origin is tuple:
        return {"type": "array", "items": _shape(inside[0], tables)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _shape(inside[1], tables)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_shape(item, tables) for item in inside]}
    return {}  # Any: an expression


def profile_schema() -> Schema:
    """What `stgen profile` writes beside a spec."""
    from stgen.profile.record import FORMAT, Profile

    tables: Schema = {}
    top = _record(Profile, tables)
    top["properties"] = {"profile": {"const": FORMAT, "description": "Version of the format."}} | top["properties"]
    top["required"] = ["profile", *top["required"]]
    return top | {"$defs": dict(sorted(tables.items()))}


# --- the lock and the diagnostics ---------------------------------------------------------------------------------------


def lock_schema() -> Schema:
    """The lock of a generated repo."""
    from stgen.disk.lock import LOCK_FORMAT
    from stgen.render.tree import Policy

    entry = _closed(
        {
            "id": BLOB | {"description": "git blob id of the file's bytes."},
            "policy": {"enum": list(get_args(Policy)), "description": "owned: written again; once: the user's."},
            "executable": {"const": True},
        },
        optional=("executable",),
    )
    return _closed(
        {
            "lock": {"const": LOCK_FORMAT, "description": "Version of the format."},
            "stgen": TEXT | {"description": "Version of stgen that wrote the repo."},
            "spec": TEXT | {"description": "The spec, relative to the repo; - is standard input."},
            "written": BLOB | {"description": "git blob id of .stgen/written, which has the files' texts."},
            "folder": TEXT | {"description": "Name of the spec's folder."},
            "inputs": {
                "type": "object",
                "additionalProperties": BLOB,
                "description": "The spec, what it extends and its profile, with the git blob ids of their bytes.",
            },
            "files": {"type": "object", "additionalProperties": entry, "description": "What stgen wrote."},
        },
        optional=("folder", "written"),
    )


def diagnostics_schema() -> Schema:
    """What `--format json` prints."""
    from stgen.diagnostics.diagnostic import Severity

    place: Schema = {"type": ["integer", "null"], "minimum": 1}
    record = _closed(
        {
            "code": {"type": "string", "pattern": "^STG[0-9]{3}$"},
            "severity": {"enum": list(get_args(Severity))},
            "title": TEXT,
            "message": TEXT,
            "file": {"type": ["string", "null"]},
            "line": place,
            "column": place | {"description": "In characters, from 1."},
            "end_column": place | {"description": "Exclusive."},
            "path": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "Keys of the spec."},
            "notes": {"type": "array", "items": TEXT},
            "help": {"type": ["string", "null"]},
        }
    )
    return {"type": "array", "items": record}


def _closed(properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


# fmt: off
SCHEMAS: dict[str, tuple[str, Callable[[], Schema]]] = {
    "spec":        ("A spec of stgen, version 1 of the language", spec_schema),
    "plan":        ("The plan of a training repo: everything decided", plan_schema),
    "lock":        (".stgen/manifest.json of a generated repo", lock_schema),
    "profile":     ("The profile of a spec's data: what was counted, and no text", profile_schema),
    "diagnostics": ("Findings of stgen, as --format json prints them", diagnostics_schema),
}
# fmt: on
