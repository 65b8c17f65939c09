"""The languages of the world as a spec names them: ISO 639-1 codes, and what people write in their place."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
CODES: frozenset[str] = frozenset(_CODES.split())

UNSPACED: frozenset[str] = frozenset({"bo", "dz", "ja", "km", "lo", "my", "th", "zh"})
"""Languages written without spaces between words."""

# fmt: off
WRITTEN: dict[str, str] = {
    "arabic": "ar", "ara": "ar", "chinese": "zh", "zho": "zh", "chi": "zh", "cn": "zh", "czech": "cs", "ces": "cs", "cz": "cs",
    "danish": "da", "dan": "da", "dk": "da", "dutch": "nl", "nld": "nl", "english": "en", "eng": "en", "us": "en",
    "finnish": "fi", "fin": "fi", "french": "fr", "fra": "fr", "fre": "fr", "german": "de", "deu": "de", "ger": "de",
    "greek": "el", "ell": "el", "gr": "el", "hebrew": "he", "heb": "he", "iw": "he", "hindi": "hi", "hin": "hi",
    "hungarian": "hu", "hun": "hu", "indonesian": "id", "ind": "id", "in": "id", "italian": "it", "ita": "it",
    "japanese": "ja", "jpn": "ja", "jp": "ja", "korean": "ko", "kor": "ko", "kp": "ko", "norwegian": "no", "nor": "no",
    "persian": "fa", "farsi": "fa", "fas": "fa", "polish": "pl", "pol": "pl", "portuguese": "pt", "por": "pt",
    "romanian": "ro", "ron": "ro", "russian": "ru", "rus": "ru", "spanish": "es", "spa": "es", "swedish": "sv", "swe": "sv",
    "thai": "th", "tha": "th", "turkish": "tr", "tur": "tr", "ukrainian": "uk", "ukr": "uk", "ua": "uk", "vietnamese": "vi", "vie": "vi",
}
# fmt: on


def code_meant(word: str) -> str | None:
    """The ISO 639-1 code that somebody meant by `word`: `english`, `eng`, `en-US` and `EN` are all `en`."""
    low = word.strip().lower()
    head = low.replace("_", "-").split("-")[0]
    if low != head or word != low:
        return head if head in CODES else WRITTEN.get(head)
    return WRITTEN.get(low)


def bad_language(code: str, path: KeyPath) -> Iterator[Diagnostic]:
    """A finding when `code` isn't an ISO 639-1 code."""
    if code in CODES:
        return
    meant = code_meant(code)
    hint = f'write "{meant}"' if meant else "an ISO 639-1 code has two lower-case letters, such as en, de or zh"
    yield Diagnostic("STG049", f'"{code}" is not an ISO 639-1 language code', path, hint)
