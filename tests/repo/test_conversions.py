"""Every conversion between data formats, compiled and run on small data: what comes out, and that it trains."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from conversions import (
    BATCH,
    COLUMNS,
    compile_to,
    convert_loss,
    plan_of,
    prepare,
    program,
    read,
    spec_of,
    write_data,
    write_lines,
)
from conversions import columns as columns_of
from matrix import bases, repos
from matrix.samples import sentence
from stgen.plan.plan import Plan
from stgen.render.datafolder import data_folder
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import ConversionRow
from stgen.rules.steps import BY_CONVERSION, MINED
from stgen.rules.tables import ARCHITECTURES, choices

BY_NAME = {row.name: row for row in CONVERSIONS}
ALL = [pytest.param(row, id=row.name) for row in CONVERSIONS]
MINE = {"negatives": 2, "range_min": 0, "model": "../bases/dense"}  # untrained: its cosines are all near 1
JUDGED = MINE | {"cross_encoder": "../bases/scorer", "min_score": -9.0}
KINDS = {"dense": "BertModel", "cross-encoder": "BertForSequenceClassification"}


def model_for(row: ConversionRow) -> str:
    """The first type of model that trains on what the conversion makes."""
    return next(kind for kind in row.models if choices(kind, ARCHITECTURES[kind][0], row.target))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny models and the data of every format."""
    folder = tmp_path_factory.mktemp("conversions")
    for kind, class_ in KINDS.items():
        bases.build(folder / "bases" / kind, class_)
    bases.build(folder / "bases" / "decoder", "BertLMHeadModel")
    build_scorer(folder / "bases" / "scorer")
    for source in {row.source for row in CONVERSIONS}:
        write_data(folder / "data" / source, source)
    return folder


def build_scorer(folder: Path) -> None:
    """Write a tiny cross-encoder with one output, in the form of the library."""
    from sentence_transformers import CrossEncoder

    CrossEncoder(str(folder.parent / "dense"), num_labels=1).save_pretrained(str(folder))


def converted(
    root: Path, name: str, loss: dict[str, Any] | None = None, repo: str = "", **data: Any
) -> tuple[Path, Plan]:
    """Compile the repo of one conversion and run its prepare.py."""
    row = BY_NAME[name]
    folder = root / (repo or name)
    plan = compile_to(
        spec_of(
            row.source, model_for(row), loss or convert_loss(row.source, row.target, row.template, row.needs), **data
        ),
        folder,
    )
    prepare(folder, plan)
    return folder, plan


# --- all of them ------------------------------------------------------------------------------------------------------


def test_every_conversion_has_its_step() -> None:
    assert sorted(BY_CONVERSION) == sorted(BY_NAME)
    templates = Path(data_folder("templates")) / "steps"
    wanted = {step.template for step in BY_CONVERSION.values()} | {
        name for step in BY_CONVERSION.values() for name in step.helpers
    }
    shared = {"rows_wanted", "delete_words"}  # functions that templates include
    assert wanted | shared == {path.name.removesuffix(".py.j2") for path in templates.iterdir()}


def test_what_is_mined_leads_to_the_target() -> None:
    for target, (mined, then) in MINED.items():
        assert mined == target if not then else (BY_NAME[then].source, BY_NAME[then].target) == (mined, target)


@pytest.mark.parametrize("row", ALL)
def test_gives_the_columns_that_the_loss_takes(row: ConversionRow, root: Path) -> None:
    repo, plan = converted(root, row.name)
    assert columns_of(repo, "train") == plan.sets[0].data.trained_columns
    for split in ("eval", "test"):
        assert columns_of(repo, split) == plan.sets[0].data.evaluated_columns
    assert len(read(repo, "train")) >= BATCH
    wrote = json.loads((repo / "prepared/rows/seal.json").read_text())["files"]
    before = {name: (repo / "prepared" / "rows" / name).read_bytes() for name in wrote}
    assert len(before) >= 3
    prepare(repo, plan, "--force")
    assert before == {name: (repo / "prepared" / "rows" / name).read_bytes() for name in wrote}


@pytest.mark.matrix
@pytest.mark.trains
@pytest.mark.parametrize("row", ALL)
def test_trains(row: ConversionRow, root: Path) -> None:
    """Two steps on what the conversion has made, through the generated train.py and evaluate.py."""
    repo, plan = converted(root, row.name)
    kind = "decoder" if plan.sets[0].loss.name == "DenoisingAutoEncoderLoss" else model_for(row)
    base = str(root / "bases" / kind)
    with repos.modules(repo) as load:
        program, evaluation = load("train"), load("evaluate")
        program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        assert evaluation.main(["--base", base, "--output", str(repo)]) == 0


# --- sampling ---------------------------------------------------------------------------------------------------------


def classes(root: Path, split: str) -> dict[str, str]:
    return {
        row["t"]: row["c"]
        for row in map(json.loads, (root / "data/text-class" / f"{split}.jsonl").read_text().splitlines())
    }


@pytest.mark.parametrize("split", ["train", "eval", "test"])
def test_triplets_keep_to_the_classes(root: Path, split: str) -> None:
    repo, _ = converted(root, "classes-to-triplets")
    names, rows = classes(root, split), read(repo, split)
    assert Counter(row["anchor"] for row in rows) == Counter(list(names))
    for row in rows:
        assert row["anchor"] != row["positive"]
        assert names[row["anchor"]] == names[row["positive"]] != names[row["negative"]]


