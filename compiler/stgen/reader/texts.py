"""Texts, lists of texts, and ids."""

from typing import Any

from .contract import ContractError, quote

EXACT = 1 << 53  # up to here every whole number has a float of its own


def text(value: Any) -> str:
    """Take a text with something in it."""
    if value is None:
        raise ContractError("STG210", "has no value")
    if not isinstance(value, str):
        raise ContractError("STG209", f"is not a text: {quote(value)}")
    if not value or value.isspace():
        raise ContractError("STG211", "is empty")
    if not value.isascii():
        require_unicode(value)
    return value


def are_plain(values: list[Any]) -> bool:
    """Return whether all are texts of ASCII with something in them, which is sooner seen of many than of each."""
    try:
        return "".join(values).isascii() and all(values) and not any(map(str.isspace, values))
    except TypeError:
        return False


def require_unicode(value: str) -> None:
    """Refuse what no tokenizer takes: half of a surrogate pair, or a byte that stood for itself as no character."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        code = ord(value[error.start])
        if 0xDC80 <= code <= 0xDCFF:
            raise ContractError(
                "STG202", f"is not UTF-8: byte 0x{code - 0xDC00:02x} at character {error.start + 1}"
            ) from None
        raise ContractError("STG202", f"has a lone surrogate: \\u{code:04x}") from None


def text_or_nothing(value: Any) -> str:
    """Take a text that may be missing, as titles are."""
    return "" if value is None or value == "" else text(value)


def text_or_empty(value: Any) -> str:
    """Take a text that may be empty where a title says it all."""
    return value if value == "" else text(value)


def texts(value: Any) -> list[str]:
    """Take a list of texts."""
    if not isinstance(value, list):
        what = "has no value" if value is None else f"is not a list of texts: {quote(value)}"
        raise ContractError("STG210" if value is None else "STG209", what)
    if not value:
        raise ContractError("STG211", "is an empty list")
    for position, item in enumerate(value):
        try:
            text(item)
        except ContractError as fault:
            raise ContractError(fault.code, fault.says, f"[{position}]") from None
    return value


def identifier(value: Any) -> str:
    """Take an id as text, whether a file holds it as text or as a number: 007 stays 007."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value)


def require_another(negative: str, positive: str) -> None:
    """Refuse a negative that is the positive itself."""
    if negative == positive:
        raise ContractError("STG213", "is identical to the positive")


def require_something(body: str, title: str) -> None:
    """Refuse a document that has neither a text nor a title."""
    if not body and not title:
        raise ContractError("STG211", "is empty, and so is its title")
