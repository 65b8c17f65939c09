"""The noisy sets that nothing is tuned on: other sources, other faults and other ways to make them than in `tuning.py`."""

from __future__ import annotations

import random
import re
from itertools import cycle, islice
from typing import Any

from benchmark.noise.made import DROP, MEND, Change, NoisySet, Row, apply, read, unlike, words

OTHER_SCRIPTS = [  # Thai, Persian, Arabic, Hindi, Hebrew, Greek, Korean, Chinese
    "ตลาดน้ำเปิดทุกเช้าวันเสาร์และวันอาทิตย์",
    "เด็กๆ กำลังเล่นฟุตบอลในสวนสาธารณะ",
    "کتابخانه شهر هر روز تا ساعت هشت شب باز است",
    "برادرم سال گذشته به تبریز رفت و آنجا ماند",
    "وصل القطار إلى المحطة بعد منتصف الليل",
    "बच्चे नदी के किनारे पतंग उड़ा रहे हैं",
    "הרכבת האחרונה יוצאת מהתחנה בחצות",
    "Το πλοίο φεύγει από το λιμάνι νωρίς το πρωί",
    "할머니는 매일 아침 시장에서 채소를 사신다",
    "昨天晚上我们在河边散步看到了很多萤火虫",
]
BOILERPLATE = [
    "Subscribe to our newsletter for the latest news and offers.",
    "This site uses cookies. By using this site you accept our privacy policy.",
    "© {year} Acme Media Group Ltd. All Rights Reserved.",
    "Home » News » Archive » {year} » Page {page}",
    "Sign in | Register | Help | Contact us",
    "Share this article on Facebook, Twitter or by e-mail.",
    "Please enable JavaScript to view this page correctly.",
    "Terms of Use | Privacy Policy | Site Map",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",
    "Showing {page} of {year} results. Load more",
]
MARKUP = [
    "<ul><li><a href='/{page}'>{page}</a></li><li><a href='/{year}'>{year}</a></li></ul>",
    "<style>.c{page} {{ margin: 0 auto; color: #{year}; }}</style>",
    '{{"id": {page}, "type": "node", "tags": ["a{year}"], "ok": true}}',
    "for (let i = 0; i < {page}; i++) {{ total += items[i].price * {year}; }}",
    "http://news.example.org/{year}/{page}/index.html#top",
    "<td>{page}</td><td>{year}</td><td>&nbsp;</td>",
    "{page};{year};0;0;17;;{page}",
    "{{{{cite web |url=http://example.net/{page} |date={year}}}}}",
]
SHORT = ["ok", "N/A", "+1", "see below", "same here", "p. {page}", "thx", "[deleted]", "?", "Table {page}"]
ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
SWAPS = {
    "man": "woman", "boy": "girl", "men": "women", "red": "blue", "black": "white", "outside": "inside", "up": "down",
    "before": "after", "first": "last", "old": "young", "north": "south", "east": "west", "largest": "smallest",
    "increase": "decrease", "can": "cannot", "with": "without", "father": "mother", "king": "queen", "summer": "winter",
}  # fmt: skip
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
FILLERS = ["Actually, ", "As it happens, ", "FYI: ", "Q: ", "> "]
ENDINGS = [" Thanks!", " (edited)", " [1]", " :)", " #"]
SPELLINGS = {"color": "colour", "gray": "grey", "center": "centre", "favorite": "favourite", "organiz": "organis"}
SHORTENED = {
    " do not ": " don't ",
    " is not ": " isn't ",
    " it is ": " it's ",
    " cannot ": " can't ",
    " are not ": " aren't ",
}


def number(text: str, draw: random.Random) -> str | None:
    """Another number."""
    found = re.search(r"\b\d+\b", text)
    return found and f"{text[: found.start()]}{int(found[0]) + draw.choice([1, 2, 10])}{text[found.end() :]}"


def year_or_day(text: str, draw: random.Random) -> str | None:
    """Another month or day of the week."""
    for names in (MONTHS, DAYS):
        found = [name for name in names if re.search(rf"\b{name}\b", text)]
        if found:
            return text.replace(found[0], draw.choice([name for name in names if name != found[0]]), 1)
    return None


