"""Which loss is chosen for which data, what is said of the others, and what is refused."""

from __future__ import annotations

import pytest
from compiling import findings_of, plan_of
from frontend import is_toml
from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.codes.losses import CODES as LOSS_CODES
from stgen.rules.tables import ARCHITECTURES, BY_NAME, CHOICES

COLUMNS = {
    "text": 'text = "t"',
    "text-class": 'text = "t", class = "c"',
    "text-embedding": 'text = "t", embedding = "e"',
    "pair-class": 'text_1 = "a", text_2 = "b", class = "c"',
    "pair-binary": 'text_1 = "a", text_2 = "b", binary = "y"',
    "pair-score": 'text_1 = "a", text_2 = "b", score = "s"',
    "pair-embedding": 'text_1 = "a", text_2 = "b", embedding = "e"',
    "pair": 'anchor = "a", positive = "p"',
    "triplet": 'anchor = "a", positive = "p", negative = "n"',
    "triplet-margin": 'anchor = "a", positive = "p", negative = "n", margin = "m"',
    "triplet-scores": 'anchor = "a", positive = "p", negative = "n", scores = "s"',
    "list": 'anchor = "a", documents = "d", scores = "s"',
}


def spec(format: str, model: str = "dense", more: str = "") -> str:
    return f'model = {{ type = "{model}" }}\ndata = [{{ train = "train.jsonl", columns = {{ {COLUMNS[format]} }} }}]\n{more}'


@pytest.mark.parametrize("format", COLUMNS)
@pytest.mark.parametrize("model", ARCHITECTURES)
def test_default_is_the_first_choice_of_the_table(model, format):
    wanted = [
        c.loss
        for c in CHOICES
        if c.model == model and c.format == format and ARCHITECTURES[model][0] in c.architectures
    ]
    if not wanted:
        pytest.skip("this type doesn't train on this format directly")
    plan = plan_of(spec(format, model, 'loss = { convert = "none" }'))
    assert plan.sets[0].loss.name == wanted[0]
    assert plan.sets[0].data.trained_format == format


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_texts_with_classes_are_trained_on_as_pairs_of_a_class(model):
    """Which was measured to be better than the triplets of a batch, and works for every type of model."""
    plan = plan_of(spec("text-class", model))
    assert plan.sets[0].data.trained_format == "pair"
    assert "MultipleNegativesRankingLoss" in plan.sets[0].loss.name
    assert plan.sets[0].data.evaluated_format == "text-class"
    assert plan.train.batch_size <= 32


def test_few_classes_are_told_apart_by_triplets():
    """Pairs of one class would be each other's false negatives: every second row of a batch, of two classes."""
    columns = 'text = "t", class = { column = "c", names = ["ham", "spam"] }'
    plan = plan_of(f'data = [{{ train = "train.jsonl", columns = {{ {columns} }} }}]\nmodel = {{ type = "dense" }}')
    assert plan.sets[0].loss.name == "BatchAllTripletLoss"


ENTAILMENT = ("contradiction", "Entailment", "neutral")


@pytest.mark.parametrize(
    ("model", "classes", "more", "loss"),
    [
        ("dense", ENTAILMENT, "", "CosineSimilarityLoss"),
        ("dense", ENTAILMENT, 'loss = { convert = "none" }', "SoftmaxLoss"),
        ("dense", ENTAILMENT, 'loss = { name = "SoftmaxLoss" }', "SoftmaxLoss"),
        ("dense", ("agrees", "disagrees"), "", "SoftmaxLoss"),
        ("cross-encoder", ENTAILMENT, "", "CrossEntropyLoss"),
    ],
)
def test_entailment_is_trained_as_it_is_measured(model, classes, more, loss):
    """By a model of similarity as scores, which was measured to be better than its classes; a classifier learns these."""
    columns = f'text_1 = "a", text_2 = "b", class = {{ column = "c", names = {list(classes)} }}'
    plan = plan_of(
        f'model = {{ type = "{model}" }}\ndata = [{{ train = "train.jsonl", columns = {{ {columns} }} }}]\n{more}'
    )
    assert plan.sets[0].loss.name == loss
    assert plan.sets[0].data.evaluated_format == ("pair-score" if loss == "CosineSimilarityLoss" else "pair-class")


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_trace_names_every_main_loss_of_the_type_once(model):
    """Nothing is left out of the explanation but what is deprecated or only stands around another loss."""
    format = "triplet"
    plan = plan_of(spec(format, model))
    traced = [candidate.loss for candidate in plan.sets[0].loss.candidates]
    offered = {c.loss for c in CHOICES if c.model == model and ARCHITECTURES[model][0] in c.architectures}
    assert sorted(traced) == sorted(offered)
    assert [c.loss for c in plan.sets[0].loss.candidates if c.outcome == "chosen"] == [plan.sets[0].loss.name]
    assert all(candidate.reason for candidate in plan.sets[0].loss.candidates)


