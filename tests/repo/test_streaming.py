"""Training sets with `streaming = true`: what the spec must say, what is refused, and what comes of the rows as they pass by."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import HERE, findings_of, plan_of, source_of
from conversions import NLI, compile_to, prepare, read, write_lines
from matrix import bases, repos, samples
from stgen.compile import plan_source
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.steps import BY_CONVERSION
from stgen.rules.streaming import BY_ROW
from streams import COLUMNS, make, spec_of

FILES = 'train = "t.jsonl"\neval = "e.jsonl"\nstreaming = true\n'
STEPS = "[train]\nsteps = 100\n"
PAIRS = 'columns = { anchor = "q", positive = "a" }\n'
STREAM = f"{STEPS}[[data]]\n{FILES}{PAIRS}"
# fmt: off
REFUSED = [  # code, a spec that has it, and its unharmed twin
    ("STG270", f'{STREAM}name = "a"\n[[data]]\nname = "b"\ntrain = "u.jsonl"\n{PAIRS}', STREAM),
    ("STG271", STREAM.replace('"e.jsonl"', "{ rows = 9 }"), STREAM),
    ("STG271", STREAM.replace('eval = "e.jsonl"\n', ""), STREAM),
    ("STG271", f"{STREAM}test = {{ fraction = 0.1 }}", f'{STREAM}test = "test.jsonl"'),
    ("STG272", STREAM.replace("t.jsonl", "t.json"), STREAM.replace("t.jsonl", "t*.jsonl.gz")),
    ("STG272", f'{STEPS}[[data]]\nstreaming = true\nretrieval = {{ corpus = "c.jsonl", queries = "q.jsonl", qrels = "j.tsv" }}', STREAM),
    ("STG273", STREAM.removeprefix(STEPS), STREAM),
    ("STG273", STREAM.replace("steps = 100", "epochs = 1"), STREAM),
    ("STG274", f'stgen = 1\n{STREAM}[model]\ntype = "dense"\narchitecture = "static"', f'{STREAM}[model]\narchitecture = "static"'),
    ("STG275", f'{STEPS}[[data]]\n{FILES}columns = {{ text_1 = "a", text_2 = "b", class = "c" }}',
               f'{STEPS}[[data]]\n{FILES}columns = {{ text_1 = "a", text_2 = "b", class = {{ column = "c", names = ["x", "y"] }} }}'),
    ("STG276", f'{STREAM}[metrics]\nmonitor = ["leakage"]', f'{STREAM}[metrics]\nmonitor = ["collapse"]'),
    ("STG277", f'{STREAM}[loss]\nconvert = [{{ to = "triplet", mine = {{ negatives = 2 }} }}]', f'{STREAM}[loss]\nconvert = "none"'),
    ("STG278", f'{STEPS}batch_size = 4\n[[data]]\n{FILES}columns = {{ text = "t", class = {{ column = "c", names = ["x", "y"] }} }}',
               f'{STEPS}batch_size = 8\n[[data]]\n{FILES}columns = {{ text = "t", class = {{ column = "c", names = ["x", "y"] }} }}'),
    ("STG279", f"{STREAM}[prepare]\ndeduplicate = {{}}", f"{STREAM}[prepare]\nnormalize = {{ whitespace = true }}"),
    ("STG279", f"{STREAM}[prepare]\ndeduplicate = {{ exact = false, near = 0.8 }}", f"{STREAM}[prepare]\nlength = {{ min = 2 }}"),
    ("STG279", f"{STREAM}[prepare]\ndecontaminate = {{ semantic = 0.9 }}", f"{STREAM}[prepare]\ndecontaminate = {{ ngram = 13 }}"),
    ("STG279", f"{STREAM}[prepare]\ndecontaminate = {{ near = 0.9 }}", f"{STREAM}[prepare]\ndecontaminate = {{}}"),
    ("STG279", f'{STREAM}[prepare]\nlength = {{ max = 9, unit = "tokens" }}', f'{STREAM}[prepare]\nlength = {{ max = 9, unit = "chars" }}'),
    ("STG281", STREAM.replace("steps = 100", "steps = 100\ngroup_by_length = true"), STREAM),
    ("STG280", f"{STREAM}[compare]\nseeds = [1, 2]", STREAM),
]
# fmt: on


@pytest.mark.parametrize(("code", "harmed", "unharmed"), REFUSED)
def test_what_a_stream_cannot_do_is_refused_with_what_to_write(code: str, harmed: str, unharmed: str) -> None:
    everything = plan_source(source_of(harmed), HERE)[1] if "stgen = 1" in harmed else findings_of(harmed)
    found = [item for item in everything if item.code == code]
    assert found, [item.code for item in everything]
    assert all(item.help and item.severity == "error" for item in found)
    assert [item.code for item in findings_of(unharmed)] == []


def test_workers_that_remove_rows_unseen_are_warned_of() -> None:
    workers = STREAM.replace("steps = 100", "steps = 100\nextra = { dataloader_num_workers = 2 }")
    found = findings_of(f"{workers}[prepare]\nlength = {{ min = 2 }}")
    assert [(item.code, item.severity) for item in found] == [("STG282", "warning")]
    assert findings_of(workers) == []


def test_the_plan_says_what_streaming_changes() -> None:
    decided = {row.what: row for row in plan_of(STREAM).decisions}
    assert decided["training rows"].value == "streamed"
    assert decided["sampler"].value == "batch_sampler"
    assert decided["shuffle_buffer"].value == "10000"
    assert "reads the rows that were trained on again" in decided["after a stop"].why
    # While one of two leaves with the 64 rows that are left of its batch of 128, on average, each of 10,000 may go.
    assert "probability of about 0.6%" in decided["false negatives from duplicates"].why
    assert "keeps equal texts out" not in decided["false negatives"].why
    cleaned = {row.what for row in plan_of(f"{STREAM}[prepare]\ndecontaminate = {{}}").decisions}
    assert "leaked rows" in decided.keys() - cleaned
    assert "training rows" not in {row.what for row in plan_of("").decisions}


def test_the_trainer_is_told_that_each_process_reads_for_itself() -> None:
    assert plan_of(STREAM).train.arguments["accelerator_config"] == {"dispatch_batches": False}
    assert plan_of("").train.arguments["accelerator_config"] == {"split_batches": True}


# --- the rows as they pass by ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def stream_of(repo: Path) -> Any:
    """The stream.py of a repo as a module."""
    with repos.modules(repo) as load:
        yield load("stream")


def rows_of(repo: Path) -> list[dict[str, Any]]:
    """All training rows in the order of the files."""
    with stream_of(repo) as stream:
        return list(stream.each_row(stream.shards()))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("format", [name for name in COLUMNS if name not in ("texts", "n-texts")])
def test_rows_of_every_format_come_as_the_loss_takes_them(format: str, tmp_path: Path) -> None:
    model = "cross-encoder" if format == "list" else "dense"
    plan = make(tmp_path / "repo", format, model, train={"batch_size": 12})
    with stream_of(tmp_path / "repo") as stream:
        rows = list(itertools.islice(stream.load(), 30))
        stream.look()
        assert stream.first_rows().column_names == list(plan.sets[0].data.trained_columns)
    assert len(rows) == 30  # more than there are: it begins again
    assert all(tuple(row) == plan.sets[0].data.trained_columns for row in rows)
    assert all(isinstance(row[name], float) for row in rows for name in ("score",) if name in row)


PASSES = 4
SHARES = {  # files, readers
    "one file": (1, 1),
    "a file for each": (2, 2),
    "more files than readers": (3, 2),
    "fewer files than readers": (2, 3),
}


@pytest.mark.parametrize(("files", "readers"), SHARES.values(), ids=SHARES)
def test_each_pass_has_every_row_once_over_all_readers_in_an_order_of_its_own(
    files: int, readers: int, tmp_path: Path
) -> None:
    """The orders are those of every run with the seed; a reader that has more rows comes to the next pass later."""
    make(tmp_path / "repo", files=files)
    with stream_of(tmp_path / "repo") as stream:
        stream.READERS, stream.BUFFER = readers, 5
        everything = sorted(row["anchor"] for row in stream.each_row(stream.shards()))
        orders = [passes_of(stream, reader) for reader in range(readers)]
        assert orders == [passes_of(stream, reader) for reader in range(readers)]
    for number in range(PASSES):
        assert sorted(anchor for order in orders for anchor in order[number]) == everything
    assert all(len({tuple(one) for one in order}) == PASSES for order in orders)


def passes_of(stream: Any, reader: int) -> list[list[str]]:
    """The anchors that a reader gets in the first passes, told apart by what it shuffles."""
    found: list[list[str]] = []
    shuffle = stream.shuffle

    def noted(rows: Iterator[dict[str, Any]], chance: Any) -> Iterator[dict[str, Any]]:
        found.append([])
        for row in shuffle(rows, chance):
            found[-1].append(row["anchor"])
            yield row

    stream.shuffle = noted
    try:
        for _ in stream.passes([reader]):
            if len(found) > PASSES:
                return found[:PASSES]
    finally:
        stream.shuffle = shuffle
    raise AssertionError("a stream has no end")


def test_a_reader_has_other_files_in_other_passes(tmp_path: Path) -> None:
    """Three files on two readers: each reads one more than the other in turn, so that none is ahead for long."""
    make(tmp_path / "repo", files=3)
    with stream_of(tmp_path / "repo") as stream:
        stream.READERS = 2
        rows = [[len(one) // 8 for one in passes_of(stream, reader)] for reader in (0, 1)]
        sets = {frozenset(one) for one in passes_of(stream, 0)}
    assert rows == [[2, 1, 2, 1], [1, 2, 1, 2]]
    assert len(sets) == PASSES


def test_no_more_rows_are_held_than_the_buffer_has_place_for(tmp_path: Path) -> None:
    make(tmp_path / "repo")
    with stream_of(tmp_path / "repo") as stream:
        stream.BUFFER = 7
        read = 0

        def counted() -> Iterator[dict[str, Any]]:
            nonlocal read
            for number in range(100):
                read += 1
                yield {"number": number}

        given = []
        for row in stream.shuffle(counted(), random.Random(1)):
            given.append(row["number"])
            assert read - len(given) < 7
    assert sorted(given) == list(range(100))
    assert given != sorted(given)


def test_workers_of_the_data_loader_have_shares_of_their_own(tmp_path: Path) -> None:
    from torch.utils.data import DataLoader

    make(tmp_path / "repo", files=4, train={"extra": {"dataloader_num_workers": 2}})
    with stream_of(tmp_path / "repo") as stream:
        assert stream.READERS == 2
        loader = DataLoader(stream.load(), batch_size=4, num_workers=2)
        given = [anchor for batch in itertools.islice(loader, 12) for anchor in batch["anchor"]]
        everything = sorted(row["anchor"] for row in stream.each_row(stream.shards()))
    assert sorted(given[:24]) == sorted(given[24:]) == everything
    assert given[:24] != given[24:]


def test_rows_are_shuffled_the_same_way_on_every_run(tmp_path: Path) -> None:
    make(tmp_path / "repo", files=3)
    seen = []
    for _ in range(2):
        with stream_of(tmp_path / "repo") as stream:
            seen.append([row["anchor"] for row in itertools.islice(stream.load(), 24)])
            in_order = [row["anchor"] for row in stream.each_row(stream.shards())]
    assert seen[0] == seen[1] != in_order
    assert sorted(seen[0]) == sorted(in_order)


def test_a_bad_row_stops_the_stream_and_is_named(tmp_path: Path) -> None:
    make(tmp_path / "repo", files=2)
    with (tmp_path / "repo/train-2.jsonl").open("a") as file:
        file.write('{"a": "x", "p": null}\n')
    with pytest.raises(SystemExit, match=r"line 13 of train-2\.jsonl: `p` has no value"):
        rows_of(tmp_path / "repo")


def test_the_first_look_opens_every_file(tmp_path: Path) -> None:
    """A column that the last file lacks must not show after days."""
    make(tmp_path / "repo", files=3)
    write_lines(tmp_path / "repo/train-3.jsonl", [{"a": "x"}])
    with stream_of(tmp_path / "repo") as stream:
        stream.LOOKED_AT = 4
        with pytest.raises(SystemExit, match=r"line 1 of train-3\.jsonl: `p` has no value"):
            stream.look()


def test_the_first_look_reads_on_behind_the_first_batch(tmp_path: Path) -> None:
    make(tmp_path / "repo")
    with (tmp_path / "repo/train-1.jsonl").open("a") as file:
        file.write('{"a": "x"}\n')
    with stream_of(tmp_path / "repo") as stream, pytest.raises(SystemExit, match=r"line 25 of train-1\.jsonl"):
        stream.look()


@pytest.mark.parametrize("content", ["", '{"a": "x", "p": "y"}\n'])
def test_too_few_rows_are_said_before_the_model_loads(content: str, tmp_path: Path) -> None:
    make(tmp_path / "repo")
    (tmp_path / "repo/train-1.jsonl").write_text(content)
    with stream_of(tmp_path / "repo") as stream, pytest.raises(SystemExit, match="fewer than one batch of 4"):
        stream.look()


def test_rows_that_are_sorted_by_label_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / "repo", "pair-score")
    with stream_of(tmp_path / "repo") as stream:
        stream.look()
        assert capsys.readouterr().out == ""
        write_lines(tmp_path / "repo/train-1.jsonl", [{"a": "x", "b": "y", "s": 5}] * 20)
        stream.first_rows.cache_clear()
        stream.look()
        assert "the first 20 rows of train all have one score" in capsys.readouterr().out


def test_repeats_are_counted_where_they_are_false_negatives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / "repo")
    write_lines(tmp_path / "repo/train-1.jsonl", [{"a": f"x {n}", "p": f"y {n // 2}"} for n in range(20)])
    with stream_of(tmp_path / "repo") as stream:
        stream.look()
    assert "10 of the first 20 rows of train repeat the positive of another" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl.gz"])
def test_every_kind_of_file_is_streamed(kind: str, tmp_path: Path) -> None:
    import pandas

    make(tmp_path / "repo", data={"train": f"rows-*.{kind}"})
    table = pandas.read_json(tmp_path / "repo/train-1.jsonl", lines=True)
    path = tmp_path / f"repo/rows-1.{kind}"
    write = {"csv": lambda: table.to_csv(path, index=False), "parquet": lambda: table.to_parquet(path)}
    write.get(kind, lambda: table.to_json(path, orient="records", lines=True))()
    rows = rows_of(tmp_path / "repo")
    assert [row["anchor"] for row in rows] == list(table["a"])
    (tmp_path / f"repo/rows-2.{kind}").write_bytes(
        b"PAR1 no such thing" if kind == "parquet" else b"\x1f\x8b nothing\n"
    )
    with pytest.raises(SystemExit, match=rf"rows-2.{kind}"):
        rows_of(tmp_path / "repo")


def test_a_data_set_of_the_hub_is_streamed_in_its_pieces(tmp_path: Path) -> None:
    make(tmp_path / "repo", files=2, data={"train": "hf://org/name#train"})
    files = [str(path) for path in sorted((tmp_path / "repo").glob("train-*.jsonl"))]
    with stream_of(tmp_path / "repo") as stream:
        # No hub is at hand: files take its place.
        stream.data.SOURCES["train"] = stream.data.Hub({"path": "json", "data_files": files, "split": "train"})
        assert stream.shards() == [0, 1]
        assert len(list(stream.each_row([1]))) == 12
        stream.look()
        write_lines(Path(files[1]), [{"a": "x", "p": " "}])
        with pytest.raises(SystemExit, match="row 1 of piece 1: `p` is empty"):
            list(stream.each_row([1]))


# --- rows that are set aside, and steps of [prepare] -----------------------------------------------------------------


def test_bad_rows_are_set_aside_with_their_place(tmp_path: Path) -> None:
    make(tmp_path / "repo", prepare={"on_bad_row": "set-aside"})
    with (tmp_path / "repo/train-1.jsonl").open("ab") as file:
        file.write(b'{"a": "x", "p": null}\nno JSON\n{"a": "\xff", "p": "y"}\n{"a": "x", "p": "y"}\n')
    printed = io.StringIO()
    with stream_of(tmp_path / "repo") as stream, contextlib.redirect_stdout(printed):
        stream.look()
        stream.load()
        assert len(list(stream.each_row(stream.shards()))) == 25
        stream.report()
        assert len(stream.data.load("eval")) == 24
    found = lines(tmp_path / "repo/prepared/train.removed-0.jsonl")
    assert [(item["row"], item["step"]) for item in found] == [(25, "contract"), (26, "contract"), (27, "contract")]
    assert found[1]["raw"] == "no JSON"
    assert found[1]["file"].endswith("train-1.jsonl")
    assert "contract: 3 rows of train are removed" in printed.getvalue()


CLEANED: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [  # steps, a row that goes, its step and reason
    ({"length": {"min": 2}}, {"a": "one", "p": "two words"}, "length", "anchor: 1 words"),
    ({"normalize": {"urls": "remove", "whitespace": True}}, {"a": "www.a.org", "p": "b"}, "normalize", "anchor: nothing is left"),
    ({"language": {"keep": ["en"]}}, {"a": "Wo ist denn hier bitte der Bahnhof?", "p": "the house by the river"}, "language", "anchor: the language is de"),
    ({"decontaminate": {}}, {"a": "A  red HOUSE waits there", "p": "b"}, "leaks", "anchor stands in test, anchor of row 1"),
    ({"decontaminate": {"ngram": 5}}, {"a": "so a red house waits there now", "p": "b"}, "leaks", "anchor shares 'a red house waits there' with test, anchor of row 1"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "row", "step", "reason"), CLEANED)
def test_steps_work_on_rows_as_they_come_by(
    steps: dict[str, Any], row: dict[str, Any], step: str, reason: str, tmp_path: Path
) -> None:
    if "language" in steps:
        pytest.importorskip("lingua")
    make(tmp_path / "repo", prepare=steps)
    kept = {"a": "the quiet river turns by the old bridge", "p": "a cold engine sings in the garden"}
    write_lines(tmp_path / "repo/train-1.jsonl", [kept, row])
    write_lines(tmp_path / "repo/test.jsonl", [{"a": "a red house waits there", "p": "the tall window stands by"}])
    with stream_of(tmp_path / "repo") as stream:
        assert list(stream.each_row(stream.shards())) == [{"anchor": kept["a"], "positive": kept["p"]}]
        assert stream.removed == {step: 1}
    found = lines(tmp_path / "repo/prepared/train.removed-0.jsonl")
    assert [(item["row"], item["step"], item["reason"]) for item in found] == [(2, step, reason)]
    assert not (tmp_path / "repo/prepare.py").exists()


def test_a_leak_ends_the_stream_where_the_spec_says_so(tmp_path: Path) -> None:
    make(tmp_path / "repo", prepare={"decontaminate": {"action": "fail"}})
    write_lines(tmp_path / "repo/test.jsonl", [{"a": "a red house stands", "p": "x"}])
    with pytest.raises(SystemExit, match=r"row 1 of file .*: anchor stands in test, anchor of row 1"):
        rows_of(tmp_path / "repo")


def test_texts_are_changed_alike_in_the_stream_and_in_what_is_measured_on(tmp_path: Path) -> None:
    pytest.importorskip("nltk")
    steps = {"normalize": {"case": "lower"}, "stem": {"language": "en"}}
    make(tmp_path / "repo", prepare=steps, model="dense")
    for split in ("train-1", "eval"):
        write_lines(tmp_path / f"repo/{split}.jsonl", [{"a": f"Running HOUSES {split}", "p": "Cats"}])
    assert rows_of(tmp_path / "repo") == [{"anchor": "run hous train-1", "positive": "cat"}]
    with repos.modules(tmp_path / "repo") as load:
        assert load("data").load("eval").to_list() == [{"anchor": "run hous eval", "positive": "cat"}]


def test_documents_of_a_list_go_alone(tmp_path: Path) -> None:
    make(tmp_path / "repo", "list", "cross-encoder", prepare={"length": {"min": 2}})
    rows = [
        {"a": "an anchor", "d": ["two words", "one", "three of them"], "ss": [1, 0, 0]},
        {"a": "an anchor", "d": ["one", "two words"], "ss": [1, 0]},
    ]
    write_lines(tmp_path / "repo/train-1.jsonl", rows)
    assert rows_of(tmp_path / "repo") == [
        {"anchor": "an anchor", "documents": ["two words", "three of them"], "scores": [1, 0]}
    ]


# --- conversions -----------------------------------------------------------------------------------------------------

STREAMED = [row for row in CONVERSIONS if BY_CONVERSION[row.name].template in BY_ROW]
SPECIAL: dict[str, Any] = {"scores-to-labels": {"threshold": 2.5}, "lists-to-n-tuples": {"negatives": 2}, "lists-to-scored-n-tuples": {"negatives": 2}}  # fmt: skip


@pytest.mark.parametrize("row", STREAMED, ids=lambda row: row.name)
def test_conversions_that_need_one_row_work_on_the_stream(row: Any, tmp_path: Path) -> None:
    """Beside the same conversion by prepare.py, on rows that share no text: both must make the same of them."""
    columns = {"columns": {"text_1": "a", "text_2": "b", "class": NLI}} if row.source == "pair-class" else {}
    model = "dense" if "dense" in row.models else row.models[0]
    target: Any = {"to": row.target, **SPECIAL[row.name]} if row.name in SPECIAL else row.target
    repo, plain = tmp_path / "repo", tmp_path / "plain"
    loss = {"convert": [target]}
    plan = make(repo, row.source, model, loss=loss, data=columns)
    assert plan.sets[0].loss.conversions == (row.name,)
    write_apart(repo, row.source)
    files = {
        split: f"../repo/{name}.jsonl" for split, name in (("train", "train-1"), ("eval", "eval"), ("test", "test"))
    }
    spec = spec_of(row.source, model, loss=loss, data=columns | files | {"streaming": False})
    plain.mkdir()
    prepare(plain, compile_to(spec, plain))
    assert in_order(rows_of(repo)) == in_order(read(plain, "train"))
    with repos.modules(repo) as load:
        assert load("data").load("eval").column_names == list(plan.sets[0].data.evaluated_columns)
        assert list(next(iter(load("stream").load()))) == list(plan.sets[0].data.trained_columns)


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def write_apart(repo: Path, format: str) -> None:
    """Write rows no two of which share a text."""
    for split in ("train-1", "eval", "test"):
        rows = []
        for number in range(24):
            row = (
                samples.row(format, number, bases.WIDTH)
                if format != "pair-class"
                else {"a": "", "b": "", "c": NLI["names"][number % 3]}
            )
            for name, cell in row.items():
                if name in ("t", "a", "b", "p", "n", "n1", "n2"):
                    row[name] = f"the {name} of {split} {number}"
                elif name == "d":
                    row[name] = [f"the document {place} of {split} {number}" for place in range(len(cell))]
            rows.append(row)
        write_lines(repo / f"{split}.jsonl", rows)
