"""Looks at what [prepare] asks for: languages that an engine lacks, and steps that don't suit the model. Spec -> findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.language.facts import architecture, sides
from stgen.language.languages import CODES, UNSPACED
from stgen.language.spec import Spec
from stgen.rules.clean import DETECTORS, FOUND_AS, LOOKUPS, SNOWBALL, TRAINED
from stgen.rules.junk import BOILERPLATE, LATIN
from stgen.rules.mteb import SMALL

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Prepare

OPERATIONS = ("mojibake", "unicode", "html", "rules", "urls", "emails", "digits", "case", "whitespace")
"""What normalize can do, in the order in which it is done."""

JUNK = ("mojibake", "markup", "symbols", "gibberish", "boilerplate")
"""What junk can be, in the order in which it is looked for."""

STEPS = ("normalize", "junk", "language", "length", "lemmatize", "stem", "deduplicate", "related", "decontaminate")

CASED = re.compile(r"(?<!un)cased\b")


def check_prepare(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    """All findings about the steps."""
    yield from _empty(prepare)
    yield from _junk(spec, prepare)
    yield from _detector(prepare)
    yield from _stemmer(prepare)
    yield from _lemmatizer(prepare)
    yield from _against_the_model(spec, prepare)
    yield from _models(spec, prepare)
    yield from _sides(spec, prepare)
    yield from _words(spec, prepare)
    yield from _against(spec, prepare)
    yield from _engine(spec, prepare)


def _empty(prepare: Prepare) -> Iterator[Diagnostic]:
    normalize, length = prepare.normalize, prepare.length
    if normalize and not any(getattr(normalize, name) for name in OPERATIONS):
        hint = "add whitespace = true, or remove the table"
        yield Diagnostic(
            "STG258", "normalize without settings has no effect", ("prepare", "normalize"), hint, about="key"
        )
    if prepare.junk and not any(getattr(prepare.junk, name) for name in JUNK):
        hint = "add gibberish = true, or remove the table"
        yield Diagnostic("STG258", "junk without settings removes nothing", ("prepare", "junk"), hint, about="key")
    if length and length.min is None and length.max is None:
        hint = "add min = 3, or remove the table"
        yield Diagnostic("STG258", "length without bounds has no effect", ("prepare", "length"), hint, about="key")


def _junk(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    """STG262: junk that can't be told from texts in the languages of the data."""
    spoken = {*spec.project.languages, *(data.language for data in spec.data if data.language)}
    for key, known, judged in (
        ("gibberish", LATIN, "letters of Latin script"),
        ("boilerplate", BOILERPLATE, "phrases"),
    ):
        if prepare.junk and getattr(prepare.junk, key) and spoken.isdisjoint(known):
            message = f"{key} is found by {judged}, and none are known of {', '.join(sorted(spoken))}"
            yield Diagnostic(
                "STG262", message, ("prepare", "junk", key), "leave it out", about="key", severity="warning"
            )


def _detector(prepare: Prepare) -> Iterator[Diagnostic]:
    asked = prepare.language
    if asked is None:
        return
    for index, code in enumerate(asked.keep):
        if code not in CODES or code in DETECTORS[asked.detector] or code in FOUND_AS[asked.detector]:
            continue
        others = [name for name, known in DETECTORS.items() if code in known]
        hint = f'write detector = "{others[0]}"' if others else "leave the filter out"
        message = f"{asked.detector} doesn't know the language {code}"
        yield Diagnostic("STG252", message, ("prepare", "language", "keep", index), hint)


def _stemmer(prepare: Prepare) -> Iterator[Diagnostic]:
    asked = prepare.stem
    if asked is None:
        return
    known = SNOWBALL if asked.algorithm == "snowball" else {"en": "english"}
    if asked.language in CODES and asked.language not in known:
        message = f"the {asked.algorithm} stemmer doesn't know the language {asked.language}"
        hint = "write lemmatize in place of stem" if asked.language in LOOKUPS else "leave the step out"
        note = f"it knows {', '.join(sorted(known))}"
        yield Diagnostic("STG253", message, ("prepare", "stem", "language"), hint, (note,))


def _lemmatizer(prepare: Prepare) -> Iterator[Diagnostic]:
    asked = prepare.lemmatize
    if asked is None or asked.language in LOOKUPS or asked.language not in CODES:
        return
    path = ("prepare", "lemmatize", "language")
    if asked.language in TRAINED:
        message = f"spaCy lemmatizes {asked.language} with a trained pipeline only, which has to be installed"
        genre = "web" if asked.language == "zh" else "news"
        hint = f"where prepare.py runs: python -m spacy download {asked.language}_core_{genre}_sm"
        yield Diagnostic("STG255", message, path, hint, severity="warning")
        return
    hint = "write stem in place of lemmatize" if asked.language in SNOWBALL else "leave the step out"
    yield Diagnostic("STG254", f"spaCy doesn't lemmatize the language {asked.language}", path, hint)


