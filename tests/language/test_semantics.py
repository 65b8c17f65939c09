"""Rules that look at several keys: what each finds and where, and that its unharmed twin passes clean."""

from __future__ import annotations

import re
import sys

import pytest
from frontend import SHORTEST, codes, load_over, load_text
from stgen.language.languages import CODES, WRITTEN, code_meant
from stgen.language.load import allowed
from stgen.language.semantics.model import ARCHITECTURES, ONLY
from stgen.language.semantics.names import bad_name
from stgen.language.semantics.run import EXCLUSIVE, OWNED, memory_bytes
from stgen.language.shapes import keys_of, shapes
from stgen.language.sources import NEGATIVES, negatives_of, sources_in
from stgen.language.spec import Spec
from stgen.language.spec_data import Columns
from stgen.language.spec_model import Model
from stgen.language.unbuilt import ROWS, unbuilt

DATA = 'data = [{ train = "t.jsonl", columns = { anchor = "q", positive = "a" } }]\n'


def model(text: str) -> str:
    return f"stgen = 1\n{DATA}model = {{ {text} }}\n"


def data(text: str) -> str:
    return f'stgen = 1\nmodel = {{ type = "dense", base = "b" }}\n[[data]]\n{text}\n'


def pairs(text: str) -> str:
    return data(f'columns = {{ anchor = "q", positive = "a" }}\n{text}')


