"""Texts, lists of texts, and ids."""

from typing import Any

from .contract import ContractError, quote


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
