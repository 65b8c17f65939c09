"""Which formats a data set can become, by which conversions, and with whose word."""

from __future__ import annotations

import pytest
from stgen.language.spec_model import Loss
from stgen.match.formats import BY_NAME
from stgen.match.matching import leads
from stgen.match.reach import accepted, all_ways, evaluated_format, options, ways
from stgen.rules.conversions import CONVERSIONS

NAMES = ("Neutral", "ENTAILMENT", "contradiction")


def loss(convert: object = "auto") -> Loss:
    return Loss.model_validate({"convert": convert})


def path(
    way_to: str, start: str, convert: object, model: str = "dense", names: tuple[str, ...] = ()
) -> list[str] | None:
    way = ways(start, model, loss(convert), names).get(way_to)
    return None if way is None else [row.name for row in way.rows]


def test_the_data_itself_costs_nothing() -> None:
    way = ways("pair", "dense", loss())["pair"]
    assert (way.cost, way.rows) == (0, ())


def test_what_loses_nothing_is_automatic() -> None:
    assert path("pair", "retrieval", "auto") == ["join-qrels"]
    assert path("triplet", "n-tuple", "auto") == ["n-tuples-to-triplets"]


def test_what_costs_needs_a_word() -> None:
    assert path("triplet", "text-class", "auto") is None
    assert path("triplet", "text-class", ["triplet"]) == ["classes-to-triplets"]


def test_none_means_none() -> None:
    assert set(ways("retrieval", "dense", loss("none"))) == {"retrieval"}


def test_the_cheapest_way_wins() -> None:
    """Labels can be sampled directly; sampling pairs and mining negatives for them costs more."""
    assert path("pair-binary", "text-class", ["pair", "pair-binary"]) == ["classes-to-labelled-pairs"]


def test_conversions_chain() -> None:
    convert = [{"to": "n-tuple", "mine": {"negatives": 3}}, "n-tuple-scores"]
    assert path("n-tuple-scores", "retrieval", convert) == ["join-qrels", "mine-n-tuples", "score-n-tuples"]


@pytest.mark.parametrize("convert", ["auto", ["list"], ["n-tuple-scores", "list"]])
def test_a_named_teacher_wins_over_grades_that_a_conversion_makes_up(convert: object) -> None:
    table = Loss.model_validate({"convert": convert, "teacher": "org/teacher"})
    found = ways("n-tuple", "cross-encoder", table)
    assert [row.name for row in found["n-tuple-scores"].rows] == ["score-n-tuples"]
    if convert != "auto":
        assert [row.name for row in found["list"].rows] == ["score-n-tuples", "scored-n-tuples-to-lists"]


@pytest.mark.parametrize("target", ["n-tuple-scores", "n-tuple-margin", "list"])
def test_a_named_teacher_wins_over_the_scores_that_mining_brings(target: str) -> None:
    convert = [{"to": target, "mine": {"model": "org/miner", "negatives": 3}}]
    table = Loss.model_validate({"convert": convert, "teacher": "org/teacher"})
    first, second, *_ = ways("pair", "cross-encoder", table)[target].rows
    assert first.name == "mine-n-tuples"
    assert "teacher" in second.needs
    mined = options(table, first)
    assert mined is not None
    assert mined.mine is not None
    assert mined.mine.negatives == 3


def test_without_a_teacher_lists_are_graded_by_what_is_a_negative() -> None:
    assert path("list", "n-tuple", ["n-tuple-scores", "list"], "cross-encoder") == ["n-tuples-to-lists"]


def test_a_way_whose_options_are_given_wins_over_a_cheaper_one_whose_are_not() -> None:
    convert = [{"to": "n-tuple-scores", "mine": {"model": "org/miner"}}, "list"]
    assert path("list", "pair", convert, "cross-encoder") == ["mine-scored-n-tuples", "scored-n-tuples-to-lists"]


def test_classes_of_any_names_become_triplets_once_the_spec_says_which_belong_together() -> None:
    names = ("far", "near", "same")
    assert path("triplet", "pair-class", ["triplet"], names=names) is None
    asked = [{"to": "triplet", "positive": "same"}]
    assert path("triplet", "pair-class", asked, names=names) == ["entailment-to-triplets"]


def test_some_conversions_are_for_some_models() -> None:
    assert path("list", "triplet", "auto", "cross-encoder") == ["triplets-to-lists"]
    assert path("list", "triplet", "auto", "dense") is None


def test_classes_go_by_name_whatever_their_case() -> None:
    assert path("triplet", "pair-class", ["triplet"], names=NAMES) == ["entailment-to-triplets"]
    assert path("triplet", "pair-class", ["triplet"], names=("yes", "no")) is None


def test_every_conversion_is_somebodys_cheapest_way() -> None:
    """Along edges that the spec accepts: its own target alone."""
    for row in CONVERSIONS:
        names = tuple(row.classes)
        asked = Loss.model_validate(
            {"convert": [row.target]} | ({"teacher": "a/b"} if row.needs == ("teacher",) else {})
        )
        found = ways(row.source, row.models[0], asked, names)[row.target]
        assert [step.name for step in found.rows] == [row.name], row.name


def test_possible_ways_leave_from_every_source() -> None:
    for source in {row.source for row in CONVERSIONS if row.source != row.target}:
        assert set(all_ways(source, "cross-encoder", NAMES) | all_ways(source, "dense", NAMES)) - {source}
    assert {row.target for row in CONVERSIONS} <= set(BY_NAME)


def test_options_belong_to_their_target() -> None:
    table = loss(["pair", {"to": "pair-binary", "threshold": 0.4}])
    rows = {row.name: row for row in CONVERSIONS}
    assert accepted(table) == ("pair", "pair-binary")
    found = options(table, rows["scores-to-labels"])
    assert found is not None
    assert found.threshold == 0.4
    assert options(table, rows["texts-to-pairs"]) is None
    assert options(loss(), rows["texts-to-pairs"]) is None


@pytest.mark.parametrize(
    ("start", "convert", "target", "expected"),
    [
        ("pair", [{"to": "triplet", "mine": {}}], "triplet", "pair"),
        ("retrieval", [{"to": "n-tuple", "mine": {}}], "n-tuple", "pair"),
        ("retrieval", "auto", "pair", "pair"),
        ("text-class", ["triplet"], "triplet", "triplet"),
        ("text-class", ["pair", {"to": "n-tuple", "mine": {}}], "n-tuple", "text-class"),
    ],
)
def test_mined_rows_are_not_measured_on(start: str, convert: object, target: str, expected: str) -> None:
    assert evaluated_format(start, ways(start, "dense", loss(convert))[target]) == expected


@pytest.mark.parametrize(
    ("classes", "streaming", "first"), [(0, False, True), (6, False, False), (77, False, True), (77, True, False)]
)
def test_pairs_of_a_class_come_first_where_there_are_many_classes(classes: int, streaming: bool, first: bool) -> None:
    """Declared or counted; a stream can't be sampled from."""
    way = ways("text-class", "dense", loss("auto"))["pair"]
    assert leads(way, classes, streaming) is first


def test_entailment_is_read_as_scores_from_a_stream_too() -> None:
    way = ways("pair-class", "dense", loss("auto"), ("entailment", "neutral", "contradiction"))["pair-score"]
    assert leads(way, 3, streaming=True)