# What is laid over the shortest spec, or a whole one -> the codes found, those of unbuilt keys aside.
# fmt: off
CASES = [
    (model('type = "dense"'),                                                       ["STG070"]),
    (model('type = "sparse"'),                                                      ["STG070"]),
    (model('type = "dense", architecture = "static"'),                              []),
    (model('type = "dense", architecture = "static", base = "b"'),                  []),
    (model('type = "dense", router = true, query = { base = "a" }, document = { base = "b" }'), []),
    (model('type = "dense", router = true, query = { base = "a" }'),                ["STG073"]),
    (model('type = "dense", base = "b", query = { base = "a" }'),                   ["STG073"]),
    (model('type = "sparse", base = "b", architecture = "csr"'),                    []),
    (model('type = "sparse", base = "b", architecture = "static"'),                 ["STG071"]),
    (model('type = "cross-encoder", base = "b", architecture = "transformer"'),     []),
    (model('type = "cross-encoder", base = "b", architecture = "splade"'),          ["STG071"]),
    (model('type = "multi-vector", base = "b", dimensions = 64'),                   ["STG072"]),
    (model('type = "cross-encoder", base = "b", normalize = true'),                 ["STG072"]),
    (model('type = "cross-encoder", base = "b", max_length = 64'),                  []),
    (model('type = "dense", architecture = "static", max_length = 64'),             ["STG075"]),
    (model('type = "dense", architecture = "static", lora = {}'),                   ["STG075"]),
    (model('type = "dense", architecture = "static", dimensions = 64'),             []),
    (model('type = "dense", base = "b", pooling = "cls", normalize = false'),       []),
    (model('type = "dense", base = "", revision = "x"'),                            ["STG086"]),
    (model('type = "dense", base = "~/model"'),                                     ["STG086"]),
    (pairs('train = "a.jsonl"\nloss = { guide = "" }'),                                                ["STG086"]),
    (pairs('train = "a.jsonl"\nloss = { teacher = "~/model" }'),                                       ["STG086"]),
    (pairs('train = "a.jsonl"\nloss = { convert = [{ to = "triplet", mine = { model = "https://huggingface.co/org/name" } }] }'), ["STG086"]),
    (pairs('train = "a.jsonl"\nloss = { convert = [{ to = "triplet", mine = { cross_encoder = " " } }] }'), ["STG086"]),
    (model('type = "dense", base = "./model", revision = "x"'),                     []),
    ('project = { name = "Mein Büchlein 2" }',                                      []),
    ('project = { name = "CON" }',                                                  ["STG076"]),
    ('project = { languages = ["EN", "xx", "de"] }',                                ["STG049", "STG049"]),
    (pairs(''),                                                                     ["STG040"]),
    (pairs('train = ""'),                                                           ["STG053"]),
    (pairs('train = "data/*.jsonl.gz"'),                                            []),
    (pairs('train = "data/T.PARQUET"'),                                             []),
    (pairs('train = "data"'),                                                       ["STG047"]),
    (pairs('train = "a.gz"'),                                                       ["STG047"]),
    (pairs('train = "s3://bucket/a.jsonl"'),                                        ["STG053"]),
    (pairs('train = "~/a.jsonl"'),                                                  ["STG053"]),
    (pairs('train = "../a.jsonl"'),                                                 []),
    (pairs('train = "/a.jsonl"'),                                                   ["STG055"]),
    (pairs("train = 'C:\\a.jsonl'"),                                                ["STG055"]),
    (pairs('train = "hf://org/name#train"'),                                        []),
    (pairs('train = "hf://org/name/config@main#train[:10%]"'),                      []),
    (pairs('train = "hf://name#train"'),                                            ["STG048"]),
    (pairs('train = "hf://org/name#"'),                                             ["STG048"]),
    (pairs('train = "a.csv"\neval = "b.csv"\ntest = "b.csv"'),                      ["STG058"]),
    (pairs('train = "a.csv"\neval = "b.csv"\ntest = "c.csv"'),                      []),
    (pairs('train = "a.csv"\neval = { fraction = 0.5 }\ntest = { fraction = 0.4 }'), []),
    (pairs('train = "a.csv"\neval = { fraction = 0.5 }\ntest = { rows = 4 }'),      []),
    (pairs('train = "a.csv"\nlanguage = "german"'),                                 ["STG049"]),
    (pairs('train = "a.csv"\nname = "."'),                                          ["STG052"]),
    (data('train = "a.csv"\ncolumns = { text = "t", class = "c" }'),                []),
    (data('train = "a.csv"\ncolumns = { text = " " }'),                             ["STG050"]),
    (data('train = "a.csv"\ncolumns = { anchor = "q", negative = ["n", "n"] }'),    ["STG043"]),
    (data('train = "a.csv"\ncolumns = { anchor = "q", binary = { column = "q", positive = 1 } }'), ["STG043"]),
    (data('train = "a.csv"\ncolumns = { text = "t", class = { column = "c", names = ["x"] } }'), ["STG046"]),
    (data('train = "a.csv"\ncolumns = { text = "t", class = { column = "c", names = ["x", "y"] } }'), []),
    (data('train = "a.csv"\ncolumns = { text_1 = "a", text_2 = "b", score = { column = "s", min = 1, max = 1 } }'), ["STG045"]),
    (data('retrieval = { corpus = "c.jsonl", queries = "q.jsonl", qrels = "r.tsv" }\neval = { fraction = 0.1 }'), []),
    (data('retrieval = { corpus = "c", queries = "q.jsonl", qrels = "r.tsv" }\ntest = "t.tsv"'), ["STG047", "STG056"]),
    ("prepare = { normalize = { rules = [{ pattern = '(a)', replace = '\\2' }] } }", ["STG078"]),
    ("prepare = { normalize = { rules = [{ pattern = '(a)', replace = '\\1' }] } }", []),
    ('prepare = { language = { keep = ["en", "eng"] }, stem = { language = "english" } }', ["STG049", "STG250", "STG049"]),
    ('prepare = { length = { min = 3, max = 3 } }',                                 []),
    ('prepare = { deduplicate = { semantic = 0.9, model = "b" } }',                 []),
    ('prepare = { deduplicate = { exact = false, near = 0.8 } }',                   []),
    ('prepare = { decontaminate = { against = ["mteb"] } }\nmetrics = { mteb = { tasks = ["STS12"] } }', []),
    ('train = { warmup = 0.1, evaluate_every = 100 }',                              []),
    ('train = { warmup = 0, evaluate_every = 2.5 }',                                ["STG152"]),
    ('train = { extra = { max_grad_norm = 1.0 } }',                                 []),
    ('train = { extra = { bf16 = true, seed = 1 } }',                               ["STG153", "STG153"]),
    ('train = { hub = { repo = "a/b" } }',                                          []),
    ('train = { batch_size = 64 }\nhardware = { gpus = 4, nodes = 2, launcher = "torchrun" }',             []),
    ('train = { batch_size = 3 }\nhardware = { gpus = 4 }',                         ["STG156"]),
    ('hardware = { memory = "24 GB" }',                                             []),
    ('hardware = { memory = "0GiB" }',                                              ["STG155"]),
    ('hardware = { nodes = 2 }',                                                    ["STG157"]),
    ('hardware = { nodes = 2, launcher = "slurm", slurm = { partition = "p" } }',   []),
    ('hardware = { accelerator = "mps", strategy = "zero2" }',                      ["STG160"]),
    ('hardware = { accelerator = "cpu", gpus = 4, precision = "bf16" }',            []),
    ('metrics = { custom = ["a.py:f"] }',                                           []),
    ('metrics = { custom = ["a.py:f()", ":f", "a.py"] }',                           ["STG163", "STG163", "STG163"]),
    ('compare = { losses = ["auto", "auto"], seeds = [1, 2] }',                     ["STG165"]),
    ('allow = ["STG055", "STG058"]',                                                []),
]
# fmt: on


