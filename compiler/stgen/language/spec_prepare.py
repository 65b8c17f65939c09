"""The tables of [prepare], which most specs don't have: `spec.py` imports this module when a spec has one."""

from typing import Literal

from pydantic import Field

from stgen.language.table import Count, Later, Share, Table


class Replacement(Table):
    pattern: str = Field(description="Regular expression.")
    replace: str = Field("", description="What takes its place.")


class Normalize(Table):
    unicode: Literal["NFC", "NFD", "NFKC", "NFKD"] | None = Field(None, description="Unicode normal form.")
    case: Literal["lower", "fold"] | None = Field(None, description="Case.")
    whitespace: bool = Field(False, description="Runs of white space become one blank.")
    urls: Literal["remove", "mask"] | None = Field(None, description="URLs.")
    emails: Literal["remove", "mask"] | None = Field(None, description="E-mail addresses.")
    html: bool = Field(False, description="Entities are decoded and tags removed.")
    mojibake: bool = Field(
        False, description="Texts that were decoded with the wrong encoding are repaired, with ftfy."
    )
    digits: Literal["remove", "mask"] | None = Field(None, description="Digits.")
    rules: list[Later[Replacement]] = Field([], description="The user's own patterns, applied in order.")


class Junk(Table):
    mojibake: bool = Field(False, description="Texts that were decoded with the wrong encoding.")
    markup: Share | None = Field(
        None, description="Share of tags, code, tables and addresses in a text from which it goes, such as 0.3."
    )
    symbols: Share | None = Field(
        None, description="Share of signs among the letters and signs of a text from which it goes, such as 0.5."
    )
    gibberish: bool = Field(
        False,
        description="Keyboard mash: letters that follow each other in no language, or the same ones again and again.",
    )
    boilerplate: bool = Field(
        False, description="Short texts that pages repeat: menus, cookie notices, copyright lines, page numbers."
    )


class LanguageFilter(Table):
    keep: list[str] = Field(
        min_length=1, description="ISO 639-1 codes that stay; a text with a sentence in another language goes."
    )
    detector: Literal["langdetect", "lingua"] = Field("lingua", description="Library that decides.")


class LengthFilter(Table):
    min: int | None = Field(None, ge=0, description="Shortest text that stays.")
    max: int | None = Field(None, ge=1, description="Longest text that stays.")
    unit: Literal["words", "chars", "tokens"] = Field("words", description="What is counted.")


class Lemmatize(Table):
    engine: Literal["spacy"] = Field("spacy", description="Library.")
    language: str = Field(description="ISO 639-1 code.")


class Stem(Table):
    engine: Literal["nltk"] = Field("nltk", description="Library.")
    algorithm: Literal["snowball", "porter", "lancaster"] = Field("snowball", description="Stemmer.")
    language: str = Field("en", description="ISO 639-1 code.")


class Deduplicate(Table):
    identical: bool = Field(False, description="Rows whose anchor is their positive, or whose two texts are the same.")
    exact: bool = Field(True, description="Exact duplicates, after normalization.")
    near: Share | None = Field(
        None,
        description="Near-duplicates: Jaccard similarity from which rows are one, found with MinHash, such as 0.7 (pairs: 0.65).",
    )
    semantic: Share | None = Field(None, description="Semantic duplicates: cosine similarity from which rows are one.")
    model: str | None = Field(None, description="Model for semantic; the base by default.")


class Related(Table):
    min: Share = Field(
        description="Cosine similarity that anchor and positive have at least, such as 0.15, or 0.05 beside `nearer`."
    )
    nearer: Share | None = Field(
        None,
        description="Share of other rows' texts that may be nearer to anchor and positive than these are to each other, as 0.2.",
    )
    most: Share = Field(
        0.1,
        description="Share of the rows that may go: where more would, none does, as then few are paired wrongly.",
    )
    model: str | None = Field(None, description="Model that compares them; the base by default.")


class Decontaminate(Table):
    against: list[str] = Field(["eval", "test"], min_length=1, description="eval, test, mteb, or a task's name.")
    ngram: Count | None = Field(None, description="Length in words of the n-grams that must not be shared.")
    near: Share | None = Field(None, description="Jaccard similarity from which a row leaks, such as 0.65.")
    semantic: Share | None = Field(None, description="Cosine similarity from which a row leaks.")
    model: str | None = Field(None, description="Model for semantic; the base by default.")
    action: Literal["drop", "fail"] = Field("drop", description="What becomes of a leak.")


class Prepare(Table):
    engine: Literal["local", "datatrove"] = Field("local", description="What runs the steps.")
    on_bad_row: Literal["fail", "set-aside"] = Field("fail", description="What becomes of a row that can't be read.")
    normalize: Later[Normalize] | None = Field(None, description="Clean texts.")
    junk: Later[Junk] | None = Field(None, description="Remove rows that have a text that is none.")
    language: Later[LanguageFilter] | None = Field(None, description="Keep languages.")
    length: Later[LengthFilter] | None = Field(None, description="Keep lengths.")
    lemmatize: Later[Lemmatize] | None = Field(None, description="Reduce words to lemmas.")
    stem: Later[Stem] | None = Field(None, description="Reduce words to stems.")
    deduplicate: Later[Deduplicate] | None = Field(None, description="Remove duplicates.")
    related: Later[Related] | None = Field(
        None, description="Remove rows whose positive has nothing to do with its anchor."
    )
    decontaminate: Later[Decontaminate] | None = Field(
        None, description="Remove training rows that leak eval or test rows."
    )
