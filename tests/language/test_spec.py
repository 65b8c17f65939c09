"""From a Source to a Spec: what the models take and refuse, and one finding for each mistake, in words for people."""

from __future__ import annotations

import copy
import json
import tomllib

import pytest
from frontend import SHORTEST, codes, load_over, load_text
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stgen.diagnostics.suggest import ALIASES, closest
from stgen.language.load import check
from stgen.language.mistakes import mistakes
from stgen.language.shapes import keys_of, shapes
from stgen.language.spec import Spec
from stgen.language.table import Table
from stgen.language.validate import validate
from stgen.source.source import Source

FULL = """\
stgen = 1
allow = ["STG054"]
[project]
name = "n"
languages = ["en", "de"]
seed = 7
[model]
type = "dense"
base = "b"
max_length = 128
pooling = "mean"
normalize = true
dimensions = 64
prompts = { query = "q: ", document = "d: " }
lora = { r = 8, targets = ["query"] }
[[data]]
name = "one"
train = "t.jsonl"
eval = { fraction = 0.1 }
test = { rows = 10 }
weight = 2
language = "en"
columns = { text_1 = "a", text_2 = "b", score = { column = "s", min = 0, max = 5 } }
loss = { name = "CoSENTLoss", convert = ["triplet", { to = "n-tuple", mine = { margin = 0 } }] }
[[data]]
name = "two"
train = "hf://o/n#train"
columns = { anchor = "q", positive = "a", negative = ["n1", "n2"] }
[prepare]
normalize = { unicode = "NFC", rules = [{ pattern = "a" }] }
language = { keep = ["en"] }
length = { min = 1, max = 9 }
deduplicate = { near = 0.8 }
[loss]
params = { scale = 20, other = [1, 2.5, "x", true, { y = 1 }] }
matryoshka = [64, 32]
[train]
epochs = 1
batch_size = 64
learning_rate = 1
gradient_checkpointing = true
hub = { repo = "o/n" }
extra = { max_grad_norm = 1.0 }
[hardware]
accelerator = "cuda"
gpus = 2
slurm = { partition = "p", time = 10 }
[metrics]
monitor = ["collapse"]
[metrics.mteb]
tasks = ["STS12"]
[[metrics.mteb.local]]
name = "mine"
type = "STS"
columns = { a = "b" }
[compare]
seeds = [1, 2]
[export]
formats = ["onnx"]
"""


def findings_over(folder, fragment):
    return load_over(folder, fragment)[2]


def test_the_shortest_spec_and_its_defaults():
    spec, _, findings = load_text(SHORTEST)
    assert not findings
    assert spec.model.type == "dense"
    assert (spec.train.batch_size, spec.loss.name, spec.hardware.nodes, spec.project.seed) == ("auto", "auto", 1, 42)
    assert spec.prepare is None
    assert spec.data[0].columns.anchor == "question"


def test_defaults_that_are_not_validated_would_be_valid():
    for section in ("project", "loss", "train", "hardware", "metrics"):
        default = getattr(load_text(SHORTEST)[0], section)
        assert default == type(default).model_validate({})


def test_every_part_of_the_language():
    spec, found = validate(tomllib.loads(FULL), "toml")
    assert not found
    assert spec.data[0].columns.score.max == 5.0
    assert spec.data[0].loss.convert[1].mine.margin == 0
    assert spec.metrics.mteb.local[0].columns == {"a": "b"}


def test_frozen():
    spec, _ = validate(tomllib.loads(FULL), "toml")
    for table in (spec, spec.model, spec.train, spec.data[0].columns.score):
        with pytest.raises(ValidationError, match="frozen"):
            table.name = "x"