@pytest.mark.parametrize(("fragment", "expected"), CASES)
def test_rules(tmp_path, fragment, expected):
    spec, source, found = load_over(tmp_path, fragment)
    told = [item for item in found if item.code != "STG027"]
    assert codes(told) == expected
    assert (spec is None) == any(item.severity == "error" for item in found)
    for item in told:
        # The key path leads to what is there, so that the finding has a place.
        inside = source.data
        for part in item.path:
            inside = inside[part]
        assert item.span


def test_help_names_what_was_meant(tmp_path):
    assert load_over(tmp_path, 'project = { languages = ["en-US"] }')[2][0].help == 'write "en"'
    assert load_text(pairs('train = "a.jsnol"'))[2][0].help == "did you mean .jsonl?"
    found = load_text(pairs('train = "hf://org/name"'))[2][0]
    assert '"hf://org/name#train"' in found.help
    assert load_over(tmp_path, "train = { batch_size = 100 }\nhardware = { gpus = 8 }")[2][0].help == "write 96 or 104"
    assert load_over(tmp_path, "train = { batch_size = 2 }\nhardware = { gpus = 8 }")[2][0].help == "write 8"


# --- names, languages, amounts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a:b", "a\nb", " a", "a ", "-rf", "~x", "a.", "nul.txt", "é" * 60]
)
def test_bad_names(name):
    assert bad_name(name)


@pytest.mark.parametrize("name", ["a", "my-project_2", "Ünïcode", "a b", ".hidden", "console", "$(x)"])
def test_good_names(name):
    assert not bad_name(name)


def test_languages():
    assert len(CODES) == 183
    assert set(WRITTEN.values()) <= CODES
    assert not WRITTEN.keys() & CODES - {"in", "no"}
    for word, code in {"english": "en", "eng": "en", "EN": "en", "zh_CN": "zh", "pt-br": "pt", " de ": "de"}.items():
        assert code_meant(word) == code
    assert code_meant("klingon") is None


def test_memory():
    assert memory_bytes("24GiB") == 24 * 2**30
    assert memory_bytes(" 80 GB ") == 80 * 10**9
    assert memory_bytes("1.5tib") == 3 * 2**39
    for text in ("", "24", "GiB", "-1GiB", "24 G", "1e3GB", "٣٢"):
        assert memory_bytes(text) is None


def test_sources_of_the_roles():
    joined = {"columns": ["t", "b"], "separator": ": "}
    columns = Columns.model_validate(
        {
            "anchor": ["i", "a"],
            "positive": joined,
            "negative": {"column": ["m[]", joined], "count": 3},
            "class": {"column": "c"},
        }
    )
    assert [(role, source.columns, source.path, source.separator) for role, source in sources_in(columns)] == [
        ("anchor", ("i", "a"), ("anchor",), " "),
        ("positive", ("t", "b"), ("positive",), ": "),
        ("negative", ("m[]",), ("negative", "column", 0), ""),
        ("negative", ("t", "b"), ("negative", "column", 1), ": "),
        ("class", ("c",), ("class", "column"), ""),
    ]


@pytest.mark.parametrize(
    ("columns", "count"),
    [
        ({"anchor": "a", "positive": "p"}, 0),
        ({"negative": "n"}, 1),
        ({"negative": ["m", "n"]}, 2),
        ({"negative": "n[]"}, NEGATIVES),
        ({"negative": {"column": "n[]", "count": 7}}, 7),
        ({"negative": {"column": ["k", "m", "n"], "count": 2}}, 2),
        ({"text_1": "a", "text_2": ["de", "fr"]}, 2),
        ({"text_1": "a", "text_2": ["title", "body"], "score": "s"}, 1),
    ],
)
def test_how_many_negatives_a_row_gets(columns, count):
    assert negatives_of(Columns.model_validate(columns)) == count


