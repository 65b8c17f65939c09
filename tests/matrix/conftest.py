"""Says in the end how many rows of the matrix were trained."""

from __future__ import annotations

import pytest

TRAINED: list[str] = []
"""The ids of the cases that went all the way: trained, saved, loaded, compared."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TRAINED:
        terminalreporter.write_line(f"matrix: {len(TRAINED)} rows trained")
