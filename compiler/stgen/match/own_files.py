"""Files of the user's own: `FILE.py:NAME` -> a module and a name in it, or why neither can be called so in a generated repo."""

from __future__ import annotations

import builtins
import keyword
import sys
import unicodedata

from stgen.language.facts import loss_tables, set_name
from stgen.language.semantics.names import bad_name
from stgen.language.spec import Spec
from stgen.rules.modules import IMPORTED, OWN_MODULES, SET_MODULES
from stgen.rules.taken_names import BEHIND, BOUND, LOADED, STDLIB_OF_SOME


def custom_class(text: str) -> tuple[str, str]:
    """The module and the class of `FILE.py:CLASS`; empty names where the text isn't that."""
    file, _, name = text.rpartition(":")
    return (file.removesuffix(".py"), name) if file.endswith(".py") else ("", "")


def fault_of(module: str, name: str, spec: Spec) -> str:
    """Why there can be no such name in such a module; "" when there can."""
    return _no_name(module) or _no_name(name) or _no_file(module) or taken(module, spec) or _bound(name)


def taken(module: str, spec: Spec) -> str:
    """Why no file of the user's can have the name of this module; "" when it can. Upper and lower case are one on some disks."""
    names = [set_name(spec, index) for index in range(len(spec.data))]
    generated = OWN_MODULES | {f"{kind}_{name}".lower() for name in names if name for kind in SET_MODULES}
    if module.lower() in generated:
        return f"{module.lower()}.py is a file of the generated repo"
    if spelled := [other for other in own_modules(spec) if other.lower() == module.lower() and other != module]:
        return f"{module}.py and {spelled[0]}.py are one file where case doesn't count"
    if module in IMPORTED | BEHIND | STDLIB_OF_SOME or module in sys.stdlib_module_names:
        return f"{module}.py would hide the package {module} from the generated repo"
    return ""


def own_modules(spec: Spec) -> list[str]:
    """The modules of the user's own that a spec names: those of losses, then those of metrics."""
    losses = [table.custom for table in loss_tables(spec) if table.custom]
    return [custom_class(text)[0] for text in (*losses, *spec.metrics.custom)]


def is_name(text: str) -> bool:
    """Whether Python takes a text for one name, and for this one."""
    return not _no_name(text)


def _no_name(text: str) -> str:
    if not text.isidentifier() or keyword.iskeyword(text):
        return f"`{text}` can't be the name of a Python module, class or function"
    if (read := unicodedata.normalize("NFKC", text)) != text:
        return f"Python reads `{text}` as `{read}`"
    return ""


def _no_file(module: str) -> str:
    if reason := bad_name(f"{module}.py"):
        return f"the name of a file can't {reason}: {module[:30]}{'...' * (len(module) > 30)}.py"
    if module.lower() in LOADED:
        return f"{module}.py {LOADED[module.lower()]}"
    if module.startswith("test_") or module.endswith("_test"):
        return f"{module}.py is where pytest would look for tests"
    return ""


def _bound(name: str) -> str:
    if name in BOUND or name.startswith("__") or hasattr(builtins, name):
        return f"`{name}` is something else where the generated programs call it"
    return f"`{name}` is longer than any name" if len(name) > LONGEST else ""


LONGEST = 100  # characters of a class or function that fits a line
