"""Writes a new project: a Project -> a folder with spec, data, CI and pre-commit hooks, in place all at once or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator

from stgen import __version__
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.render.datafolder import data_folder
from stgen.rules.pins import DEV
from stgen.scaffold.project import SAMPLE_SPLITS, Project, spec_text
from stgen.values.quoting import markdown
from stgen.values.unfinished import folder_beside

TEMPLATE = os.path.join(data_folder("templates"), "new")
SAMPLES = os.path.join(TEMPLATE, "samples")
SAMPLE_FILES = (*SAMPLE_SPLITS.values(), "data/README.md")
GIT = ".git"  # a repository that was just made or cloned has nothing else in it
SAMPLE_DATA = "Sample data with which the whole way can be tried; `data/README.md` states its source and licence. Put your own in its place."
OWN_DATA = "`{}` names the data, and which column holds what. Large data belongs outside of version control."
# Where the rows are in version control, what holds the spec against them can run there.
ROWS_HERE = ("stgen validate --data", "The spec, and the rows of the data. Without --data where they are not in git.")
ROWS_ELSEWHERE = ("stgen validate", "The spec alone, as the rows are not in git. With --data where they can be read.")


def taken(folder: str) -> Diagnostic | None:
    """Why no project can be written into a folder; None where it is empty or not there yet."""
    if os.path.lexists(folder) and not os.path.isdir(folder):
        return _refused(folder, "is not a folder")
    try:
        held = sorted(set(os.listdir(folder)) - {GIT}) if os.path.isdir(folder) else []
    except OSError as error:
        return disk_refuses(folder, error)
    return _refused(folder, f"is not empty: it holds {_listed(held)}") if held else None


def scaffold(project: Project, folder: str) -> list[str]:
    """Write the project and return its files, by path. Raises OSError, and then nothing of it is left."""
    target = os.path.realpath(folder)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with folder_beside(target) as beside:
        made = os.path.join(beside, "project")
        _render(project, made)
        _add_data(project, made)
        files = sorted(_files(made))
        _put(made, target)
    return files


def disk_refuses(path: str, error: OSError) -> Diagnostic:
    """The finding that a file can't be read or written."""
    return Diagnostic(
        "STG304",
        f"can't write `{path}`: {error.strerror or error}",
        help="solve this, or name another folder; nothing is left of the attempt",
        file=path,
    )


def _refused(folder: str, what: str) -> Diagnostic:
    return Diagnostic(
        "STG330",
        f"`{folder}` {what}, so nothing was written",
        help="name another folder, or move what is there out of the way",
        file=folder,
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _render(project: Project, made: str) -> None:
    """Let cookiecutter render its template: away from home and from any configuration, with nothing to run.

    The spec goes in as one value, which is printed and not rendered. It happens in a folder whose path is ours,
    because cookiecutter takes the path that it writes to for a template as well.
    """
    from cookiecutter.generate import generate_context, generate_files

    validate, rows = ROWS_HERE if project.sample or project.copies else ROWS_ELSEWHERE
    values = {
        "title": markdown(project.name),
        "use": markdown(project.use),
        "data": SAMPLE_DATA if project.sample else OWN_DATA.format(project.spec_name),
        "spec_name": project.spec_name,
        "spec": spec_text(project),
        "stgen": f"stgen[data]=={__version__}",
        "validate": validate,
        "rows": rows,
        "ruff": f"v{DEV['ruff']}",
    }
    context = generate_context(os.path.join(TEMPLATE, "cookiecutter.json"), extra_context=values)
    with tempfile.TemporaryDirectory(prefix="stgen-") as stage:
        rendered = generate_files(TEMPLATE, context, stage, accept_hooks=False)
        for path in _files(rendered):  # one by one: the error of a whole folder is a list of all of its files
            _copy(os.path.join(rendered, path), os.path.join(made, path))


def _add_data(project: Project, made: str) -> None:
    """Copy the sample or the user's files. They are data, and no template."""
    if project.sample:
        for path in SAMPLE_FILES:
            _copy(os.path.join(SAMPLES, project.sample, os.path.basename(path)), os.path.join(made, path))
        return
    for source, path in project.copies:
        _copy(source, os.path.join(made, path))
        shutil.copymode(source, os.path.join(made, path))  # who may not read the data may not read their copy


def _copy(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)


def _files(folder: str) -> Iterator[str]:
    for top, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(top, name), folder).replace(os.sep, "/")


def _put(made: str, target: str) -> None:
    """Move the finished project into place: in one step, or name by name into a folder that is there already."""
    if not os.path.lexists(target):
        os.rename(made, target)
        return
    moved: list[str] = []
    try:
        for name in sorted(os.listdir(made)):
            _move(os.path.join(made, name), os.path.join(target, name))
            moved.append(name)
    except BaseException:  # whoever stops stgen doesn't want half a project either
        for name in moved:
            os.rename(os.path.join(target, name), os.path.join(made, name))
        raise


def _move(source: str, target: str) -> None:
    """Move a file or a folder to where nothing is. Raises FileExistsError for what came there meanwhile: it is somebody's."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "it appeared while the project was being written", target)
    if os.path.isdir(source):
        os.rename(source, target)  # which replaces no file, and no folder that holds anything
        return
    try:
        os.link(source, target)  # unlike a rename, it never replaces what is there
    except FileExistsError:
        raise
    except OSError:
        os.rename(source, target)  # a file system without hard links
        return
    os.unlink(source)
