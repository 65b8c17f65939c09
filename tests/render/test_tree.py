"""The Tree takes no path that some file system wouldn't, or that leaves the folder."""

from __future__ import annotations

import pytest
from stgen.render.tree import File, Tree, parents


def test_is_sorted_whatever_the_order_in_which_files_came():
    tree = Tree({"b.py": File("b"), "a/z.py": File("z"), "a.py": File("a")})
    assert list(tree) == ["a.py", "a/z.py", "b.py"]
    assert tree["a/z.py"].data == b"z"


def test_parents_of_a_path():
    assert parents("a/b/c.py") == ("a", "a/b")
    assert parents("c.py") == ()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../up.py",
        "a/../b.py",
        "./a.py",
        "a//b.py",
        "a/",
        "a\\b.py",
        "C:/x.py",
        "a\nb.py",
        "a\x00b",
        "what?.py",
        "CON",
        "nul.txt",
        "sub/com1.py",
        "dot.",
        "blank ",
        ".git/hooks/pre-commit",
        ".GIT/config",
        ".stgen/manifest.json",
        "x" * 256,
        "é" * 128,
    ],
)
def test_refuses(path):
    with pytest.raises(ValueError, match=r"path|name|file system"):
        Tree({path: File("")})


@pytest.mark.parametrize(
    "path", [".gitignore", ".github/workflows/ci.yml", "connect.py", "a b.py", "x" * 255, "naïve.py"]
)
def test_takes(path):
    assert list(Tree({path: File("")})) == [path]


@pytest.mark.parametrize(
    ("one", "other"),
    [("README.md", "readme.md"), ("Tests/a.py", "tests/b.py"), ("caf\u00e9.py", "cafe\u0301.py"), ("a", "a/b")],
)
def test_refuses_two_names_of_one_file(one, other):
    with pytest.raises(ValueError, match=r"case doesn't count|a file and a folder"):
        Tree({one: File(""), other: File("")})