@pytest.mark.parametrize(
    ("fragment", "code", "message", "help_"),
    [
        ("train = { lerning_rate = 1 }", "STG020", "`lerning_rate` is not a key of `train`", "`learning_rate`"),
        ("train = { lr = 1 }", "STG020", "`lr`", "did you mean `learning_rate`?"),
        ("train = { batch = 1 }", "STG020", "`batch`", "did you mean `batch_size`?"),
        ("model = { lr = 1 }", "STG020", "`lr` is not a key of `model`", "`learning_rate` in [train]"),
        ("epochs = 3", "STG020", "not a key of the top of a spec", "`epochs` in [train]"),
        ("train = { columns = 3 }", "STG020", "`columns`", "`columns` in [[data]]"),
        ("train = { zzzzzz = 3 }", "STG020", "`zzzzzz`", "the keys here are epochs, steps"),
        ("train = { hub = { repo = 'a/b', privat = true } }", "STG020", "`train.hub`", "`private`"),
        ("train = { epochs = '3' }", "STG021", 'must be a number above 0, and this is the text "3"', "epochs = 3"),
        ("train = { compile = 'true' }", "STG021", "must be true or false", "compile = true"),
        ("train = { compile = 1 }", "STG021", "and this is the number 1", "compile = true"),
        ("train = { keep = true }", "STG021", "must be a whole number from 1, and this is true", "keep = 1"),
        ("train = { epochs = true }", "STG021", "must be a number above 0, and this is true", "epochs = 0.5"),
        ("train = { keep = 2.0 }", "STG021", "and this is the number 2.0", "keep = 2"),
        ("train = { optimizer = 3 }", "STG021", "must be text", 'optimizer = "3"'),
        ("train = { optimizer = [] }", "STG021", "and this is a list", 'optimizer = "..."'),
        ("train = 3", "STG021", "`train` must be a table, and this is the number 3", "train = { epochs = ... }"),
        ("train = { hub = 'a/b' }", "STG021", "must be a table with `repo`", "hub = { repo = ... }"),
        ("project = { languages = 'en' }", "STG021", "must be a list of texts", 'languages = ["en"]'),
        ("project = { languages = [1] }", "STG021", "`project.languages[0]` must be text", ""),
        ("[data]\ntrain = 't.jsonl'", "STG021", "must be a list of tables", "[[data]]"),
        ("model = { prompts = { query = 3 } }", "STG021", "`model.prompts.query` must be text", 'query = "3"'),
        ("hardware = { slurm = { a = [] } }", "STG021", "`hardware.slurm.a` must be text or a whole number", ""),
        ("train = { hub = {} }", "STG022", "`train.hub` lacks the key `repo`", 'add repo = "..."'),
        ("train = { scheduler = 'cosin' }", "STG023", 'must be "linear", "cosine"', 'did you mean "cosine"?'),
        ("train = { batch_size = 'atuo' }", "STG023", 'must be "auto" or a whole number from 1', '"auto"'),
        ("metrics = { monitor = ['colapse'] }", "STG023", "`metrics.monitor[0]`", '"collapse"'),
        ("train = { batch_size = 0 }", "STG024", 'must be "auto" or a whole number from 1, not 0', ""),
        ("train = { epochs = -1 }", "STG024", "must be a number above 0, not -1", ""),
        ("model = { max_length = 1 }", "STG024", "from 2 up to 1048576", ""),
        ("project = { seed = -1 }", "STG024", "from 0 up to 4294967295", ""),
        ("prepare = { language = { keep = [] } }", "STG026", "`prepare.language.keep` is empty", "at least one"),
        ("loss = { convert = 'all' }", "STG023", 'must be "auto", "none" or a list', ""),
        ("loss = { convert = [{ too = 'x', to = 'y' }] }", "STG020", "`loss.convert[0]`", "did you mean `to`?"),
        ("loss = { convert = [3] }", "STG021", "`loss.convert[0]` must be text or a table with `to`", ""),
    ],
)
def test_one_finding_a_mistake(tmp_path, fragment, code, message, help_):
    found = [item for item in findings_over(tmp_path, fragment) if item.code != "STG027"]
    assert codes(found) == [code]
    assert message in found[0].message
    assert help_ in found[0].help
    assert "ype=" not in found[0].message  # pydantic's own words


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("score = 3", [("STG021", "columns.score` must be text or a table with `column`, and this is the number 3")]),
        ("negative = []", [("STG026", "`data[0].columns.negative` is empty")]),
        ("text_2 = []", [("STG026", "`data[0].columns.text_2` is empty")]),
        ("score = { column = 's', mni = 0 }", [("STG020", "`mni` is not a key of `data[0].columns.score`")]),
        ("score = { min = 0 }", [("STG022", "`data[0].columns.score` lacks the key `column`")]),
        ("score = { column = 's', max = '5' }", [("STG021", "columns.score.max` must be a number")]),
        ("label = 's'", [("STG020", "`label` is not a key of `data[0].columns`")]),
        ("class_ = 's'", [("STG020", "`class_`")]),
        ("negative = [1]", [("STG021", "columns.negative[0]` must be text")]),
        (
            "binary = { column = 'b', positive = 1.5 }",
            [("STG021", "positive` must be text, a whole number, true or false or a list")],
        ),
    ],
)
def test_columns(columns, expected):
    text = SHORTEST.replace('positive = "answer"', f'positive = "answer", {columns}')
    found = load_text(text)[2]
    assert [item.code for item in found] == [code for code, _ in expected]
    assert all(message in item.message for item, (_, message) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("5", "STG021", "must be text, a table with `fraction` or a table with `rows`"),
        ("{ fraction = 2 }", "STG024", "`data[0].eval.fraction` must be a number above 0 and below 1, not 2"),
        ("{ rows = 0 }", "STG024", "`data[0].eval.rows` must be a whole number from 1, not 0"),
        ("{ row = 5 }", "STG020", "`row` is not a key of `data[0].eval`"),
    ],
)
def test_alternatives_are_no_puzzle(value, code, message):
    found = load_text(SHORTEST + f"eval = {value}\n")[2]
    assert found[0].code == code
    assert message in found[0].message


