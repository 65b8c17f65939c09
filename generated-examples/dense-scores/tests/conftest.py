"""What the tests share: the prepared data, and a tiny model with random weights, so that nothing is downloaded."""

from pathlib import Path

import pytest
from transformers import set_seed

import data
import tiny
from seed import SEED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let CI insist on the data, where skipped tests would pass for a success."""
    parser.addoption("--need-data", action="store_true", help="fail where a file of the data is missing")


def require_files(insist: bool) -> None:
    """Skip the tests where a file of the data is missing, or fail them."""
    missing = [source.name for source in data.SOURCES.values() if not source.there()]
    if missing and insist:
        pytest.fail(f"there is no file {', '.join(missing)}", pytrace=False)
    if missing:
        pytest.skip(f"there is no file {', '.join(missing)}")


@pytest.fixture(scope="session", autouse=True)
def _data_is_here(request: pytest.FixtureRequest) -> None:
    """Skip where a file of the data is missing; fail, and say why, where the data breaks its contract."""
    require_files(insist=request.config.getoption("need_data"))
    try:
        data.load("train")
    except SystemExit as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny model of the same kind as the real base."""
    set_seed(SEED)  # the same weights each time: a test that fails then fails again
    return tiny.build(tmp_path_factory.mktemp("tiny"))