def _against_the_model(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    """Steps that harm a pretrained model."""
    if architecture(spec) == "static" or spec.model.base is None:
        return
    for key, made in (("stem", "stems"), ("lemmatize", "lemmas")):
        if getattr(prepare, key) is not None and not (prepare.stem and prepare.lemmatize):
            message = f"the base was pretrained on inflected words, not on {made}"
            hint = "leave the step out: subword tokenization handles inflection"
            yield Diagnostic("STG250", message, ("prepare", key), hint, about="key", severity="warning")
    if not CASED.search(spec.model.base.lower()):
        return
    path: KeyPath
    if prepare.normalize and prepare.normalize.case:
        message = "the base is a cased model, and the texts are lowercased"
        path = ("prepare", "normalize", "case")
        yield Diagnostic("STG251", message, path, "leave it out, or take the uncased model", severity="warning")
    if prepare.lemmatize:
        message = "the base is a cased model, and many lemmas are lower case"
        path = ("prepare", "lemmatize")
        yield Diagnostic(
            "STG251", message, path, "leave it out, or take the uncased model", about="key", severity="warning"
        )


def _models(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    searched = sides(spec)["document"]
    dense = spec.model.type == "dense" and searched.base is not None
    length = prepare.length
    if length and length.unit == "tokens" and searched.base is None:
        message = "tokens are counted with the tokenizer of the base, and the spec names none"
        yield Diagnostic("STG259", message, ("prepare", "length", "unit"), 'write unit = "words"')
    for key, by in (("deduplicate", "semantic"), ("related", "min"), ("decontaminate", "semantic")):
        asked = getattr(prepare, key)
        if asked is None or getattr(asked, by) is None or asked.model is not None or dense:
            continue
        message = "meanings are compared by embeddings, and the base isn't a dense model"
        hint = f'add model = "sentence-transformers/all-MiniLM-L6-v2" to prepare.{key}'
        yield Diagnostic("STG256", message, ("prepare", key, by), hint)


def _sides(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    """STG263: steps that hold two texts of a row against each other, where a row has one, or none that belong together."""
    asked: tuple[tuple[KeyPath, bool, str], ...] = (
        (("deduplicate", "identical"), bool(prepare.deduplicate and prepare.deduplicate.identical), "two texts"),
        (("related",), prepare.related is not None, "an anchor and a positive"),
    )
    for index, data in enumerate(spec.data):
        columns = data.columns
        if columns is None or (columns.anchor and columns.positive):
            continue
        for path, named, what in asked:
            if named and not (what == "two texts" and columns.text_1 and columns.text_2):
                message = f"data[{index}] has no rows of {what}, so the step leaves it as it is"
                hint = "leave the step out"
                yield Diagnostic("STG263", message, ("prepare", *path), hint, about="key", severity="warning")


def _words(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    length = prepare.length
    if length is None or length.unit != "words":
        return
    spoken = {*spec.project.languages, *(data.language for data in spec.data if data.language)}
    if unspaced := sorted(spoken & UNSPACED):
        message = f"{', '.join(unspaced)} is written without spaces, so a text counts as one word"
        yield Diagnostic(
            "STG257", message, ("prepare", "length"), 'write unit = "chars"', about="key", severity="warning"
        )


def _against(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    """STG260: names that no MTEB task has, as those have capital letters."""
    if prepare.decontaminate is None:
        return
    mteb = spec.metrics.mteb
    local = {task.name for task in mteb.local} if mteb else set()
    for index, name in enumerate(prepare.decontaminate.against):
        path: KeyPath = ("prepare", "decontaminate", "against", index)
        if name not in ("eval", "test", "mteb", *SMALL, *local) and name == name.lower():
            near = closest(name, ("eval", "test", "mteb", *local))
            hint = f'did you mean "{near}"?' if near else 'write "eval", "test", "mteb" or the name of a task of MTEB'
            yield Diagnostic("STG260", f'"{name}" is neither eval, test nor a task of MTEB', path, hint)


def _engine(spec: Spec, prepare: Prepare) -> Iterator[Diagnostic]:
    """STG261: what datatrove's pipelines don't do."""
    if prepare.engine == "local":
        return
    path: KeyPath
    for key in ("deduplicate", "decontaminate"):
        asked = getattr(prepare, key)
        if asked is not None and asked.semantic is not None:
            message = "semantic matching compares the embeddings of all rows in one process, which a pipeline can't"
            path = ("prepare", key, "semantic")
            yield Diagnostic("STG261", message, path, 'write near = 0.8 in its place, or engine = "local"')
    if prepare.related:
        message = "a model compares the texts of all rows in one process, which a pipeline can't"
        hint = 'leave it out, or write engine = "local"'
        yield Diagnostic("STG261", message, ("prepare", "related"), hint, about="key")
    for index, data in enumerate(spec.data):
        if data.streaming:
            message = "a pipeline reads rows in shards, and a stream has none"
            yield Diagnostic("STG261", message, ("data", index, "streaming"), 'leave it out, or write engine = "local"')
    if not any(getattr(prepare, key) for key in STEPS):
        message = "the engine has nothing to run: [prepare] names no step"
        yield Diagnostic("STG258", message, ("prepare", "engine"), "name a step, or leave the key out", about="key")