def negated(text: str, draw: random.Random) -> str | None:
    """The opposite."""
    found = re.search(r"\b(is|are|was|were|can|will|has|have|do|does|did)\b(?! not)", text)
    return found and f"{text[: found.end()]} {draw.choice(['not', 'never'])}{text[found.end() :]}"


def renamed(text: str, draw: random.Random) -> str | None:
    """Another name."""
    found = re.search(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", text)
    names = ["Oslo", "Garcia", "Yamada", "Lagos", "Petrov", "Quebec", "Chile", "Iraq"]
    return found and f"{text[: found.start()]}{draw.choice(names)}{text[found.end() :]}"


def swapped(text: str, draw: random.Random) -> str | None:
    """Another word that decides."""
    both = SWAPS | {other: one for one, other in SWAPS.items()}
    found = [word for word in both if re.search(rf"\b{word}\b", text)]
    word = draw.choice(sorted(found)) if found else None
    return word and re.sub(rf"\b{word}\b", both[word], text, count=1)


def version(text: str, draw: random.Random) -> str | None:
    """The same about another version: both are made."""
    found = re.search(r"\b(version|chapter|phase|type|part|grade) (\d+)\b", text, re.IGNORECASE)
    return found and f"{text[: found.start(2)]}{int(found[2]) + 1}{text[found.end(2) :]}"


def doubled(text: str, draw: random.Random) -> str:
    """A word twice."""
    parts = text.split()
    place = draw.randrange(len(parts))
    return " ".join([*parts[: place + 1], *parts[place:]])


def exchanged(text: str, draw: random.Random) -> str:
    """Two words that change places."""
    parts = text.split()
    place = draw.randrange(len(parts) - 1)
    parts[place], parts[place + 1] = parts[place + 1], parts[place]
    return " ".join(parts)


def filled(text: str, draw: random.Random) -> str:
    """Words in front."""
    return draw.choice(FILLERS) + text


def ended(text: str, draw: random.Random) -> str:
    """Something behind."""
    return text + draw.choice(ENDINGS)


def quoted(text: str, draw: random.Random) -> str:
    """Quotes, and no full stop."""
    return f"“{text.rstrip('.')}”"


def lost_letters(text: str, draw: random.Random) -> str:
    """A letter too few in one or two words, one too many in another."""
    parts = text.split()
    long = [place for place, part in enumerate(parts) if len(part) > 4 and part.isalpha()]
    for place in draw.sample(long, min(2, len(long))):
        at = draw.randrange(1, len(parts[place]) - 1)
        parts[place] = parts[place][:at] + parts[place][at + draw.choice([1, -0]) :]
    return " ".join(parts)


def spelled(text: str, draw: random.Random) -> str | None:
    """Another spelling of the same word."""
    changed = text
    for one, other in (SPELLINGS | SHORTENED).items():
        changed = changed.replace(one, other)
    return changed if changed != text else None


def titled(text: str, draw: random.Random) -> str:
    """Capital letters in front of each word."""
    return text.title() if draw.random() < 0.5 else text.replace(", ", " ").rstrip(".") + " ."


NEAR: list[Change] = [doubled, exchanged, filled, ended, quoted, lost_letters, spelled, titled]
DECISIVE: list[Change] = [number, year_or_day, negated, renamed, swapped, version]


def mash(draw: random.Random) -> str:
    """What fingers do on a keyboard: runs along its rows, random keys, one key held."""
    way = draw.randrange(3)
    if way == 0:
        return " ".join(
            "".join(draw.choices(draw.choice(ROWS), k=draw.randint(4, 9))) for _ in range(draw.randint(2, 6))
        )
    if way == 1:
        letters = "abcdefghijklmnopqrstuvwxyz"
        return " ".join("".join(draw.choices(letters, k=draw.randint(3, 10))) for _ in range(draw.randint(4, 8)))
    return " ".join(draw.choice("aehjkmouxz") * draw.randint(4, 12) for _ in range(draw.randint(2, 5)))


def symbols(draw: random.Random) -> str:
    """Signs, with a letter now and then."""
    return " ".join("".join(draw.choices("!@#$%^&*()_+={}[]|~<>?/;:.-☆★■►♪a7", k=draw.randint(2, 8))) for _ in range(6))


def garbled(text: str, draw: random.Random) -> str | None:
    """A text that was written as UTF-8 and read as Windows-1252 or Latin-1."""
    marked = text.replace("'", "’").replace('"', "“").replace(" - ", " – ").replace("cafe", "café")
    try:
        return marked.encode().decode(draw.choice(["cp1252", "latin-1"])) if marked != text else None
    except UnicodeDecodeError:
        return None


def add_near(noisy: NoisySet, fields: list[str], count: int, draw: random.Random) -> None:
    """Add near repeats of clean rows: one or several of their texts are changed a little."""
    sources = draw.sample([row for row in noisy.rows if row.kind == "clean" and row.group is None], count)
    for source, change in zip(sources, cycle(NEAR), strict=False):
        changed = {name: change(source.fields[name], draw) or ended(source.fields[name], draw) for name in fields}
        noisy.repeat(source, source.fields | changed, "near_dup")


def add_lookalikes(noisy: NoisySet, name: str, count: int, draw: random.Random) -> None:
    """Add good rows that differ from another in the one word that decides."""
    sources = [row for row in noisy.rows if row.kind == "clean" and row.group is None]
    for change in DECISIVE:
        found = apply(
            change, draw.sample([row.fields[name] for row in sources], len(sources)), draw, count // len(DECISIVE)
        )
        by = {row.fields[name]: row for row in sources}
        noisy.rows += [
            Row(by[text].fields | {name: changed}, f"lookalike: {change.__name__}") for text, changed in found
        ]


def drop(noisy: NoisySet, kind: str, rows: list[dict[str, object]]) -> None:
    """Add rows that are to go."""
    noisy.rows += [Row(fields, kind, DROP) for fields in rows]


def formed(templates: list[str], count: int, draw: random.Random) -> list[str]:
    """Texts made of templates, no two alike where they have a number."""
    return [
        template.format(page=draw.randrange(2, 900), year=draw.randrange(1990, 2030))
        for template in islice(cycle(templates), count)
    ]


def foreign(draw: random.Random) -> list[str]:
    """Sentences in other languages."""
    pairs = [row for code in ("de", "es", "fr", "ru", "tr", "ja") for row in read(f"tatoeba/en-{code}.test.jsonl")]
    found = [row["non_english"] for row in pairs] + [row["text"] for row in read("ud-turkish/test.jsonl")[:100]]
    return draw.sample([text for text in found if len(text) > 15], 300) + OTHER_SCRIPTS


def sentences(seed: int) -> NoisySet:
    """One column of texts: premises of SNLI, sentences of Wikipedia, what customers of a bank ask."""
    draw = random.Random(seed)
    pool = [row["premise"] for row in read("snli/test.jsonl")] + [row["text"] for row in read("banking77/test.jsonl")]
    pool += [text for row in read("selqa/test.jsonl") for text in row["docs"]]
    return of_texts(pool, draw)


def of_texts(pool: list[str], draw: random.Random) -> NoisySet:
    """Texts, with faults."""
    pool = [text for text in dict.fromkeys(pool) if 5 <= len(text.split()) <= 50 and text.isascii()]
    draw.shuffle(pool)
    texts = unlike(pool[:6000])
    noisy = NoisySet("text", test=[{"text": text} for text in texts[:250]])
    spare = texts[250:700]
    noisy.rows = [Row({"text": text}) for text in texts[700:2100]]
    abroad = foreign(draw)

    def fields(found: list[str]) -> list[dict[str, object]]:
        return [{"text": text} for text in found]

    add_lookalikes(noisy, "text", 90, draw)
    add_near(noisy, ["text"], 160, draw)
    for row in draw.sample([row for row in noisy.rows if row.kind == "clean" and row.group is None], 120):
        noisy.repeat(row, dict(row.fields), "exact_dup")
    drop(noisy, "foreign", fields(abroad[:100] + OTHER_SCRIPTS))
    mixed = zip(spare[:50], cycle([*OTHER_SCRIPTS, *abroad[100:120]]), strict=False)
    drop(
        noisy, "mixed", fields([f"{one} {other}" if draw.random() < 0.5 else f"{other} {one}" for one, other in mixed])
    )
    for text, changed in apply(garbled, spare[50:], draw, 40):
        noisy.rows.append(Row({"text": changed}, "mojibake", MEND, original={"text": text}))
    drop(noisy, "too_short", fields(formed(SHORT, 40, draw)))
    drop(noisy, "too_long", fields([" ".join(draw.sample(spare, 12)) for _ in range(20)]))
    drop(noisy, "markup", fields(formed(MARKUP, 40, draw)))
    drop(noisy, "mash", fields([mash(draw) for _ in range(40)]))
    drop(noisy, "symbols", fields([symbols(draw) for _ in range(20)]))
    drop(noisy, "boilerplate", fields(formed(BOILERPLATE, 40, draw)))
    drop(noisy, "empty", fields(["", " ", "\u00a0", "​"] * 3))
    measured = [row["text"] for row in noisy.test]
    drop(noisy, "leak_exact", fields(measured[:60]))
    drop(
        noisy,
        "leak_near",
        fields(
            [
                change(text, draw) or ended(text, draw)
                for text, change in zip(measured[60:110], cycle(NEAR), strict=False)
            ]
        ),
    )
    draw.shuffle(noisy.rows)
    return noisy


def pairs(seed: int) -> NoisySet:
    """Questions and the sentence of Wikipedia that answers them."""
    found = {
        row["query"]: next(text for text, score in zip(row["docs"], row["scores"], strict=True) if score)
        for row in [*read("selqa/train.jsonl"), *read("selqa/test.jsonl")]
        if any(row["scores"])
    }
    return of_pairs(found, random.Random(seed))


def of_pairs(found: dict[str, str], draw: random.Random) -> NoisySet:
    """Anchors and their positives, with faults."""
    asked = [text for text in found if len(text.split()) >= 4 and 5 <= len(found[text].split()) <= 90]
    asked = [text for text in asked if words(text) != words(found[text])]  # an anchor that is its positive is a fault
    draw.shuffle(asked)
    asked = unlike(asked, most=0.6)
    answers = set(unlike([found[text] for text in asked], most=0.5))
    by_answer = {found[text]: text for text in reversed(asked)}  # one question to an answer: another would leak it
    asked = [text for text in asked if found[text] in answers and by_answer[found[text]] == text]
    noisy = NoisySet("pair", test=[{"anchor": text, "positive": found[text]} for text in asked[:120]])
    rest, spare = asked[200:], asked[120:200]
    noisy.rows = [Row({"anchor": text, "positive": found[text]}) for text in rest]
    abroad = foreign(draw)
    add_lookalikes(noisy, "anchor", 42, draw)
    add_near(noisy, ["anchor", "positive"], 60, draw)

    def take(count: int) -> list[Row]:
        return draw.sample([row for row in noisy.rows if row.kind == "clean" and row.group is None], count)

    for row in take(50):
        noisy.repeat(row, dict(row.fields), "exact_dup")
    for row in take(20):
        noisy.repeat(row, {"anchor": row.fields["positive"], "positive": row.fields["anchor"]}, "swapped_dup")
    drop(noisy, "identical", [{"anchor": text, "positive": text} for text in spare[:15]])
    drop(
        noisy,
        "mismatched",
        [{"anchor": one, "positive": found[other]} for one, other in zip(spare[15:45], rest[30:60], strict=True)],
    )
    drop(
        noisy,
        "foreign_positive",
        [{"anchor": text, "positive": other} for text, other in zip(spare[45:75], abroad, strict=False)],
    )
    drop(
        noisy,
        "foreign_both",
        [{"anchor": one, "positive": other} for one, other in zip(abroad[40:60], abroad[60:80], strict=True)],
    )
    short = [
        {"anchor": text, "positive": other} for text, other in zip(spare[:15], formed(SHORT, 15, draw), strict=True)
    ]
    drop(noisy, "too_short", short)
    junk = [*(mash(draw) for _ in range(8)), *formed(BOILERPLATE, 8, draw), *formed(MARKUP, 8, draw)]
    drop(
        noisy,
        "junk_positive",
        [{"anchor": text, "positive": other} for text, other in zip(spare[40:64], junk, strict=True)],
    )
    drop(
        noisy,
        "too_long",
        [{"anchor": text, "positive": " ".join(draw.sample(sorted(answers), 9))} for text in spare[70:80]],
    )
    drop(noisy, "empty", [{"anchor": text, "positive": " "} for text in spare[64:70]])
    measured = noisy.test
    drop(noisy, "leak_exact", [dict(row) for row in measured[:25]])
    near = zip(measured[25:50], cycle(NEAR), strict=False)
    drop(
        noisy,
        "leak_near",
        [{name: change(text, draw) or ended(text, draw) for name, text in row.items()} for row, change in near],
    )
    drop(
        noisy,
        "leak_anchor",
        [
            {"anchor": row["anchor"], "positive": found[text]}
            for row, text in zip(measured[50:65], rest[60:75], strict=True)
        ],
    )
    draw.shuffle(noisy.rows)
    return noisy


def scored(seed: int) -> NoisySet:
    """Premises and hypotheses of SNLI, with a score for what the second says of the first."""
    rows = [*read("snli/test.jsonl"), *read("snli/dev.jsonl"), *read("snli/train.jsonl")[:4000]]
    return of_scored(
        [{"sentence1": row["premise"], "sentence2": row["hypothesis"], "score": 1 - row["label"] / 2} for row in rows],
        random.Random(seed),
    )


def another(score: float) -> float:
    """A score that says something else."""
    mirrored = abs(score - 0.75)
    return mirrored if abs(mirrored - score) > 0.1 else score + 0.5


def of_scored(rows: list[dict[str, Any]], draw: random.Random) -> NoisySet:
    """Two texts and a score from 0 to 1, with faults."""
    by_premise: dict[str, dict[str, Any]] = {}
    draw.shuffle(rows)
    for row in rows:
        if len(row["sentence2"].split()) >= 4:
            by_premise.setdefault(row["sentence1"], row)
    firsts = unlike(by_premise)
    seconds = set(unlike([str(by_premise[text]["sentence2"]) for text in firsts], firsts, most=0.6))
    by_second = {by_premise[text]["sentence2"]: text for text in reversed(firsts)}
    chosen = [
        by_premise[text]
        for text in firsts
        if by_premise[text]["sentence2"] in seconds and by_second[by_premise[text]["sentence2"]] == text
    ]
    noisy = NoisySet("score", test=chosen[:180])
    spare = chosen[180:300]
    noisy.rows = [Row(fields) for fields in chosen[300:1000]]

    def take(count: int) -> list[Row]:
        return draw.sample([row for row in noisy.rows if row.kind == "clean" and row.group is None], count)

    add_lookalikes(noisy, "sentence1", 42, draw)
    add_near(noisy, ["sentence1", "sentence2"], 40, draw)
    for row in take(40):
        noisy.repeat(row, dict(row.fields), "exact_dup")
    for row in take(30):
        turned = {"sentence1": row.fields["sentence2"], "sentence2": row.fields["sentence1"]}
        noisy.repeat(row, row.fields | turned, "swapped_dup")
    for row in take(30):
        noisy.contradict(row, row.fields | {"score": another(row.fields["score"])}, "contradicting")
    drop(
        noisy,
        "identical_low",
        [{"sentence1": row["sentence1"], "sentence2": row["sentence1"], "score": 0.0} for row in spare[:15]],
    )
    for kind, value in (("scale_error", 3), ("negative_score", -1.0), ("null_score", None), ("no_number", "high")):
        drop(noisy, kind, [row | {"score": value} for row in draw.sample(spare[15:], 10)])
    noisy.rows += [Row(row | {"score": f" {row['score']} "}, "string_score") for row in spare[100:112]]
    noisy.rows = [
        row
        for row in noisy.rows
        if row.kind == "string_score" or row.fields["sentence1"] not in {one["sentence1"] for one in spare[100:112]}
    ]
    measured = noisy.test
    drop(noisy, "leak_exact", [dict(row) for row in measured[:30]])
    turned_round = [row | {"sentence1": row["sentence2"], "sentence2": row["sentence1"]} for row in measured[30:50]]
    drop(noisy, "leak_swapped", turned_round)
    drop(
        noisy,
        "leak_one_side",
        [row | {"sentence2": other["sentence2"]} for row, other in zip(measured[50:65], spare[85:100], strict=True)],
    )
    draw.shuffle(noisy.rows)
    return noisy


SETS = {"sentences": sentences, "pairs": pairs, "scored": scored}
