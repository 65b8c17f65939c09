"""Where things lie that tests read: the checkout, its parts, and the data sets that may stand beside it."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
COMPILER = ROOT / "compiler"
TEMPLATES = ROOT / "templates"
EXAMPLES = ROOT / "generated-examples"
# Not part of the checkout: tests that read it skip where it is absent.
SHARED = ROOT.parent / "shared" / "data"
