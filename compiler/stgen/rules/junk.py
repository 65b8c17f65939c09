"""What cleaning knows of writing: which letters follow each other, what stands around texts on web pages, and what negates.

LETTERS is the mean over the profiles of langdetect 1.0.9 in Latin script, accents taken off; the tests make it again.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# fmt: off
LATIN: tuple[str, ...] = _words(
    "af ca cs cy da de en es et fi fr hr hu id it lt lv nl no pl pt ro sk sl so sq sv sw tl tr vi"
)
LETTERS: dict[str, str] = {  # letter -> how likely a to z follow it, each in powers of two against chance: 6 is chance
    "a": "77786677767989573989775576",
    "b": "73117000720602600631602050",
    "c": "80307008836414700535500044",
    "d": "82069125833435700654633045",
    "e": "66787575767989562998665456",
    "f": "60006400610401700624500030",
    "g": "81037044733534610644613050",
    "h": "80028000723324702515623040",
    "i": "85878575668879763798563256",
    "j": "70028000602013600042620000",
    "k": "91207004714543800666733050",
    "l": "94359343955854830166742051",
    "m": "96128231833353760343704030",
    "n": "93689485955436800378633064",
    "o": "56675675666889761987675135",
    "p": "80107115710602840745601120",
    "q": "30003000200000200000600000",
    "r": "95569464936566841577753055",
    "s": "83628236838654760369753055",
    "t": "93109127934534800866744053",
    "u": "65567354655778561777543335",
    "v": "80018000711304600430400042",
    "w": "80116002600204500330200050",
    "x": "40003000300000110002200000",
    "y": "73555332424456530554333012",
    "z": "72236022702335520233432042",
}
EVEN = 6  # the step that stands for chance

BOILERPLATE: dict[str, tuple[str, ...]] = {  # language -> what pages say in it around their texts; "": in any
    "":   (r"(?:©|\(c\)|copyright) ?(?:\d{4}|by )", r"\blorem ipsum\b", r"^(?:\[\w+\] ?){2}",
           r"^[^|»›·•]{1,25}(?: [|»›·•] [^|»›·•]{1,25}){2}"),
    "en": (r"\ball rights reserved\b", r"\bcookies? (?:policy|settings|notice|preferences)\b", r"\b(?:use|uses|using|accept) (?:of )?cookies\b",
           r"\bprivacy policy\b", r"\bterms (?:of|and) (?:use|service|conditions)\b", r"\b(?:subscribe|sign up) (?:to|for) (?:our|the)\b",
           r"\b(?:enable|requires?) javascript\b", r"\bclick here\b", r"\bskip to (?:main )?content\b", r"\bpowered by \w+$",
           r"\b(?:share|follow us|find us|like us)\b.{0,20} on (?:facebook|twitter|instagram|linkedin)\b", r"\bpage \d+ of \d+\b",
           r"\bshowing \d+.{0,12} (?:of|results)\b", r"\b(?:read|load|show|view) more$", r"^(?:log|sign) ?in (?:\||or |to )", r"\bback to top\b",
           r"\bprevious\W+next\b", r"\badvertisement$"),
    "de": (r"\balle rechte vorbehalten\b", r"\b(?:verwendet|verwenden|nutzt|nutzen) cookies\b", r"\bdatenschutzerklärung\b", r"\bimpressum\b",
           r"\bnewsletter (?:abonnieren|bestellen)\b", r"\bhier klicken\b", r"\bseite \d+ von \d+\b", r"\bmehr (?:lesen|erfahren|anzeigen)$"),
    "es": (r"\btodos los derechos reservados\b", r"\b(?:utiliza|utilizamos|usamos|usa) cookies\b", r"\bpolítica de (?:privacidad|cookies)\b",
           r"\b(?:haga|haz) clic aquí\b", r"\bpágina \d+ de \d+\b", r"\b(?:leer|ver) más$"),
    "fr": (r"\btous droits réservés\b", r"\butilis(?:e|ons) des cookies\b", r"\bpolitique de confidentialité\b", r"\bcliquez ici\b",
           r"\bmentions légales\b", r"\bpage \d+ sur \d+\b", r"\b(?:lire la suite|en savoir plus)$"),
    "it": (r"\btutti i diritti riservati\b", r"\butilizza(?:no)? (?:i )?cookie\b", r"\bclicca qui\b", r"\bpagina \d+ di \d+\b", r"\bleggi (?:tutto|di più)$"),
    "nl": (r"\balle rechten voorbehouden\b", r"\bgebruikt cookies\b", r"\bklik hier\b", r"\bpagina \d+ van \d+\b", r"\blees (?:meer|verder)$"),
    "pt": (r"\btodos os direitos reservados\b", r"\b(?:utiliza|usa|usamos) cookies\b", r"\bclique aqui\b", r"\bpágina \d+ de \d+\b", r"\b(?:leia|ver) mais$"),
    "tr": (r"\btüm hakları saklıdır\b", r"\bçerez politikası\b", r"\bburaya tıklayın\b", r"\bdevamını oku"),
}
NEGATIONS: dict[str, tuple[str, ...]] = {  # language -> the words that turn what a sentence says into its opposite
    "ar": _words("لا لم لن ليس ليست غير بدون"), "ca": _words("no mai cap sense"), "cs": _words("ne není nikdy bez žádný"),
    "da": _words("ikke aldrig ingen uden"), "de": _words("nicht kein keine keinen keinem keiner nie niemals ohne"),
    "el": _words("δεν μη μην ποτέ χωρίς"), "en": _words("no not never none nor neither without cannot nobody nothing"),
    "es": _words("no nunca jamás ningún ninguna sin ni"), "fa": _words("نه نیست بدون هرگز"), "fi": _words("ei en et emme ette eivät ilman"),
    "fr": _words("ne pas non jamais aucun aucune sans ni"), "hu": _words("nem ne soha nélkül sem"), "id": _words("tidak bukan tanpa jangan"),
    "it": _words("non no mai nessun nessuna senza né"), "ja": _words("ない ません"), "nb": _words("ikke aldri ingen uten"),
    "nl": _words("niet geen nooit zonder"), "no": _words("ikke aldri ingen uten"), "pl": _words("nie nigdy bez żaden"),
    "pt": _words("não nunca nem nenhum nenhuma sem"), "ro": _words("nu niciodată fără niciun"), "ru": _words("не нет без никогда ни"),
    "sv": _words("inte ej aldrig ingen utan"), "tr": _words("değil yok hiç asla"), "uk": _words("не ні без ніколи"), "zh": _words("不 没 沒 無 非"),
}
# fmt: on