def test_all_that_is_wrong_in_one_run(tmp_path):
    text = """\
stgen = 1
[model]
type = "dens"
bsae = "b"
[[data]]
train = "t.jsonl"
columns = { anchor = "q", positive = "q" }
[train]
epochs = 1
steps = 2
lr = 3
[hardware]
gpus = 2
strategy = "zero2"
"""
    spec, source, found = load_text(text)
    assert spec is None
    assert source
    assert codes(found) == ["STG023", "STG020", "STG020", "STG027"]  # nothing is left to look at without a type
    found = load_text(text.replace("dens", "dense").replace("bsae", "base"))[2]
    assert codes(found) == ["STG043", "STG150", "STG020", "STG027"]
    assert [item.span.line for item in found] == [7, 10, 11, 14]


def test_json_is_answered_in_json():
    data = tomllib.loads(SHORTEST)
    data["train"] = {"epochs": "3", "scheduler": 5}
    del data["model"]["type"]
    found = load_text(json.dumps(data, indent=1))[2]
    assert codes(found) == ["STG022", "STG021", "STG021"]
    assert found[0].help == 'add "type": "dense"'
    assert found[1].help == 'write "epochs": 3'
    assert found[2].help == 'write "scheduler": "linear"'
    assert all(item.span.line > 1 for item in found)


def test_version():
    found = load_text(SHORTEST.replace("stgen = 1", "stgen = 2"))[2]
    assert codes(found) == ["STG025"]
    assert load_text(SHORTEST.replace("stgen = 1", "stgen = true"))[2][0].code == "STG021"
    assert load_text(SHORTEST.replace("stgen = 1", "stgen = '1'"))[2][0].help == "write stgen = 1"
    assert codes(load_text(SHORTEST.replace("stgen = 1\n", ""))[2]) == ["STG022"]


def test_whole_numbers_are_numbers():
    spec, _, found = load_text(SHORTEST + "[train]\nepochs = 1\nlearning_rate = 1\n")
    assert not found
    assert spec.train.epochs == 1


def test_strings_of_a_hostile_spec_stay_what_they_are():
    nasty = "\"'`$(rm -rf /)`{{ x }}{% raw %}\\\n\x1b[31m\u202e"
    data = tomllib.loads(SHORTEST)
    data["project"] = {"description": nasty}
    spec, _, found = load_text(json.dumps(data))
    assert not found
    assert spec.project.description == nasty


# --- pydantic and the explanation agree ------------------------------------------------------------------------------

JUNK = st.one_of(
    st.sampled_from(
        [0, 1, -1, 2, 0.5, 1.0, 1e9, True, False, "", "x", "auto", "none", "static", "1", [], {}, [1], ["x"]]
    ),
    st.sampled_from(
        [{"column": "c"}, {"rows": 3}, {"fraction": 0.2}, {"to": "x"}, [{"to": "x"}], [{}], {"a": 1}, 2**70]
    ),
)


def paths_of(data, path=()):
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inside for found in paths_of(value, (*path, key)))]


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_every_refusal_is_explained_and_nothing_else(data):
    spec = tomllib.loads(FULL)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from([path for path in paths_of(spec) if path]))
        parent = spec
        for part in path[:-1]:
            parent = parent[part]
        action = data.draw(st.sampled_from(["replace", "remove", "rename"]))
        if action == "replace":
            parent[path[-1]] = copy.deepcopy(data.draw(JUNK))
        elif action == "remove":
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[f"{path[-1]}x"] = parent.pop(path[-1])
    before = copy.deepcopy(spec)
    valid, found = validate(spec, "toml")
    assert (valid is None) == bool(mistakes(Spec, spec, "toml"))
    assert all(item.code != "STG030" for item in found)
    found = check(Source("s.toml", "", "toml", spec, spec))[1]
    assert spec == before
    assert len({(item.code, item.path, item.message) for item in found}) == len(found)


def tables(model: type[Table], seen: set[type[Table]]) -> set[type[Table]]:
    if model not in seen:
        seen.add(model)
        for info in keys_of(model).values():
            for shape in shapes(info.annotation):
                for inner in (shape, *shapes(next(iter(getattr(shape.type, "__args__", [None]))))):
                    if inner.is_table:
                        tables(inner.type, seen)
    return seen


def test_every_key_says_what_it_is_for():
    """The descriptions are the text of the JSON Schema, and of the note beside a missing key."""
    silent = [
        (model.__name__, key)
        for model in tables(Spec, set())
        for key, info in keys_of(model).items()
        if not (info.description or "").endswith(".")
    ]
    assert not silent
    assert len(tables(Spec, set())) == 43


def test_aliases_lead_to_keys():
    known = {key for model in tables(Spec, set()) for key in keys_of(model)}
    assert not [(alias, name) for alias, names in ALIASES for name in names if name not in known]
    assert len({alias for alias, _ in ALIASES}) == len(ALIASES)


def test_closest():
    assert closest("Learning-Rate", ["learning_rate", "steps"]) == "learning_rate"
    assert closest("qqq", ["learning_rate", "steps"]) is None
    assert closest("x", []) is None


def test_the_json_schema_holds_every_table():
    schema = json.dumps(Spec.model_json_schema())
    for model in tables(Spec, set()):
        for key, info in keys_of(model).items():
            assert f'"{key}"' in schema
            assert json.dumps(info.description) in schema
