"""`stgen profile` counts the data, what it writes decides, and the rest of stgen notices when it no longer holds."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import stgen
from stgen.profile.parsing import ProfileError, parse
from stgen.profile.record import dump

SPEC = """
stgen = 1
project.name = "pairs"
model = {{ type = "dense", base = "sentence-transformers/all-MiniLM-L6-v2" }}
[[data]]
train = "train.jsonl"
eval = "dev.jsonl"
test = "dev.jsonl"
columns = {{ anchor = "question", positive = "answer" }}
{more}
"""


def write_rows(path: Path, count: int, start: int = 0) -> None:
    """Pairs, of which the first ten share their question."""
    rows = [
        {"question": f"what is thing {max(number, 10)}?", "answer": f"thing {number} is a secretword of its own kind"}
        for number in range(start, start + count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec with 1,201 rows to train on and 100 to measure on, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stgen.toml").write_text(SPEC.format(more=""))
    write_rows(tmp_path / "train.jsonl", 1201)
    write_rows(tmp_path / "dev.jsonl", 100, 5000)
    return tmp_path


def decided() -> dict[str, str]:
    """What `explain` says of the spec, by name."""
    ran = stgen("explain", "stgen.toml", "--format", "json")
    assert ran.code == 0, ran.err
    return {one["what"]: one["value"] for one in json.loads(ran.out)["decisions"]}


def profile_text(project: Path) -> str:
    return (project / "stgen.profile.json").read_text()


def test_the_profile_holds_counts_and_no_text(project: Path) -> None:
    assert stgen("profile").code == 0
    text = profile_text(project)
    train = json.loads(text)["sets"][0]["splits"]["train"]
    question, answer = train["texts"]
    assert (train["rows"], train["distinct"]) == (1201, 1201)
    assert (question["distinct"], question["pairs"]) == (1191, 55)  # eleven rows share one
    assert (answer["words"]["p50"], answer["distinct"]) == (9, 1201)
    assert "secretword" not in text


def test_the_same_data_give_the_same_bytes_whatever_the_hash_seed(project: Path) -> None:
    stgen("profile")
    first = profile_text(project)
    for seed in ("1", "2"):
        (project / "stgen.profile.json").unlink()
        command = [sys.executable, "-m", "stgen", "profile", "-q"]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        assert profile_text(project) == first


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_profile_that_is_counted_again_stays_open_to_whom_it_was(project: Path) -> None:
    assert stgen("profile", project / "stgen.toml").code == 0
    (project / "stgen.profile.json").chmod(0o640)
    (project / "train.jsonl").open("a").write('{"question": "one more", "answer": "yes"}\n')
    assert "updated" in stgen("profile", project / "stgen.toml").err
    assert (project / "stgen.profile.json").stat().st_mode & 0o777 == 0o640


def test_what_is_written_is_read_as_it_was(project: Path) -> None:
    stgen("profile")
    text = profile_text(project)
    assert dump(parse(text.encode())) == text


def test_decisions_rest_on_the_rows(project: Path) -> None:
    before = decided()
    stgen("profile")
    after = decided()
    assert (before["batch_size"], before["epochs"], before["rows"]) == ("128", "1", "not counted")
    assert (after["batch_size"], after["epochs"], after["steps"]) == ("16", "3", "225")
    assert "rows" not in after


def test_steps_of_batches_by_class_are_counted_over_the_rows_that_they_use(project: Path) -> None:
    """The sampler stops where a single class is left: of 800 rows of one and 200 of four others it uses 250."""
    rows = [
        {"question": f"text {number}", "answer": str(number % 20 // 4 if number % 5 == 0 else 9)}
        for number in range(1000)
    ]
    (project / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (project / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:100]))
    columns = 'columns = { text = "question", class = "answer" }'
    spec = SPEC.format(more='[loss]\nname = "BatchAllTripletLoss"\n[train]\nepochs = 2\nbatch_size = 50')
    (project / "stgen.toml").write_text(spec.replace('columns = { anchor = "question", positive = "answer" }', columns))
    stgen("profile")
    assert decided()["steps"] == "10"


def test_the_lock_records_the_profile_and_a_compile_notices_a_new_one(project: Path) -> None:
    assert stgen("compile").code == 0
    assert "BATCH_SIZE = 128" in (project / "train.py").read_text()
    stgen("profile")
    assert stgen("check").code == 1
    assert stgen("compile").code == 0
    assert "BATCH_SIZE = 16" in (project / "train.py").read_text()
    assert "stgen.profile.json" in json.loads((project / ".stgen/manifest.json").read_text())["inputs"]
    assert stgen("check").code == 0
    (project / "stgen.profile.json").unlink()
    assert stgen("check").code == 1


def test_check_and_validate_say_that_data_and_profile_have_parted(project: Path) -> None:
    stgen("profile")
    stgen("compile")
    write_rows(project / "train.jsonl", 1300)
    said = "train.jsonl: 1,300 rows, and the profile has 1,201"
    for arguments in (["check"], ["validate", "--data"]):
        assert said in stgen(*arguments).err
    assert stgen("check", "--strict").code == 1
    (project / "train.jsonl").unlink()  # as in CI, where large data aren't
    assert "STG405" not in stgen("check").err


def test_counted_files_that_were_moved_are_still_counted(project: Path) -> None:
    stgen("profile")
    (project / "data").mkdir()
    (project / "train.jsonl").rename(project / "data/moved.jsonl")
    spec = project / "stgen.toml"
    spec.write_text(spec.read_text().replace('"train.jsonl"', '"data/moved.jsonl"'))
    assert "STG405" not in stgen("check").err
    moved = project / "data/moved.jsonl"
    moved.write_text(moved.read_text().replace(" 1", " one", 1))
    assert "data/moved.jsonl has changed since its 1,201 rows were counted" in stgen("check").err


def test_a_profile_of_other_columns_is_not_used(project: Path) -> None:
    stgen("profile")
    spec = project / "stgen.toml"
    spec.write_text(
        spec.read_text().replace('anchor = "question", positive = "answer"', 'anchor = "answer", positive = "question"')
    )
    ran = stgen("validate")
    assert "warning[STG406]: the profile counted `answer` as positive, and the spec reads it as anchor" in ran.err
    assert decided()["batch_size"] == "128"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it isn't JSON"),
        ("[]", "it has no `profile` version"),
        ('{"profile": 2}', "it has another format than 1"),
        ('{"profile": 1}', "it lacks `base`"),
        ('{"profile": 1, "base": null, "tokens": "x", "sets": []}', "`tokens` is neither tokenizer nor estimate"),
        ('{"profile": 1, "profile": 1}', "it names a key twice"),
        ('{"profile": NaN}', "it holds NaN"),
        ("[" * 100_000, "it isn't JSON"),
    ],
)
def test_a_broken_profile_is_a_finding(project: Path, text: str, says: str) -> None:
    (project / "stgen.profile.json").write_text(text)
    for command in ("explain", "compile", "validate", "check", "plan"):
        ran = stgen(command)
        assert ran.code == 1
        assert f"error[STG403]: the profile can't be read: {says}" in ran.err
    assert stgen("profile").code == 0
    assert stgen("compile").code == 0


def test_no_change_of_a_profile_is_a_fault_of_stgens_own(project: Path) -> None:
    """Whatever stands in place of a value: it is used, or it is refused with a finding."""
    stgen("profile")
    whole = json.loads(profile_text(project))
    draw = random.Random(7)
    places = list(_places(whole))
    for path in draw.sample(places, 60):
        made = json.loads(json.dumps(whole))
        inside = made
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = draw.choice([None, -1, 2**70, 1e400, "x" * 5000, "\x1b[31m", [], {}, True, 0])
        (project / "stgen.profile.json").write_text(json.dumps(made))
        ran = stgen("explain")
        assert ran.code in (0, 1), (path, ran.err)
        assert "\x1b" not in ran.out + ran.err


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in pairs for place in [(*path, key), *_places(item, (*path, key))]]


@pytest.mark.parametrize("what", ["link", "folder", "pipe", "large"])
def test_what_is_no_file_of_a_profile_is_a_finding(
    project: Path, tmp_path_factory: pytest.TempPathFactory, what: str
) -> None:
    beside = project / "stgen.profile.json"
    if what == "link":
        other = tmp_path_factory.mktemp("else") / "secret.json"
        other.write_text('{"secretword": 1}')
        beside.symlink_to(other)
    elif what == "folder":
        beside.mkdir()
    elif what == "pipe":
        os.mkfifo(beside)
    else:
        beside.write_bytes(b" " * (4 * 1024 * 1024 + 1))
    ran = stgen("explain")
    assert (ran.code, "error[STG403]" in ran.err, "secretword" in ran.err) == (1, True, False)
    if what != "large":
        assert stgen("profile").code == 1


def test_validate_counts_the_rows_that_the_repo_will_train_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a profile the repo holds out 5 % for eval and 10 % for the test; with one as many as its counts decide."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(json.dumps({"q": f"what is {n}?", "a": f"it is {n}"}) + "\n" for n in range(1000))
    (tmp_path / "t.jsonl").write_text(rows)
    model = {"type": "dense", "base": "sentence-transformers/all-MiniLM-L6-v2"}
    spec = {"stgen": 1, "model": model, "data": [{"train": "t.jsonl", "columns": {"anchor": "q", "positive": "a"}}]}
    (tmp_path / "stgen.json").write_text(json.dumps(spec))
    assert "855 rows in batches of 128, 1 epoch: 6 steps" in stgen("validate", "--data", "stgen.json").err
    assert "712 rows in batches of 16, 3 epochs: 132 steps" in stgen("validate", "--profile", "stgen.json").err


def test_validate_counts_the_steps_and_says_what_is_guessed(project: Path) -> None:
    ran = stgen("validate", "--data")
    assert "warning[STG407]: 1,201 rows in batches of 128, 1 epoch: 9 steps, and a run needs about 100" in ran.err
    assert (
        "batch_size, epochs, warmup, evaluate_every are guesses until `stgen profile` has counted the rows" in ran.err
    )
    ran = stgen("validate", "--profile")
    assert "1,201 rows in batches of 16, 3 epochs: 225 steps" in ran.err
    assert "guesses" not in ran.err
    assert "STG407" not in ran.err
    assert parse(profile_text(project).encode()).sets[0].splits["train"].rows == 1201


def test_a_profile_is_never_compiled_over(project: Path) -> None:
    stgen("profile")
    before = profile_text(project)
    stgen("compile")
    assert profile_text(project) == before


def test_numbers_that_contradict_each_other_are_refused(project: Path) -> None:
    stgen("profile")
    whole = json.loads(profile_text(project))
    whole["sets"][0]["splits"]["train"]["distinct"] = 5000
    with pytest.raises(ProfileError, match="don't add up"):
        parse(json.dumps(whole).encode())


def test_a_profile_of_other_data_sets_is_not_used(project: Path) -> None:
    stgen("profile")
    whole = json.loads(profile_text(project))
    whole["sets"][0]["name"] = "another"
    (project / "stgen.profile.json").write_text(json.dumps(whole))
    ran = stgen("validate")
    assert (ran.code, "warning[STG404]: the profile was counted for other data sets" in ran.err) == (0, True)
    assert decided()["batch_size"] == "128"


def test_texts_in_lists_are_counted(project: Path) -> None:
    rows = [{"question": f"q {number}", "pos": ["one two", "three"]} for number in range(50)]
    (project / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (project / "stgen.toml").write_text(
        SPEC.format(more="").replace('"answer"', '"pos"').replace('eval = "dev.jsonl"\ntest = "dev.jsonl"\n', "")
    )
    assert stgen("profile").code == 0
    counted = parse(profile_text(project).encode()).sets[0].splits["train"].texts[1]
    assert (counted.column, counted.characters.longest, counted.sampled) == ("pos", 7, 100)


def test_a_static_base_is_measured_by_the_head_of_its_table(project: Path) -> None:
    table = {"embedding.weight": {"dtype": "F32", "shape": [5000, 64], "data_offsets": [0, 1280000]}}
    head = json.dumps(table).encode()
    (project / "base").mkdir()
    (project / "base" / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    spec = SPEC.format(more='[hardware]\ngpu = "L4"').replace(
        'base = "sentence-transformers/all-MiniLM-L6-v2"',
        'architecture = "static", start = "pretrained", base = "./base"',
    )
    (project / "stgen.toml").write_text(spec)
    assert stgen("profile", "stgen.toml").code == 0
    base = parse(profile_text(project).encode()).base
    assert base is not None
    assert (base.kind, base.vocabulary, base.hidden, base.parameters) == ("static", 5000, 64, 320_000)
    plan = json.loads(stgen("plan", "stgen.toml", "--format", "json").out)
    assert plan["train"]["memory"]["parts"]["weights"] == 4 * 320_000
    (project / "base" / "model.safetensors").write_bytes(b"\xff" * 8 + b"{")
    assert stgen("profile", "stgen.toml").code == 0
    assert parse(profile_text(project).encode()).base is None


def planned_of(folder: Path, data: dict[str, object], model: str = "dense") -> dict[str, object]:
    """The plan of a data set with its profile, beside its spec."""
    spec = {"stgen": 1, "model": {"type": model, "base": "sentence-transformers/all-MiniLM-L6-v2"}, "data": [data]}
    (folder / "stgen.json").write_text(json.dumps(spec))
    assert stgen("profile", "stgen.json").code == 0
    ran = stgen("plan", "stgen.json", "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def train_split(folder: Path) -> dict[str, object]:
    return json.loads(profile_text(folder))["sets"][0]["splits"]["train"]


def test_judgements_have_the_texts_of_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens, hours and false negatives of the BEIR layout are planned: of its judgements, those that are relevant are trained on."""
    monkeypatch.chdir(tmp_path)
    corpus = [{"_id": f"d{n}", "title": f"title {n}", "text": f"the answer to question {n}"} for n in range(300)]
    queries = [{"_id": f"q{n}", "text": f"question {n}"} for n in range(300)]
    judged = [{"query-id": f"q{n // 2}", "corpus-id": f"d{n // 2}", "score": n % 2} for n in range(600)]
    judged += [{"query-id": "q0", "corpus-id": "d9", "score": 2}]
    for name, rows in (("corpus", corpus), ("queries", queries), ("qrels", judged)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = {"retrieval": {name: f"{name}.jsonl" for name in ("corpus", "queries", "qrels")}}
    plan = planned_of(tmp_path, data)
    anchor, positive = train_split(tmp_path)["texts"]  # type: ignore[misc]
    assert [anchor[key] for key in ("role", "rows", "distinct", "pairs")] == ["anchor", 301, 300, 1]
    assert [positive[key] for key in ("role", "rows", "distinct", "pairs")] == ["positive", 301, 300, 1]
    splits = json.loads(profile_text(tmp_path))["sets"][0]["splits"]
    assert positive["words"] == splits["corpus"]["texts"][0]["words"]
    assert positive["words"]["p50"] == 7  # the title in front of the text
    decided = {one["what"]: one for one in plan["decisions"]}  # type: ignore[attr-defined]
    assert decided["false negatives"]["value"] == "0 an anchor"
    left = 601 - 120 - 53  # a fifth for the test, a tenth of the others for eval
    assert decided["steps"]["why"].startswith(f"about {round(left * 301 / 601):,} rows")
    effort = plan["train"]["effort"]  # type: ignore[index]
    assert effort["costs"]
    assert effort["tokens"] > effort["steps"] * effort["batch"] * 8
    assert "of some 60 queries" in decided["gain that the test shows"]["why"]
    assert "document of corpus" in decided["max_length"]["why"]
    ran = stgen("validate", "stgen.json", "--data")
    assert f"214 rows in batches of 16, 8 epochs: {effort['steps']} steps" in ran.out + ran.err


def test_rows_that_lists_are_spread_into_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        {"q": f"question {n}", "pos": [f"answer {n} {one}" for one in range(1 + n % 2)], "neg": [f"no {n}", f"not {n}"]}
        for n in range(1000)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = {"anchor": "q", "positive": "pos[]", "negative": {"column": "neg[]", "count": 2}}
    plan = planned_of(tmp_path, {"train": "rows.jsonl", "columns": columns})
    train = train_split(tmp_path)
    assert (train["rows"], train["spread"], train["distinct"]) == (1000, 1500, 1500)
    anchor, positive, negative = train["texts"]  # type: ignore[misc]
    assert (anchor["rows"], anchor["distinct"], anchor["pairs"]) == (1500, 1000, 500)
    assert (positive["rows"], positive["distinct"]) == (1500, 1500)
    decided = {one["what"]: one for one in plan["decisions"]}  # type: ignore[attr-defined]
    left = 1500 - 300 - 132  # a fifth for the test, a tenth of the others for eval
    assert f"{left:,} rows" in decided["steps"]["why"]
    effort = plan["train"]["effort"]  # type: ignore[index]
    each = [one["tokens"]["mean"] for one in (anchor, positive, negative, negative)]
    assert effort["tokens"] >= effort["steps"] * effort["batch"] * sum(each) * 0.99


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ({"text_1": "a", "text_2": "b", "probabilities": "l"}, {"a": "one", "b": "two", "l": [0.2, 0.3, 0.5]}),
        (
            {"anchor": "a", "positive": "b", "negative": ["n", "m"], "margin": "l"},
            {"a": "one", "b": "two", "n": "three", "m": "four", "l": [-0.5, 2]},
        ),
        (
            {"anchor": "a", "positive": "b", "negative": ["n", "m"], "scores": "l"},
            {"a": "one", "b": "two", "n": "three", "m": "four", "l": [3, 0.5, 2]},
        ),
        ({"text": "a", "embedding": "l"}, {"a": "one", "l": [0.1, 0.2]}),
    ],
)
def test_labels_that_are_lists_are_counted(
    columns: dict[str, object], row: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{**row, "a": f"{row['a']} {number}"} for number in range(100)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    planned_of(tmp_path, {"train": "rows.jsonl", "columns": columns})
    train = train_split(tmp_path)
    assert len(train["texts"]) == len(row) - 1  # type: ignore[arg-type]
    if "margin" in columns:
        assert [(one["low"], one["high"]) for one in train["labels"]] == [(-0.5, 2)]  # type: ignore[attr-defined]


def test_a_profile_of_columns_with_odd_names_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("question\n(whole)", "answer\u00a0")  # as word processors write them
    rows = [{names[0]: f"how {n} of them?", names[1]: f"so are {n}"} for n in range(60)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    planned_of(tmp_path, {"train": "rows.jsonl", "columns": {"anchor": names[0], "positive": names[1]}})
    assert stgen("validate", "stgen.json").code == 0
