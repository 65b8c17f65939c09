"""Says in the end how many rows of the matrix were trained."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("passed", [])
    trained = sum("/test_matrix.py::test_trains[" in report.nodeid for report in reports)
    if trained:
        terminalreporter.write_line(f"matrix: {trained} rows trained")