def test_anchor_and_positive_with_a_label_are_judged_pairs():
    columns = 'columns = { anchor = "a", positive = "p", binary = "y" }'
    assert plan_of(f'data = [{{ train = "t.jsonl", {columns} }}]').sets[0].data.format == "pair-binary"


def test_several_negatives_make_an_n_tuple():
    """A list of one column is still a triplet, one of three makes rows with three negatives, in order."""
    plan = plan_of(
        'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["x", "y", "z"] } }]'
    )
    assert plan.sets[0].data.format == "n-tuple"
    assert [column.source for column in plan.sets[0].data.columns] == ["a", "p", "x", "y", "z"]


def test_named_loss_is_taken():
    plan = plan_of(spec("pair-score", more='loss = { name = "CosineSimilarityLoss" }'))
    assert plan.sets[0].loss.name == "CosineSimilarityLoss"
    assert "CoSENTLoss" in {c.loss for c in plan.sets[0].loss.candidates if c.outcome == "fits"}


def test_guide_makes_gist_legal():
    more = 'loss = { name = "GISTEmbedLoss", guide = "org/guide" }'
    assert plan_of(spec("pair", more=more)).sets[0].loss.name == "GISTEmbedLoss"


def test_wrong_data_names_the_conversion_and_the_losses_that_fit():
    """The line to write stands in the finding."""
    (finding,) = findings_of(spec("pair-score", more='loss = { name = "ContrastiveLoss" }'))
    assert finding.code == "STG103"
    assert any("threshold = 0.5" in note for note in finding.notes)
    assert "CoSENTLoss" in finding.help


def test_loss_that_drifts_apart_on_several_devices_is_ruled_out():
    hardware = 'hardware = { accelerator = "cuda", gpus = 2 }'
    (finding,) = findings_of(spec("text-class", more=f'loss = {{ name = "BatchAllTripletLoss" }}\n{hardware}'))
    assert finding.code == "STG105"
    assert "2 processes" in finding.message
    assert finding.help == "change what rules it out: no other loss for this data does without"


def test_what_is_offered_for_several_devices_trains_on_them():
    hardware = 'hardware = { accelerator = "cuda", gpus = 2 }'
    (finding,) = findings_of(spec("pair-binary", more=f'loss = {{ name = "ContrastiveTensionLoss" }}\n{hardware}'))
    assert finding.code == "STG105"
    offered = finding.help.removeprefix("losses for this data, best first: ").split(", ")
    assert {"OnlineContrastiveLoss", "ContrastiveLoss"} <= set(offered)
    for name in offered:
        assert findings_of(spec("pair-binary", more=f'loss = {{ name = "{name}" }}\n{hardware}')) == []


@pytest.mark.parametrize("row", [row for row in LOSS_CODES if is_toml(row.example)], ids=lambda row: row.code)
def test_example_of_each_code_produces_it(row):
    """And nothing else than it, so that the example shows what it says."""
    assert {finding.code for finding in findings_of(row.example)} == {row.code}


@pytest.mark.parametrize("code", ["STG170", "STG171", "STG172", "STG173"])
def test_example_of_each_code_of_the_training_plan_produces_it(code):
    assert {finding.code for finding in findings_of(BY_CODE[code].example)} == {code}


def test_deprecated_loss_names_successor_and_parameters():
    (finding,) = findings_of('loss = { name = "MultipleNegativesSymmetricRankingLoss" }')
    assert finding.code == "STG109"
    assert 'name = "MultipleNegativesRankingLoss"' in finding.help
    assert 'directions = ["query_to_doc", "doc_to_query"]' in finding.help
    # What it says to write is right.
    written = finding.help.removeprefix("write ").replace(" with params", ", params")
    assert plan_of(f"loss = {{ {written} }}").sets[0].loss.name == "MultipleNegativesRankingLoss"


def test_modifiers_wrap_the_loss():
    plan = plan_of("loss = { matryoshka = [384, 128] }")
    assert plan.sets[0].loss.expression.function == "losses.MatryoshkaLoss"
    assert plan.sets[0].loss.expression.args[1].function == "losses.MultipleNegativesRankingLoss"


def test_every_row_of_the_tables_has_a_documentation_page():
    assert all(row.source.startswith("https://sbert.net/") for row in BY_NAME.values())
