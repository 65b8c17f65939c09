"""What cleaning knows of its libraries: the languages that each has, and the versions that generated repos pin."""

from __future__ import annotations

from stgen.rules.pins import MTEB


def _codes(text: str) -> list[str]:
    return text.split()


# fmt: off
PINS: dict[str, dict[str, str]] = {  # what uses them -> packages and versions
    "datatrove":  {"datatrove": "0.10.1"},
    "langdetect": {"langdetect": "1.0.9"},
    "lingua":     {"lingua-language-detector": "2.1.1"},
    "quick":      {"py3langid": "0.4.0"},
    "mojibake":   {"ftfy": "6.3.1"},
    "near":       {"rensa": "0.5.0"},
    "semantic":   {"semhash": "0.5.0"},
    "mteb":       {"mteb": MTEB["mteb"]},
    "nltk":       {"nltk": "3.10.4"},
    "spacy":      {"spacy": "3.8.18", "spacy-lookups-data": "1.0.5"},
    "always":     {"numpy": "2.4.6", "pyarrow": "26.0.1"},
}
# ISO 639-1 codes that each detector can find. langdetect tells zh-cn from zh-tw; both are zh here.
LINGUA: frozenset[str] = frozenset(_codes(
    "af sq ar hy az eu be bn nb bs bg ca zh hr cs da nl en eo et fi fr lg ka de el gu he hi hu is id ga it ja kk ko la lv lt mk ms mi mr mn nn fa pl "
    "pt pa ro ru sr sn sk sl so st es sw sv tl ta te th tn tr ts uk ur vi cy xh yo zu"
))
LANGDETECT: frozenset[str] = frozenset(_codes(
    "af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr ne nl no pa pl pt ro ru sk sl so sq sv sw ta te th "
    "tl tr uk ur vi zh"
))
DETECTORS: dict[str, frozenset[str]] = {"lingua": LINGUA, "langdetect": LANGDETECT}
FOUND_AS: dict[str, dict[str, tuple[str, ...]]] = {  # detector -> code of the spec -> what the detector calls it
    "lingua":     {"no": ("nb", "nn")},
    "langdetect": {"zh": ("zh-cn", "zh-tw"), "nb": ("no",), "nn": ("no",)},
}
QUICK_AS: dict[str, tuple[str, ...]] = {"no": ("no", "nn"), "nb": ("no",)}
"""Code of the spec -> what py3langid calls it, where that is another name."""

SNOWBALL: dict[str, str] = {
    "ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "fi": "finnish", "fr": "french", "de": "german", "hu": "hungarian",
    "it": "italian", "nb": "norwegian", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "es": "spanish", "sv": "swedish",
}
LOOKUPS: frozenset[str] = frozenset(_codes(
    "ca cs da de en es fr hr hu id it lb lt mk nb nl pt ro ru sr sv tl tr ur"
))
TRAINED: frozenset[str] = frozenset(_codes(
    "ca zh hr da nl en fi fr de el it ja ko lt mk nb pl pt ro ru sl es sv uk"
))
# fmt: on