def test_pairs_keep_to_the_classes_and_few_classes_are_said_to_suit_triplets_better(root: Path) -> None:
    folder = root / "pairs-of-classes"
    plan = compile_to(spec_of("text-class", "dense", {}), folder)
    said = prepare(folder, plan)
    names, rows = classes(root, "train"), read(folder, "train")
    assert {row["anchor"] for row in rows} == set(names)
    assert all(names[row["anchor"]] == names[row["positive"]] for row in rows)
    assert all(row["anchor"] != row["positive"] for row in rows)
    assert "3 classes: rows of one class meet in a batch" in said
    assert set(read(folder, "test")[0]) == {"text", "label"}  # measured as classes


def test_labelled_pairs_keep_to_the_classes(root: Path) -> None:
    repo, _ = converted(root, "classes-to-labelled-pairs")
    names, rows = classes(root, "train"), read(repo, "train")
    for row in rows:
        assert row["text_1"] != row["text_2"]
        assert (names[row["text_1"]] == names[row["text_2"]]) == bool(row["label"])
    assert 2 * sum(row["label"] for row in rows) == len(rows)


def test_rows_are_sampled_for_training_only(root: Path) -> None:
    loss = {"convert": [{"to": "triplet", "rows": 200}]}
    repo, _ = converted(root, "classes-to-triplets", loss, "sampled")
    assert [len(read(repo, split)) for split in ("train", "eval", "test")] == [200, 48, 48]


def test_a_text_of_two_classes_is_no_negative_of_its_own(root: Path, tmp_path: Path) -> None:
    shared = [{"t": sentence(n, "a"), "c": c} for n in range(10) for c in ("x", "y")]
    rows = [*shared, *({"t": sentence(n, "the"), "c": "xy"[n % 2]} for n in range(10))]
    for split in ("train", "eval", "test"):
        write_lines(tmp_path / f"{split}.jsonl", rows)
    files = {split: str(tmp_path / f"{split}.jsonl") for split in ("train", "eval", "test")}
    repo, _ = converted(root, "classes-to-triplets", None, "two-classes", **files)
    for row in read(repo, "train"):
        assert row["negative"].startswith("the")


# --- entailment -------------------------------------------------------------------------------------------------------


def test_entailment_goes_by_name(root: Path) -> None:
    """The spec numbers the classes 0 neutral, 1 contradiction, 2 entailment, in mixed case."""
    repo, _ = converted(root, "entailment-to-triplets")
    rows = read(repo, "train")
    assert rows[0] == {"anchor": sentence(0, "a"), "positive": sentence(2, "the"), "negative": sentence(1, "the")}
    assert len(rows) == 16
    repo, _ = converted(root, "entailment-to-scores")
    assert [row["score"] for row in read(repo, "train")[:3]] == [0.5, 0.0, 1.0]
    repo, _ = converted(root, "entailment-to-pairs")
    assert read(repo, "train")[0] == {"anchor": sentence(0, "a"), "positive": sentence(2, "the")}


def test_classes_of_any_name_become_triplets(root: Path, tmp_path: Path) -> None:
    """Texts that stand apart from another first text serve where one has none of its own."""
    loss = {"convert": [{"to": "triplet", "positive": "same"}]}
    spec = spec_of("pair-class", "dense", loss)
    spec["train"]["batch_size"] = 2
    names = {"column": "c", "names": ["far", "same"]}
    spec["data"][0] |= {"columns": {"text_1": "a", "text_2": "b", "class": names}}
    spec["data"][0] |= {split: str(tmp_path / f"{split}.jsonl") for split in ("train", "eval", "test")}
    rows = [("a", "b", "same"), ("a", "c", "far"), ("d", "e", "same"), ("f", "g", "far"), ("d", "b", "same")]
    for split in ("train", "eval", "test"):
        write_lines(tmp_path / f"{split}.jsonl", [{"a": one, "b": two, "c": kind} for one, two, kind in rows])
    repo = root / "named-classes"
    prepare(repo, compile_to(spec, repo))
    made = [(row["anchor"], row["positive"], row["negative"]) for row in read(repo, "train")]
    assert made[0] == ("a", "b", "c")
    assert [row[:2] for row in made[1:]] == [("d", "e"), ("d", "b")]
    assert {row[2] for row in made[1:]} <= {"c", "g"}


# --- labels and scores ------------------------------------------------------------------------------------------------


def test_a_threshold_is_in_the_declared_unit(root: Path) -> None:
    loss = {"convert": [{"to": "pair-binary", "threshold": 3}]}
    repo, _ = converted(root, "scores-to-labels", loss, "threshold")
    assert [row["label"] for row in read(repo, "train")[:6]] == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]


