"""Prints an Inspection: as an aligned table for people, as JSON for machines."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from stgen.inspection.inspecting import ColumnFacts, Inspection
from stgen.inspection.proposal import columns_in
from stgen.rows.batches import counted
from stgen.values.wrapping import WIDTH, hung

BAR = 30  # characters of the longest bar of a histogram
CELL = 24  # characters of a value that are shown
NAME = 10  # of a column's name that a table shows at the least
HEAD = ("column", "type", "none", "empty", "distinct", "words", "tokens", "range")


def inspection_text(found: Inspection) -> str:
    """What people read."""
    size = f", {_size(found.size)}" if found.size else ""  # what is on the hub has none here
    lines = [f"{found.shown}: {found.rows:,} rows{size}", ""]
    for name, part in found.parts.items():
        lines += [f"{name}: {part.shown}, {part.rows:,} rows", "", *_table(part.columns), *_below(part), ""]
    if found.columns:
        lines += [*_table(found.columns), *_below(found), ""]
    lines += _schema(found) + _losses(found) + _remarks(found)
    return "\n".join(lines).rstrip() + "\n"


def inspection_data(found: Inspection) -> dict[str, Any]:
    """What machines read."""
    return {
        "file": found.shown,
        "rows": found.rows,
        "bytes": found.size,
        "columns": [_column(column) for column in found.columns],
        "repeated_rows": found.repeated,
        "searched_rows": found.searched,
        "sampled_rows": found.sampled,
        "parts": {name: inspection_data(part) for name, part in found.parts.items()},
        "format": found.format.name if found.format else None,
        "proposed": found.guess.columns,
        "why": found.guess.why,
        "unused": list(found.guess.unused),
        "line": found.line or None,
        "losses": [
            {
                "model": offer.model,
                "format": offer.format,
                "losses": list(offer.losses),
                "conversions": list(offer.conversions),
                "consent": offer.consent or None,
                "loses": offer.loses or None,
            }
            for offer in found.offers
        ],
        "remarks": [
            {"code": item.code, "severity": item.severity, "message": item.message, "help": item.help or None}
            for item in found.remarks
        ],
    }


def _column(column: ColumnFacts) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.kind,
        "none": column.none,
        "empty": column.empty,
        "distinct": column.distinct,
        "mean_characters": round(column.characters, 1),
        "words": _three(column.words),
        "estimated_tokens": _three(column.tokens),
        "range": None if column.low is None else [column.low, column.high],
        "items": list(column.items) if column.items else None,
        "histogram": [{"value": value, "rows": rows} for value, rows in column.histogram],
        "repeated": column.repeated,
    }


def _three(values: tuple[int, ...]) -> dict[str, int] | None:
    return dict(zip(("median", "p95", "max"), values, strict=True)) if values else None


# --- text ------------------------------------------------------------------------------------------------------------


def _table(columns: tuple[ColumnFacts, ...]) -> list[str]:
    rows = [HEAD, *(_cells(column) for column in columns)]
    shown = [index for index in range(len(HEAD)) if any(row[index] for row in rows[1:])]
    widths = {index: max(len(row[index]) for row in rows) for index in shown}
    room = max(NAME, WIDTH - sum(widths[index] + 2 for index in shown[1:]) - 2)
    widths[0] = min(widths[0], room)
    rows = [(_cut(name, room), *cells) for name, *cells in rows]
    return ["  " + "  ".join(row[index].ljust(widths[index]) for index in shown).rstrip() for row in rows]


def _cells(column: ColumnFacts) -> tuple[str, ...]:
    if column.items:
        span = (
            f"{column.items[0]} to {column.items[1]} items"
            if column.items[0] != column.items[1]
            else f"{column.items[0]} items"
        )
    else:
        span = "" if column.low is None else f"{column.low:g} to {column.high:g}"
    return (
        _cut(column.name),
        column.kind,
        f"{column.none:,}",
        f"{column.empty:,}",
        "" if column.distinct is None else f"{column.distinct:,}",
        "/".join(map(str, column.words)),
        "/".join(map(str, column.tokens)),
        span,
    )


def _below(found: Inspection) -> list[str]:
    lines = []
    for column in found.columns:
        if column.histogram:
            lines += ["", f"  {_cut(column.name)}", *_bars(column)]
    if found.repeated:
        lines += ["", f"  {counted(found.repeated, 'duplicate row')}"]
    return lines + _basis(found)


def _basis(found: Inspection) -> list[str]:
    """What the figures are, and what is counted in some of the rows alone."""
    words = any(column.words for column in found.columns)
    said, told = [], ["", "  words, tokens: median/95th percentile/longest"] if words else []
    if found.searched < found.rows:
        said.append(f"distinct texts, duplicates and conflicts: in the first {found.searched:,} rows")
    if found.sampled < found.rows and words:
        said.append(f"words and tokens: in {found.sampled:,} rows, spread evenly")
    return told + (["", *_wrapped("  ", f"{'; '.join(said)}; all else in all rows")] if said else [])


def _bars(column: ColumnFacts) -> list[str]:
    most = max(rows for _, rows in column.histogram)
    labels = [_cut(str(value)) for value, _ in column.histogram]
    width = max(map(len, labels))
    # The parts of a range are counted in the rows whose numbers are kept.
    whole = sum(rows for _, rows in column.histogram) if column.kind == "number" else column.rows
    lines = []
    for label, (_, rows) in zip(labels, column.histogram, strict=True):
        bar = "#" * max(1, round(BAR * rows / most))
        lines.append(f"    {label.ljust(width)}  {bar.ljust(BAR)}  {rows:>9,}  {rows / max(1, whole):.1%}")
    if column.distinct and column.distinct > len(labels) and column.kind != "number":
        lines.append(f"    ... and {column.distinct - len(labels):,} more values")
    return lines


def _schema(found: Inspection) -> list[str]:
    if not found.line:
        return ["No roles can be guessed: name them yourself in `columns`.", ""]
    lines = ["What it looks like"] if found.guess.why else []
    for role, why in found.guess.why.items():
        named = f"{_name(found.guess.columns[role])}: " if role in found.guess.columns else ""
        lines += _wrapped(f"  {role:<10} ", f"{named}{why}")
    if found.guess.unused:
        lines += _wrapped("  without a role: ", ", ".join(map(_cut, found.guess.unused)))
    lines += [
        "",
        "To paste into [[data]], once it is what you mean",
        *(f"  {line}" for line in found.line.split("\n")),
        "",
    ]
    if found.format:
        documented = wrap(f"{found.format.name}: {found.format.documented}", WIDTH - 4)
        lines[-1:-1] = [f"  # {line}" for line in documented]
    return lines


def _losses(found: Inspection) -> list[str]:
    if not found.offers:
        return []
    lines = ["Losses that it can feed, best first"]
    automatic = [offer for offer in found.offers if not offer.consent]
    asked = [offer for offer in found.offers if offer.consent]
    for model in dict.fromkeys(offer.model for offer in automatic):
        losses = dict.fromkeys(loss for offer in automatic if offer.model == model for loss in offer.losses)
        lines += _wrapped(f"  {model:<14} ", ", ".join(losses))
    if asked:
        lines += ["", "With a conversion, a line under [loss]"]
    for consent, loses in dict.fromkeys((offer.consent, offer.loses) for offer in asked):
        lines += _wrapped(f"  {consent}  ", f"loses {loses}" if loses else "")
        for offer in asked:
            if (offer.consent, offer.loses) == (consent, loses):
                lines += _wrapped(f"    {offer.model:<14} ", ", ".join(offer.losses))
    return [*lines, ""]


def _remarks(found: Inspection) -> list[str]:
    if not found.remarks:
        return []
    lines = ["Worth a look"]
    for item in found.remarks:
        lines += _wrapped(f"  {item.severity}[{item.code}] ", item.message)
        if item.help and item.severity != "note":
            lines += _wrapped("      ", item.help)
    return lines


def _wrapped(head: str, text: str) -> list[str]:
    """The lines of a text behind its head, as wide as a terminal."""
    return hung(head, _printable(text))


def _name(value: object) -> str:
    return ", ".join(map(_cut, columns_in(value)))


def _cut(text: str, most: int = CELL) -> str:
    shown = _printable(" ".join(text.split()))
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def _printable(text: str) -> str:
    """Without what could steer a terminal: the text comes from a file that may be hostile."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _size(size: int) -> str:
    value, unit = float(size), "bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