LISTS = [  # columns, and what is said
    ('anchor = "q[]", positive = "p[]"', "a row for each item of two lists"),
    ('anchor = "q[].a", positive = "q[].b"', ""),
    ('anchor = "q", positive = "p[].x[]"', "a list within a list"),
    ('text = "t", class = "c[]"', "`class` is one value a row"),
    ('anchor = "q", positive = "p", negative = "n[]", scores = "s"', "has a score or margin of its own"),
    ('anchor = "q", positive = "p[].a", negative = "p[].b"', "the negatives are in the list"),
    ('text_1 = "a", text_2 = ["b[]", "c"]', "several texts stand beside the first"),
    ('anchor = "q", documents = { columns = ["t", "b"] }, scores = "s"', "`documents` is a list"),
    ('anchor = "q", documents = { columns = ["d[].t", "d[].b"] }, scores = "d[].s"', ""),
    (
        'anchor = "q", positive = "p", negative = { column = ["n", "m"], count = 1 }, scores = "s"',
        "none can be left out",
    ),
]


@pytest.mark.parametrize(("columns", "said"), LISTS)
def test_lists_that_make_no_rows(columns, said):
    made = load_text(data(f'train = "t.jsonl"\ncolumns = {{ {columns} }}'))[2]
    found = [item for item in made if item.code == "STG381"]
    assert bool(found) == bool(said)
    assert all(said in item.message and item.help for item in found)


# --- the tables ------------------------------------------------------------------------------------------------------


def test_tables_name_keys_of_the_language():
    assert {row.key for row in ONLY} <= keys_of(Model).keys()
    assert {name for names in ARCHITECTURES.values() for name in names} == set(
        Model.model_fields["architecture"].annotation.__args__[0].__args__
    )
    assert set(ARCHITECTURES) == set(Model.model_fields["type"].annotation.__args__)
    for key in OWNED.values():
        assert exists(key), key
    for row in EXCLUSIVE:
        assert exists(f"{row.table}.{row.first}")
        assert exists(f"{row.table}.{row.second}")


def test_owned_names_are_training_arguments():
    import dataclasses

    library = pytest.importorskip("sentence_transformers")
    known = {field.name for field in dataclasses.fields(library.SentenceTransformerTrainingArguments)}
    # Given up by the library, and still what people write.
    assert OWNED.keys() - known <= {"warmup_ratio", "use_cpu"}


def exists(dotted: str) -> bool:
    table, built = Spec, True
    for part in (part for part in dotted.split(".") if not re.fullmatch(r"\*|\d+", part)):
        keys = keys_of(table)
        if part not in keys:
            return False
        found = shapes(keys[part].annotation)
        inner = [shape for one in found for shape in (one, *shapes(next(iter(getattr(one.type, "__args__", [None])))))]
        table = next((shape.type for shape in inner if shape.is_table), table)
    return built


# --- keys whose work isn't built -------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_unbuilt_rows(row):
    assert exists(row.key)
    assert row.meanwhile
    tree: object = "some value"
    for part in reversed(row.key.split(".")):
        tree = [tree] if part == "*" else {part: tree}
    assert codes(unbuilt(tree)) == ["STG027"]
    for value in row.built:
        tree = value
        for part in reversed(row.key.split(".")):
            tree = [tree] if part == "*" else {part: tree}
        assert not unbuilt(tree)


# --- allow -----------------------------------------------------------------------------------------------------------


def test_allow_takes_warnings_away_and_leaves_errors():
    text = pairs('train = "a.csv"\neval = "b.csv"\ntest = "b.csv"')
    assert codes(load_text(text)[2]) == ["STG058"]
    assert load_text('allow = ["STG058"]\n' + text)[2] == []
    assert load_text(text + 'allow = ["STG058"]\n')[2] == []
    spec, _, found = load_text(text + 'allow = ["STG055"]\n')
    assert codes(found) == ["STG058"]
    assert spec
    assert allowed(found, spec) == found
    assert codes(
        load_text('allow = ["STG043"]\n' + data('train = "a.csv"\ncolumns = { anchor = "q", positive = "q" }'))[2]
    ) == [
        "STG029",
        "STG043",
    ]


def test_allow_of_one_set_holds_for_that_set():
    one = 'train = "a.csv"\neval = "b.csv"\ntest = "b.csv"\ncolumns = { anchor = "q", positive = "a" }\n'
    text = data(f'name = "a"\nallow = ["STG058"]\n{one}[[data]]\nname = "b"\n{one}')
    found = [item for item in load_text(text)[2] if item.code != "STG027"]
    assert [(item.code, item.path[1]) for item in found] == [("STG058", 1)]


def test_a_valid_spec_imports_no_library_of_models():
    load_text(SHORTEST)
    import subprocess

    script = "import sys; from stgen.language.load import load; import io; load('-', io.BytesIO(b'stgen = 1')); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd="compiler")
    assert not {"torch", "transformers", "datasets", "sentence_transformers", "numpy"} & set(loaded.stdout.split())
