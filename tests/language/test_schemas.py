"""The published JSON Schemas. `python tests/language/test_schemas.py` writes them anew."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
SCHEMAS = REPO / "schemas"
NAMES = ("spec", "plan", "lock", "profile", "diagnostics")
BROKEN = REPO / "tests" / "cli" / "broken"

# Broken in ways that a schema tells: keys, types, values.
TOLD = (
    "typing-slips.toml",
    "wrong-types.toml",
    "wrong-types.json",
    "wrong-values.toml",
    "words-of-other-tools.toml",
    "unions.toml",
)


def validator(name: str):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def stgen(*arguments: str) -> tuple[int, str]:
    from stgen.cli.main import main

    stdout = io.StringIO()
    return main(arguments, io.BytesIO(), stdout, io.StringIO()), stdout.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_published_schema_is_what_the_code_says(name):
    from stgen.disk.schemas import document

    assert (SCHEMAS / f"{name}.json").read_text() == document(name)


@pytest.mark.parametrize("name", NAMES)
def test_command_prints_it(name):
    assert stgen("schema", name) == (0, (SCHEMAS / f"{name}.json").read_text())


def test_no_other_file():
    assert sorted(path.name for path in SCHEMAS.iterdir()) == sorted(f"{name}.json" for name in NAMES)


@pytest.mark.parametrize(
    "path", sorted(REPO.glob("generated-examples/*/stgen.toml")), ids=lambda path: path.parent.name
)
def test_examples_keep_the_schemas(path):
    validator("spec").validate(tomllib.loads(path.read_text()))
    code, plan = stgen("plan", str(path), "--format", "json")
    assert code == 0
    validator("plan").validate(json.loads(plan))
    lock = path.parent / ".stgen" / "manifest.json"
    if lock.exists():
        validator("lock").validate(json.loads(lock.read_text()))


@pytest.mark.parametrize("name", TOLD)
def test_schema_refuses_what_the_reader_refuses(name):
    text = (BROKEN / name).read_text()
    data = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    assert list(validator("spec").iter_errors(data))


@pytest.mark.parametrize(
    "path", sorted(p for p in BROKEN.iterdir() if p.suffix in (".toml", ".json")), ids=lambda p: p.name
)
def test_findings_keep_their_schema(path):
    code, findings = stgen("validate", "--format", "json", str(path))
    records = json.loads(findings)
    validator("diagnostics").validate(records)
    assert code == 1
    assert records


def test_no_null_is_offered():
    """TOML has none, and the reader refuses it in JSON."""
    assert "null" not in (SCHEMAS / "spec.json").read_text()


def test_every_key_is_described():
    def undescribed(node, path):
        for key, inner in node.get("properties", {}).items():
            if "description" not in inner:
                yield f"{path}.{key}"

    schema = json.loads((SCHEMAS / "spec.json").read_text())
    tables = {"": schema} | schema["$defs"]
    assert [where for name, table in tables.items() for where in undescribed(table, name)] == []


def test_spec_that_extends_another_may_leave_out_what_that_one_says():
    valid = validator("spec").is_valid
    assert valid({"extends": "base.toml", "model": {"max_length": 64}})
    assert not valid({"stgen": 1, "model": {"max_length": 64}, "data": [{"train": "a.csv"}]})
    assert not valid({"extends": "base.toml", "modle": {}})


if __name__ == "__main__":
    sys.path.insert(0, str(REPO / "compiler"))
    from stgen.disk.schemas import document

    for schema in NAMES:
        (SCHEMAS / f"{schema}.json").write_text(document(schema))