def test_a_text_that_is_positive_and_negative_counts_as_positive(root: Path, tmp_path: Path) -> None:
    rows = [
        {
            "a": sentence(n // 2, "a"),
            "p": sentence(n, "the"),
            "n": sentence(n - n % 2, "the") if n % 2 else sentence(n, "this"),
        }
        for n in range(48)
    ]
    for split in ("train", "eval", "test"):
        write_lines(tmp_path / f"{split}.jsonl", rows)
    files = {split: str(tmp_path / f"{split}.jsonl") for split in ("train", "eval", "test")}
    for name in ("triplets-to-labelled-pairs", "triplets-to-lists"):
        repo, _ = converted(root, name, None, f"both-{name}", **files)
        for row in read(repo, "train"):
            texts, labels = (
                (row["documents"], row["scores"]) if "documents" in row else ([row["text_2"]], [row["label"]])
            )
            assert all(text.startswith("the") == bool(label) for text, label in zip(texts, labels, strict=True))


def test_an_anchor_without_both_labels_is_left_out(root: Path, tmp_path: Path) -> None:
    rows = [
        {"a": sentence(n // 2, "a"), "b": sentence(n, "the"), "y": "no" if n % 2 and n < 40 else "yes"}
        for n in range(48)
    ]
    for split in ("train", "eval", "test"):
        write_lines(tmp_path / f"{split}.jsonl", rows)
    files = {split: str(tmp_path / f"{split}.jsonl") for split in ("train", "eval", "test")}
    for name in ("labelled-pairs-to-triplets", "labelled-pairs-to-lists"):
        repo, _ = converted(root, name, None, f"one-label-{name}", **files)
        assert {row["anchor"] for row in read(repo, "train")} == {sentence(n, "a") for n in range(20)}


def test_grades_of_lists_become_scores_from_0_to_1(root: Path) -> None:
    repo, _ = converted(root, "lists-to-scored-pairs")
    assert [row["score"] for row in read(repo, "train")[:6]] == [1.0, 0.0, 0.0, 1.0, 0.5, 0.0]


def test_negatives_of_lists_rank_below_the_positive(root: Path) -> None:
    loss = {"convert": [{"to": "n-tuple-scores", "negatives": 2}]}
    repo, plan = converted(root, "lists-to-scored-n-tuples", loss, "two-negatives")
    assert plan.sets[0].data.trained_columns == ("anchor", "positive", "negative_1", "negative_2", "scores")
    assert all(row["scores"][0] > row["scores"][1] >= row["scores"][2] for row in read(repo, "train"))


# --- texts ------------------------------------------------------------------------------------------------------------


def test_damaged_texts_keep_at_least_one_word(root: Path) -> None:
    repo, _ = converted(root, "damage-texts")
    rows = read(repo, "train")
    assert all(row["damaged"] and set(row["damaged"].split()) <= set(row["original"].split()) for row in rows)
    assert any(row["damaged"] != row["original"] for row in rows)


def test_each_pass_over_damaged_texts_deletes_other_words(root: Path) -> None:
    repo, _ = converted(root, "damage-texts")
    written = read(repo, "train")
    with repos.modules(repo) as load:
        made, rows = load("prepare"), load("data").load("train")
        assert "train_rows.with_transform(prepare.damage_anew)" in (repo / "train.py").read_text()
        passes = rows.with_transform(made.damage_anew)
        one, other = ([row["damaged"] for row in passes] for _ in range(2))
    assert [row["original"] for row in passes] == [row["original"] for row in written]
    assert len({tuple(one), tuple(other), tuple(row["damaged"] for row in written)}) == 3
    for text, row in zip(other, written, strict=True):
        assert text
        assert set(text.split()) <= set(row["original"].split())


TSDAE = {"name": "DenoisingAutoEncoderLoss"}


def damaged_specs() -> dict[str, dict[str, Any]]:
    """Damaged texts beside another set, among losses that are compared, and in a stream."""
    pairs, texts = spec_of("pair", "dense", {}), spec_of("text", "dense", TSDAE)
    both = [pairs["data"][0] | {"name": "pairs"}, texts["data"][0] | {"name": "texts", "loss": TSDAE}]
    stream = {"data": [texts["data"][0] | {"streaming": True}], "train": texts["train"] | {"steps": 2}}
    compared = {"compare": {"losses": ["auto", "ContrastiveTensionLossInBatchNegatives"], "seeds": [1, 2]}}
    return {"several": pairs | {"data": both}, "compared": texts | compared, "streamed": texts | stream}


def two_passes(kind: str, load: Any) -> list[list[tuple[str, str]]]:
    """What the trainer gets of the damaged texts in two passes, each beside its original."""
    if kind == "streamed":
        stream = load("stream")
        rows = list(islice(stream.passes([0]), 2 * 48))
        return [[(row["damaged"], row["original"]) for row in part] for part in (rows[:48], rows[48:])]
    read = load("train").as_read(load("data").load("train"))
    rows = read["texts"] if kind == "several" else read
    return [[(row["damaged"], row["original"]) for row in rows] for _ in range(2)]


@pytest.mark.trains
@pytest.mark.parametrize("kind", ["several", "compared", "streamed"])
def test_each_pass_deletes_other_words_in_every_kind_of_repo(kind: str, root: Path) -> None:
    repo, base = root / f"damaged-{kind}", str(root / "bases/decoder")
    compile_to(damaged_specs()[kind], repo)
    with repos.modules(repo) as load:
        if kind != "streamed":
            assert load("prepare").main([]) == 0
        one, other = (sorted(part, key=lambda pair: pair[1]) for part in two_passes(kind, load))
        assert [original for _, original in one] == [original for _, original in other]
        assert one != other
        assert all(set(damaged.split()) <= set(original.split()) for damaged, original in one + other)
        program = load("train")
        program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        if kind == "streamed":
            assert two_passes(kind, load) == two_passes(kind, load), "a resumed run reads the same rows"
        if kind == "compared":
            others = load("data").load("train-text")
            assert program.as_read(others) is others


def test_languages_without_blanks_lose_characters(root: Path) -> None:
    spec = spec_of("text", "dense", convert_loss("text", "damaged-pair", "damage", ())) | {
        "project": {"name": "ja", "languages": ["ja"]}
    }
    plan = compile_to(spec, root / "damage-ja")
    prepare(root / "damage-ja", plan)
    assert all(
        " " in row["original"] and len(row["damaged"]) < len(row["original"])
        for row in read(root / "damage-ja", "train")
    )


def test_tension_pairs_are_equal_or_different(root: Path) -> None:
    repo, _ = converted(root, "pair-texts-with-texts")
    rows = read(repo, "train")
    assert all((row["text_1"] == row["text_2"]) == bool(row["label"]) for row in rows)
    assert sum(row["label"] for row in rows) == 48
    assert len(rows) == 8 * 48


def test_pairs_of_ones_own_stand_beside_texts_of_other_rows(root: Path) -> None:
    repo, plan = converted(root, "pair-texts-with-others")
    rows = read(repo, "train")
    assert plan.sets[0].loss.name == "ContrastiveTensionLoss"
    assert sum(row["label"] for row in rows) == 48
    assert len(rows) == 8 * 48
    own = {(sentence(number, "a"), sentence(number, "the")) for number in range(48)}
    assert {(row["text_1"], row["text_2"]) for row in rows if row["label"]} == own
    assert not [row for row in rows if not row["label"] and (row["text_1"], row["text_2"]) in own]


# --- the BEIR layout --------------------------------------------------------------------------------------------------


def test_judgements_are_joined_with_titles_and_texts(root: Path) -> None:
    repo, _ = converted(root, "join-qrels")
    rows = read(repo, "train")
    assert rows[0] == {"anchor": sentence(0, "this"), "positive": f"{sentence(0, 'a')} {sentence(0, 'the')}"}
    assert len(rows) == 48
    repo, _ = converted(root, "judgements-to-lists")
    assert read(repo, "train")[0]["scores"] == [2.0, 1.0, 0.0]


# --- mining -----------------------------------------------------------------------------------------------------------


def test_known_answers_are_never_mined(root: Path, tmp_path: Path) -> None:
    """Neither another positive of the anchor, nor the anchor itself, nor a text that it answers."""
    pairs = [(sentence(n // 2, "a"), sentence(n, "the")) for n in range(40)]
    pairs += [(sentence(n, "the"), sentence(n // 2, "a")) for n in range(40)]
    for split in ("train", "eval", "test"):
        write_lines(tmp_path / f"{split}.jsonl", [{"a": anchor, "p": positive} for anchor, positive in pairs])
    files = {split: str(tmp_path / f"{split}.jsonl") for split in ("train", "eval", "test")}
    loss = {"convert": [{"to": "n-tuple", "mine": {"negatives": 3, "range_min": 0}}]}
    repo, _ = converted(root, "mine-n-tuples", loss, "known", **files)
    known = set(pairs) | {(positive, anchor) for anchor, positive in pairs}
    rows = read(repo, "train")
    assert len(rows) == len(set(pairs))
    for row in rows:
        negatives = [row[f"negative_{number}"] for number in (1, 2, 3)]
        assert len({row["anchor"], row["positive"], *negatives}) == 5
        assert not {(row["anchor"], negative) for negative in negatives} & known
    sheet = (repo / "prepared/rows/mined.tsv").read_text().splitlines()
    assert sheet[0].split("\t") == ["anchor", "positive", "score of positive", "negative", "score of negative"]
    assert len(sheet) == 201


def test_what_a_model_made_of_the_texts_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its weights, its prompts and the texts; and however few scores are held at once, the same negatives are found."""
    from sentence_transformers import SentenceTransformer

    loss = {"convert": [{"to": "triplet", "mine": {"negatives": 2, "range_min": 0}}]}
    plan = compile_to(spec_of("pair", "dense", loss), root / "kept")
    encoded: list[int] = []
    original = SentenceTransformer.encode

    def encode(self: Any, inputs: Any, *given: Any, **options: Any) -> Any:
        encoded.append(len(inputs))
        return original(self, inputs, *given, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", encode)
    prepare(root / "kept", plan)
    first = read(root / "kept", "train")
    assert encoded
    encoded.clear()
    file = root / "kept" / "prepare.py"
    file.write_text(file.read_text().replace("SCORES = 2**28", "SCORES = 50"))
    prepare(root / "kept", plan, "--force")
    assert encoded == []
    assert read(root / "kept", "train") == first
    kept = sorted((root / "kept/prepared/embeddings").rglob("*.npy"))
    kept[0].write_bytes(kept[0].read_bytes()[:-100])  # as a kill leaves it
    kept[1].write_bytes(b"")
    prepare(root / "kept", plan, "--force")
    assert encoded
    assert read(root / "kept", "train") == first
    with program(root / "kept") as module:
        encoder = module.model.build(str(root / "kept" / "../bases/dense"))
        names = {module.identify(encoder)}
        encoder.prompts = {"query": "q: "}
        names.add(module.identify(encoder))
        next(encoder.parameters()).data += 1
        names.add(module.identify(encoder))
    assert len(names) == 3


def test_embeddings_that_are_not_needed_any_more_are_removed(root: Path) -> None:
    """Of other models, and of the texts as they were before the last time: the disk holds two versions at most."""
    loss = {"convert": [{"to": "triplet", "mine": {"negatives": 2, "range_min": 0}}]}
    compile_to(spec_of("pair", "dense", loss), root / "forgotten")
    kept = root / "forgotten/prepared/embeddings"
    with program(root / "forgotten") as module:
        for number, name in enumerate(("old/query_1", "own/query_1", "own/query_2", "own/corpus_1")):
            file = kept / f"{name}.npy"
            file.parent.mkdir(parents=True, exist_ok=True)
            module.np.save(file, module.np.zeros(3))
            os.utime(file, (number, number))
        assert module.keep_last(kept / "own") == kept / "own"
        assert {file.relative_to(kept).as_posix() for file in kept.rglob("*.npy")} == {
            "own/query_2.npy",
            "own/corpus_1.npy",
        }


def test_mined_rows_are_told_before_and_after(root: Path) -> None:
    plan = compile_to(
        spec_of("pair", "dense", {"convert": [{"to": "triplet", "mine": {"negatives": 2, "range_min": 0}}]}),
        root / "told",
    )
    assert "mined: 48 of 48 pairs have a negative, which makes 96 rows" in prepare(root / "told", plan)


def test_the_whole_corpus_is_searched(root: Path) -> None:
    loss = {
        "convert": [{"to": "n-tuple", "mine": {"negatives": 5, "range_min": 3, "sampling": "random", "range_max": 140}}]
    }
    plan = compile_to(spec_of("retrieval", "dense", loss), root / "searched")
    prepare(root / "searched", plan)
    rows = read(root / "searched", "train")
    positives = {row["positive"] for row in rows}
    assert any(row["negative_1"] not in positives for row in rows)


def test_margins_that_leave_nothing_are_told(root: Path) -> None:
    loss = {"convert": [{"to": "triplet", "mine": {"negatives": 2, "max_score": -0.99}}]}
    plan = compile_to(spec_of("pair", "dense", loss), root / "nothing")
    with pytest.raises(SystemExit, match="0 rows of train are left"):
        prepare(root / "nothing", plan)
    assert not (root / "nothing/prepared/rows/train.parquet").exists()


# --- teachers ---------------------------------------------------------------------------------------------------------


def test_an_interrupted_teacher_goes_on_where_it_was(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = BY_NAME["teach-texts"]
    repo = root / "interrupted"
    compile_to(spec_of("text", "dense", convert_loss("text", row.target, row.template, row.needs)), repo)
    base = str(root / "bases/dense")
    arguments = ["--base", base, "--teacher", base]
    asked: list[int] = []
    with program(repo) as module:
        encode = module.encode

        def stop_later(encoder: object, texts: list[str]) -> object:
            asked.append(len(texts))
            if len(asked) == 3:
                raise KeyboardInterrupt
            return encode(encoder, texts)

        monkeypatch.setattr(module, "BLOCK", 20)
        monkeypatch.setattr(module, "encode", stop_later)
        with pytest.raises(KeyboardInterrupt):
            module.main(arguments)
        assert not (repo / "prepared/rows/train.parquet").exists()
        asked.extend([0] * 3)
        assert module.main(arguments) == 0
    assert asked[6:] == [8, 20, 20, 8, 20, 20, 8]
    whole, _ = converted(root, "teach-texts")
    for mine, other in zip(read(repo, "train"), read(whole, "train"), strict=True):
        assert mine["text"] == other["text"]
        assert mine["label"] == pytest.approx(other["label"], abs=1e-5)


def test_a_teacher_of_another_width_is_refused(root: Path) -> None:
    spec = spec_of("text", "dense", {"convert": ["text-embedding"], "teacher": "../bases/dense"})
    spec["model"] = spec["model"] | {"dimensions": 16}
    plan = compile_to(spec, root / "width")
    with pytest.raises(SystemExit, match="makes vectors of 48 numbers, and the model learns vectors of 16"):
        prepare(root / "width", plan)


def test_a_classifier_is_no_teacher_of_scores(root: Path) -> None:
    loss = {"convert": ["triplet-scores"], "teacher": "../bases/cross-encoder"}
    compile_to(spec_of("triplet", "dense", loss), root / "classifier")
    with program(root / "classifier") as module, pytest.raises(SystemExit, match="answers with 2 classes"):
        module.main(["--teacher", str(root / "bases/cross-encoder")])


def test_a_cross_encoder_reads_both_texts(root: Path) -> None:
    """Its raw scores become labels for margins, and scores from 0 to 1 for pairs."""
    from sentence_transformers import CrossEncoder

    scorer = str(root / "bases/scorer")
    for source, target in (("triplet", "triplet-scores"), ("pair", "pair-score")):
        repo = root / f"scored-{source}"
        compile_to(spec_of(source, "dense", {"convert": [target], "teacher": "../bases/scorer"}), repo)
        with program(repo) as module:
            assert module.main(["--teacher", scorer]) == 0
    raw = CrossEncoder(scorer, activation_fn=torch.nn.Identity())
    row = read(root / "scored-triplet", "train")[0]
    expected = raw.predict([(row["anchor"], row["positive"]), (row["anchor"], row["negative"])])
    assert row["scores"] == pytest.approx(expected.tolist(), abs=1e-5)
    scores = [row["score"] for row in read(root / "scored-pair", "train")]
    assert all(0 < score < 1 for score in scores)


TAUGHT: dict[str, tuple[str, dict[str, Any], str, str]] = {
    # what it is             source     [loss]                                                             loss             trained as
    "given":                ("n-tuple", {"teacher": "../bases/scorer"},                                    "MarginMSELoss", "n-tuple-scores"),
    "given-lists":          ("n-tuple", {"teacher": "../bases/scorer", "convert": ["list"]},               "LambdaLoss",    "list"),
    "given-triplets":       ("triplet", {"teacher": "../bases/scorer", "convert": ["list"], "name": "ListNetLoss"}, "ListNetLoss", "list"),
    "mined":                ("pair",    {"teacher": "../bases/scorer", "convert": [{"to": "n-tuple", "mine": MINE}]}, "MarginMSELoss", "n-tuple-scores"),
    "mined-then-scored":    ("pair",    {"teacher": "../bases/scorer", "convert": [{"to": "n-tuple-scores", "mine": MINE}]}, "MarginMSELoss", "n-tuple-scores"),
    "mined-scores":         ("pair",    {"convert": [{"to": "n-tuple-scores", "mine": MINE}]},             "MarginMSELoss", "n-tuple-scores"),
    "labelled":             ("pair-binary", {"teacher": "../bases/scorer"},                                "MSELoss",       "pair-score"),
    "scored":               ("pair-score", {"teacher": "../bases/scorer"},                                 "MSELoss",       "pair-score"),
    "classified":           ("pair-class", {"teacher": "../bases/scorer"},                                 "MSELoss",       "pair-score"),
    "graded-lists":         ("list",    {"teacher": "../bases/scorer"},                                    "LambdaLoss",    "list"),
    "graded-ranknet":       ("list",    {"teacher": "../bases/scorer", "name": "RankNetLoss"},             "RankNetLoss",   "list"),
    "margins-anew":         ("n-tuple-margin", {"teacher": "../bases/scorer"},                             "MarginMSELoss", "n-tuple-margin"),
    "mined-scored-lists":   ("pair",    {"convert": [{"to": "n-tuple-scores", "mine": JUDGED}, "list"]},   "LambdaLoss",    "list"),
}  # fmt: skip


@pytest.mark.trains
@pytest.mark.parametrize("name", TAUGHT)
def test_a_cross_encoder_learns_a_teachers_scores(name: str, root: Path) -> None:
    """From n-tuples that are given or mined: never the grades 1 and 0 that say which text was the positive."""
    source, loss, expected, format = TAUGHT[name]
    repo = root / f"taught-{name}"
    plan = compile_to(spec_of(source, "cross-encoder", loss), repo)
    (only,) = plan.sets
    assert (only.loss.name, only.data.trained_format) == (expected, format)
    scorer = str(root / "bases/scorer")
    named = {"teacher": scorer, "miner": str(root / "bases/dense")}
    with repos.modules(repo) as load:
        prepare_rows, program, evaluation = load("prepare"), load("train"), load("evaluate")
        options = [option.name for option in only.prepare.command] if only.prepare else []
        words = [word for option in options for word in (f"--{option}", named[option])]
        assert (prepare_rows.main(words) if words else prepare_rows.main()) == 0
        base = str(root / "bases/cross-encoder")
        program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        assert evaluation.main(["--base", base, "--output", str(repo)]) == 0
    labels = [row.get("scores", row.get("score", row.get("label"))) for row in read(repo, "train")]
    scores = [score for label in labels for score in (label if isinstance(label, list) else [label])]
    assert not set(scores) <= {0.0, 1.0}
    if expected == "LambdaLoss":
        assert all(0 <= score <= 1 for score in scores), "a gain is 0 for every label below 0"


def test_labels_are_no_teachers_scores(tmp_path: Path) -> None:
    plan, found = plan_of(spec_of("pair-binary", "cross-encoder", {"name": "MSELoss"}), tmp_path)
    assert plan is None
    assert [item.code for item in found] == ["STG130"]
    taught, found = plan_of(spec_of("pair", "cross-encoder", {"name": "MSELoss", "teacher": "a/b"}), tmp_path)
    assert taught is not None
    assert taught.sets[0].loss.conversions == ("score-pairs",)


@pytest.mark.parametrize("source", ["triplet", "n-tuple", "pair-binary"])
def test_grades_of_a_list_are_no_teachers_scores(source: str, tmp_path: Path) -> None:
    """What is 1 or 0 because it was the positive or a negative stays no teacher's on a way over lists."""
    loss = {"name": "MarginMSELoss", "convert": ["list", "n-tuple-scores"]}
    plan, found = plan_of(spec_of(source, "cross-encoder", loss), tmp_path)
    assert plan is None
    assert [item.code for item in found] == ["STG130"]
    plan, _ = plan_of(spec_of(source, "cross-encoder", {"name": "LambdaLoss", "convert": ["list"]}), tmp_path)
    assert plan is not None


RERANKER, EMBEDDER = "cross-encoder/ms-marco-MiniLM-L6-v2", "sentence-transformers/all-mpnet-base-v2"
WINS: list[tuple[str, str, str, str, str, str]] = [
    # model          source                teacher   loss that is chosen   its conversions                      measured on
    ("dense",         "pair",               EMBEDDER, "MSELoss",            "teach-pairs-apart",                 "pair"),
    ("dense",         "pair",               RERANKER, "CosineSimilarityLoss", "score-pairs",                       "pair-score"),
    ("dense",         "texts",              EMBEDDER, "MSELoss",            "teach-pairs",                       "pair-embedding"),
    ("dense",         "texts",              RERANKER, "CosineSimilarityLoss", "score-texts",                       "pair-score"),
    ("dense",         "text-class",         EMBEDDER, "MSELoss",            "teach-classified-texts",            "text-class"),
    ("dense",         "text-class",         RERANKER, "CosineSimilarityLoss", "classes-to-pairs score-pairs",      "text-class"),
    ("dense",         "retrieval",          EMBEDDER, "MSELoss",            "join-qrels teach-pairs-apart",      "pair"),
    ("dense",         "pair-binary",        EMBEDDER, "CosineSimilarityLoss", "score-labelled-pairs",              "pair-binary"),
    ("dense",         "pair-score",         RERANKER, "CosineSimilarityLoss", "score-pairs-anew",                  "pair-score"),
    ("dense",         "pair-class",         EMBEDDER, "CosineSimilarityLoss", "score-classified-pairs",            "pair-score"),
    ("dense",         "pair-probabilities", EMBEDDER, "CosineSimilarityLoss", "score-likely-classes",              "pair-score"),
    ("dense",         "triplet-margin",     RERANKER, "MarginMSELoss",      "score-margins-anew",                "triplet-margin"),
    ("dense",         "n-tuple-margin",     RERANKER, "MarginMSELoss",      "score-n-tuple-margins-anew",        "n-tuple-margin"),
    ("dense",         "triplet-scores",     RERANKER, "DistillKLDivLoss",   "score-triplets-anew",               "triplet-scores"),
    ("dense",         "n-tuple-scores",     RERANKER, "DistillKLDivLoss",   "score-n-tuples-anew",               "n-tuple-scores"),
    ("dense",         "text-embedding",     EMBEDDER, "MSELoss",            "teach-texts-anew",                  "text-embedding"),
    ("dense",         "pair-embedding",     EMBEDDER, "MSELoss",            "teach-pairs-anew",                  "pair-embedding"),
    ("dense",         "n-texts-embedding",  EMBEDDER, "MSELoss",            "teach-languages-anew",              "n-texts-embedding"),
    ("cross-encoder", "pair",               EMBEDDER, "MSELoss",            "score-pairs",                       "pair-score"),
    ("cross-encoder", "pair-binary",        RERANKER, "MSELoss",            "score-labelled-pairs",              "pair-binary"),
    ("cross-encoder", "pair-score",         RERANKER, "MSELoss",            "score-pairs-anew",                  "pair-score"),
    ("cross-encoder", "pair-class",         RERANKER, "MSELoss",            "score-classified-pairs",            "pair-score"),
    ("cross-encoder", "list",               RERANKER, "LambdaLoss",         "score-lists-anew",                  "list"),
    ("sparse",        "pair",               EMBEDDER, "SparseCoSENTLoss",   "score-pairs",                       "pair-score"),
    ("sparse",        "pair",               "naver/splade-v3", "SparseMSELoss", "teach-pairs-apart",            "pair"),
    ("sparse",        "pair-binary",        EMBEDDER, "SparseCoSENTLoss",   "score-labelled-pairs",              "pair-binary"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "source", "teacher", "loss", "steps", "measured"), WINS)
def test_a_named_teacher_labels_the_training_rows_whatever_labels_there_are(
    model: str, source: str, teacher: str, loss: str, steps: str, measured: str, tmp_path: Path
) -> None:
    """By what it is: a cross-encoder scores, an embedding model gives its vectors. What it replaces is told."""
    plan, found = plan_of(spec_of(source, model, {"teacher": teacher}), tmp_path)
    assert plan is not None, found
    (only,) = plan.sets
    assert (only.loss.name, " ".join(only.loss.conversions)) == (loss, steps)
    assert only.data.evaluated_format == measured
    replaces = source not in ("pair", "texts", "text-class", "retrieval") or "classified" in steps
    assert ("STG450" in {item.code for item in found}) == replaces
    chooses = teacher != RERANKER and model != "cross-encoder" and source in ("pair", "texts", "retrieval")
    assert ("STG451" in {item.code for item in found}) == chooses


@pytest.mark.parametrize("model", ["dense", "sparse"])
@pytest.mark.parametrize("teacher", [EMBEDDER, "naver/splade-v3"])
@pytest.mark.parametrize("source", ["pair", "texts"])
def test_the_other_labels_of_a_teacher_can_be_written(source: str, teacher: str, model: str, tmp_path: Path) -> None:
    """Each line that the note offers makes the teacher label the rows in that way."""
    _, found = plan_of(spec_of(source, model, {"teacher": teacher}), tmp_path)
    (said,) = [item.help for item in found if item.code == "STG451"]
    lines = re.findall(r"convert = \[[^\]]*\]", said)
    assert lines
    for line in lines:
        asked = tomllib.loads(line)
        plan, found = plan_of(spec_of(source, model, {"teacher": teacher, **asked}), tmp_path)
        assert plan is not None, (line, found)
        assert [plan.sets[0].data.trained_format] == asked["convert"]
        assert "STG451" not in {item.code for item in found}


def test_a_teacher_scores_negatives_that_are_chosen_out_of_a_list(tmp_path: Path) -> None:
    """The judgements choose which text is the positive, and the teacher says how much better it is."""
    loss = {"teacher": RERANKER, "convert": [{"to": "n-tuple-scores", "negatives": 2}]}
    plan, found = plan_of(spec_of("list", "dense", loss), tmp_path)
    assert plan is not None, found
    assert plan.sets[0].loss.conversions == ("lists-to-scored-n-tuples", "score-n-tuples-anew")
    assert "STG450" in {item.code for item in found}


@pytest.mark.parametrize("source", ["pair", "pair-binary"])
def test_a_loss_that_no_teacher_labels_for_is_told_so(source: str, tmp_path: Path) -> None:
    name = {"pair": "MultipleNegativesRankingLoss", "pair-binary": "ContrastiveLoss"}[source]
    _, found = plan_of(spec_of(source, "dense", {"teacher": EMBEDDER, "name": name}), tmp_path)
    (item,) = [item for item in found if item.severity == "error"]
    assert (item.code, item.message) == (
        "STG119",
        f"the teacher would never be used: {name} takes no labels of a teacher",
    )
    plan, _ = plan_of(spec_of(source, "dense", {"teacher": EMBEDDER}), tmp_path)
    assert plan is not None, "as the help says: without the name"


def test_labels_of_ones_own_make_way_and_measure(root: Path) -> None:
    """The training rows get the scores of the teacher, best first in a list; the test rows keep their own."""
    for source, model in (("pair-binary", "cross-encoder"), ("list", "cross-encoder")):
        repo = root / f"replaced-{source}"
        compile_to(spec_of(source, model, {"teacher": "../bases/scorer"}), repo)
        with program(repo) as module:
            assert module.main(["--teacher", str(root / "bases/scorer")]) == 0
    assert {row["label"] for row in read(root / "replaced-pair-binary", "test")} == {0, 1}
    assert len({row["score"] for row in read(root / "replaced-pair-binary", "train")}) > 2
    for row in read(root / "replaced-list", "train"):
        assert row["scores"] == sorted(row["scores"], reverse=True)
        assert all(0 < score < 1 for score in row["scores"])
    given = json.loads((root / "data/list/test.jsonl").read_text().splitlines()[0])
    assert any(
        set(row["scores"]) & set(given[COLUMNS["list"]["scores"]]) for row in read(root / "replaced-list", "test")
    )


def test_a_cross_encoder_is_no_teacher_of_vectors(root: Path) -> None:
    compile_to(spec_of("pair", "dense", {"teacher": "../bases/scorer"}), root / "no-vectors")
    with program(root / "no-vectors") as module, pytest.raises(SystemExit, match=r'write convert = \["pair-score"\]'):
        module.main(["--base", str(root / "bases/dense"), "--teacher", str(root / "bases/scorer")])


# --- the length of texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["dense", "cross-encoder", "multi-vector"])
def test_a_base_that_reads_a_lot_is_held_to_what_most_texts_have(model: str, root: Path, tmp_path: Path) -> None:
    kind = model if model in KINDS else "dense"
    long = bases.build(tmp_path / "long", KINDS[kind], positions=1024)
    compile_to(spec_of("triplet", model, {}), tmp_path / "repo")
    with repos.modules(tmp_path / "repo") as load:
        build = load("model").build
        assert [build(str(base)).max_seq_length for base in (root / "bases" / kind, long)] == [64, 512]


# --- diagnostics ------------------------------------------------------------------------------------------------------

# fmt: off
WRONG: list[tuple[str, str, str, dict[str, Any]]] = [
    # code     source        model            [loss]
    ("STG112", "pair",       "dense",         {"convert": ["n-tuple"]}),
    ("STG112", "pair-score", "dense",         {"convert": ["pair-binary"]}),
    ("STG113", "pair",       "dense",         {"convert": ["pair-score"]}),
    ("STG114", "pair",       "dense",         {"convert": [{"to": "triplet", "mine": {}, "threshold": 0.5}]}),
    ("STG114", "triplet",    "dense",         {"convert": [{"to": "n-tuple", "negatives": 3}]}),
    ("STG115", "pair-score", "dense",         {"convert": [{"to": "pair-binary", "threshold": 7}]}),
    ("STG115", "pair-score", "dense",         {"convert": [{"to": "pair-binary", "threshold": 0}]}),
    ("STG116", "pair",       "cross-encoder", {"convert": [{"to": "list", "mine": {"negatives": 3}}]}),
    ("STG116", "pair",       "sparse",        {"convert": [{"to": "triplet", "mine": {"negatives": 3}}]}),
    ("STG118", "pair",       "dense",         {"convert": [{"to": "triplet", "mine": {"negatives": 5, "range_max": 3}}]}),
    ("STG118", "pair",       "dense",         {"convert": [{"to": "triplet", "mine": {"min_score": 0.8, "max_score": 0.2}}]}),
    ("STG118", "pair",       "dense",         {"convert": [{"to": "triplet", "mine": {"cross_encoder": "a/b"}}]}),
    ("STG119", "pair",       "dense",         {"teacher": "a/b", "name": "MultipleNegativesRankingLoss"}),
    ("STG119", "pair",       "dense",         {"teacher": "a/b", "convert": "none"}),
    ("STG119", "pair-binary", "dense",        {"teacher": "a/b", "name": "OnlineContrastiveLoss"}),
    ("STG116", "pair",       "dense",         {"convert": [{"to": "n-tuple-scores", "mine": {"negatives": 2}}]}),
    ("STG131", "pair-class", "dense",         {"convert": [{"to": "triplet", "positive": "equal"}]}),
    ("STG114", "pair-class", "dense",         {"convert": [{"to": "pair-score", "positive": "ENTAILMENT"}]}),
]
RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("pair",       "dense",         {"convert": [{"to": "n-tuple", "mine": {}}]}),
    ("pair-score", "dense",         {"convert": [{"to": "pair-binary", "threshold": 5}]}),
    ("pair",       "dense",         {"convert": ["pair-score"], "teacher": "a/b"}),
    ("list",       "dense",         {"convert": [{"to": "n-tuple", "negatives": 3}]}),
    ("pair-class", "dense",         {"convert": [{"to": "triplet", "positive": ["ENTAILMENT", "neutral"]}]}),
    ("pair",       "dense",         {"convert": [{"to": "n-tuple-scores", "mine": {"negatives": 2, "model": "a/b"}}]}),
    ("pair",       "cross-encoder", {"convert": [{"to": "list", "mine": {"model": "a/b"}}]}),
    ("pair",       "dense",         {"convert": [{"to": "triplet", "mine": {"cross_encoder": "a/b", "margin": 0.1}}]}),
]
# fmt: on


@pytest.mark.parametrize(("code", "source", "model", "loss"), WRONG)
def test_settings_are_held_against_the_conversion(
    code: str, source: str, model: str, loss: dict[str, Any], tmp_path: Path
) -> None:
    plan, found = plan_of(spec_of(source, model, loss), tmp_path)
    assert plan is None
    assert [item.code for item in found if item.severity == "error"] == [code]
    assert all(item.help for item in found)


@pytest.mark.parametrize(("source", "model", "loss"), RIGHT)
def test_settings_that_fit_pass(source: str, model: str, loss: dict[str, Any], tmp_path: Path) -> None:
    plan, found = plan_of(spec_of(source, model, loss), tmp_path)
    assert plan is not None
    assert [item.code for item in found if item.severity == "error"] == []
