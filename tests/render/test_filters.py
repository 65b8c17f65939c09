"""The filters of templates: what they print is code of the target language, and nothing else gets through."""

from __future__ import annotations

import pytest
from stgen.render.filters import each


def test_names_stand_in_the_places_that_the_pattern_has_for_them() -> None:
    assert each(("cleaner", "leak_finder"), "{}: str, ") == "cleaner: str, leak_finder: str, "
    assert each((), "options.{}, ") == ""


@pytest.mark.parametrize("name", ["", "a b", "1st", "class", "a); import os", "a{0}"])
def test_what_is_no_name_never_becomes_code(name: str) -> None:
    with pytest.raises(ValueError, match="not a Python name"):
        each((name,), "{}, ")
