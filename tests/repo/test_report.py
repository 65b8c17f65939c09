"""The report of the generated repo: one file that needs no network, whatever the data holds, on any screen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2
import pytest
from compiling import raw_tree_of, write_tree
from matrix.repos import modules
from stgen.values import quoting

HOSTILE = (
    '</dd></dl><script>document.title="broken"</script><img src=x onerror=document.title="broken">'
    "{{ 7 * 7 }}{% raw %}<style>body{display:none}</style> & \"quotes\" '$x_1$' \u202e" + "endless" * 60
)
NAMES = ("cosine_ndcg@10", "cosine_mrr@10", "<script>$a_1$</script>")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
VOID = {"meta", "br", "hr", "img", "link", "input"}


def measured() -> dict[str, Any]:
    """What evaluate.py writes, with text that means harm wherever text of the data or a name goes."""
    change = {"before": 0.8, "after": 0.85, "change": 0.05, "low": 0.02, "high": 0.08, "p": 0.001}
    return {
        "verdict": "better",
        "base": {"name": HOSTILE, "commit": None, "weights": "sha256:0"},
        "seed": 12,
        "precision": "fp32",
        "measured in": "fp32",
        "device": HOSTILE,
        "repo": None,
        "says": [HOSTILE],
        "main_metric": NAMES[0],
        "examples": 2,
        "before": dict.fromkeys(NAMES, 0.8) | {"only a figure": 0.5},
        "after": dict.fromkeys(NAMES, 0.85) | {"only a figure": 0.5},
        "bm25": {NAMES[0]: 0.7},
        "changes": dict.fromkeys(NAMES, change),
        "better": [{"query": HOSTILE, "relevant": HOSTILE}],
        "worse": [{"query": "a", "relevant": "b"}],
        "versions": {"python": "3.11"},
        "trained with": {"device": HOSTILE, "repo": HOSTILE, "versions": {"python": HOSTILE}},
        "data": {"test": {"rows": 2, "sha256": "0" * 64}},
    }


TRAINING = [
    {"step": 0, "chance_level_loss": 2.5},
    {"step": 1, "warning": HOSTILE},
    {"step": 1, "loss": 2.0, "epoch": 0.5},
    {"step": 2, "loss": 1.5, "epoch": 1.0},
    {"step": 2, "eval_loss": 1.8, f"eval_{NAMES[0]}": 0.82, "epoch": 1.0},
    {"step": 2, "train_runtime": 12.5, "train_loss": 1.75, "epoch": 1.0},
]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo: its report's module and page, and what they import."""
    for package in ("jinja2", "datasets"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("report")
    write_tree(raw_tree_of(""), folder)
    return folder


PREPARED = [
    {"step": "length", "split": "train", "rows_in": 1200, "rows_out": 1100, "seconds": 0.25,
     "removed": [{"reason": "too short", "row": 7, "anchor": HOSTILE, "documents": ["a", "b"]}]},
    {"step": "length", "split": "test", "rows_in": 100, "rows_out": 100, "seconds": 0.05, "removed": []},
    {"step": "exact", "split": "train", "rows_in": 1100, "rows_out": 900, "seconds": 0.5, "removed": []},
]  # fmt: skip
TOOK = {
    "steps": {"planned": 40, "measured": 38},
    "seconds": {"planned": None, "measured": 12.5},
    "peak memory of one process, GiB": {"planned": None, "measured": 1.234},
}
WIDTHS = {"base": {"384": 0.8, "64": 0.5}, "trained": {"384": 0.85, "64": 0.8}}


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a repo that prepares its data, trains Matryoshka embeddings, and has been trained."""
    folder = tmp_path_factory.mktemp("rich")
    fragment = "[prepare]\nlength = { min = 2, unit = 'words' }\n[prepare.deduplicate]\nexact = true\n"
    write_tree(raw_tree_of(f"{fragment}[loss]\nmatryoshka = [384, 64]\n"), folder)
    return folder


def test_the_funnel_shows_what_each_step_removed(rich: Path) -> None:
    page = Page(written(rich, measured() | {"dimensions": WIDTHS}, TRAINING, {"steps": PREPARED}))
    for expected in ("How the data was prepared", "1,200", "1,100", "900", "too short", "Some of what length removed"):
        assert expected in page.text
    assert page.text.count(HOSTILE) == 10
    assert "script" not in page.tags
    assert "Some of what exact removed" not in page.text


def test_a_repo_that_has_not_prepared_here_shows_no_funnel(rich: Path) -> None:
    text = written(rich, measured() | {"dimensions": WIDTHS}, TRAINING)
    assert "How the data was prepared" not in text


def test_the_quality_over_dimensions_is_drawn(rich: Path) -> None:
    text = written(rich, measured() | {"dimensions": WIDTHS}, TRAINING)
    assert "of embeddings that are cut to fewer dimensions" in text
    assert text.count("<svg") == 4


def test_what_was_planned_stands_beside_what_was_measured(repo: Path) -> None:
    page = Page(written(repo, measured(), TRAINING, took=TOOK))
    for expected in ("The training as planned, and as it was", "40", "38", "1.234", "12.5"):
        assert expected in page.text
    assert "as planned" not in written(repo, measured(), TRAINING)


def written(
    repo: Path,
    metrics: dict[str, Any],
    training: list[dict[str, Any]] | None,
    prepared: dict[str, Any] | None = None,
    took: dict[str, Any] | None = None,
) -> str:
    results = repo / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    (results / "metrics.json").write_text(json.dumps(metrics))
    if training is not None:
        (results / "training.json").write_text(json.dumps(training))
    if took is not None:
        (results / "run.json").write_text(json.dumps(took))
    shutil.rmtree(repo / "prepared", ignore_errors=True)
    (repo / "prepared/rows").mkdir(parents=True)
    if prepared is not None:
        (repo / "prepared" / "rows" / "prepare.json").write_text(json.dumps(prepared))
    with modules(repo) as load:
        return load("report").write(results).read_text()


def test_a_run_whose_model_is_not_saved_does_not_tell_of_the_model_before(repo: Path) -> None:
    """A full disk ends a run between its log and its model."""
    took = {"steps": {"planned": 2, "measured": 2}}
    log = [{"step": 2, "delivered": "Step 2 of 2", "run": {"learning_rate": 0.1}}, *TRAINING]
    own, other = (written(repo, measured() | {"run": {"learning_rate": rate}}, log, took=took) for rate in (0.1, 0.2))
    assert own.count("<svg") > other.count("<svg")
    assert ("planned" in own, "planned" in other) == (True, False)
    with modules(repo) as load:
        evaluate = load("evaluate")
        said = [evaluate.read_delivered(repo, {"learning_rate": rate}) for rate in (0.1, 0.2)]
    assert said == ["Step 2 of 2", ""]


class Page(HTMLParser):
    """Collects the elements, their attributes and the text of a page, and holds that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_of_the_data_stays_text(repo: Path) -> None:
    page = Page(written(repo, measured(), TRAINING))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert page.text.count(HOSTILE) == 9
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_nothing_comes_from_a_network(repo: Path) -> None:
    text = written(repo, measured(), TRAINING)
    loaded = [value for name, value in Page(text).attributes if name in ("src", "href", "xlink:href", "data")]
    assert all(value and value.startswith("#") for value in loaded)
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_curves_intervals_and_decisions_are_there(repo: Path) -> None:
    text = written(repo, measured(), TRAINING)
    page = Page(text)
    assert text.count("<svg") == 3
    for expected in (
        "Better",
        "Loss while training",
        "chance level",
        "batch size",
        "MultipleNegativesRankingLoss",
        "0.7000",
        "only a figure",
    ):
        assert expected in page.text
    assert "#010101" not in text
    assert "var(--ink)" in text


def test_a_run_without_a_log_or_changed_examples_has_a_report_too(repo: Path) -> None:
    metrics = measured() | {"better": [], "worse": [], "verdict": "no change"}
    del metrics["bm25"]
    text = written(repo, metrics, None)
    assert text.count("<svg") == 1
    assert "No example changed." in text
    assert "BM25" not in text
    assert 'class="verdict no-change"' in text


def test_the_same_figures_give_the_same_file(repo: Path) -> None:
    assert written(repo, measured(), TRAINING) == written(repo, measured(), TRAINING)


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize("width", [390, 1000])
def test_a_browser_runs_no_script_and_needs_no_sideways_scrolling(rich: Path, tmp_path: Path, width: int) -> None:
    """A script of the test's own, put at the end, writes what it sees into the title."""
    see = "<script>document.title = document.title + '|' + document.documentElement.scrollWidth</script>"
    page = tmp_path / "report.html"
    text = written(rich, measured() | {"dimensions": WIDTHS}, TRAINING, {"steps": PREPARED}, TOOK)
    page.write_text(text.replace("</body>", see + "</body>"))
    title = re.search("<title>(.*)</title>", browse(page, tmp_path, "--dump-dom", f"--window-size={width},900"))
    assert title is not None
    name, _, seen = title[1].rpartition("|")
    assert name.endswith(": better")
    # Headless Chromium's window is never narrower than 500 pixels.
    assert int(seen) <= max(width, 500)


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_narrow_screen_keeps_every_column_of_the_metrics(repo: Path, tmp_path: Path) -> None:
    cells = "[...document.querySelectorAll('.metrics td')].map(cell => cell.getBoundingClientRect())"
    see = f"<script>document.title = {cells}.filter(box => box.width && box.right <= innerWidth).length</script>"
    page = tmp_path / "report.html"
    text = written(repo, measured(), TRAINING)
    page.write_text(text.replace("</body>", see + "</body>"))
    title = re.search("<title>(.*)</title>", browse(page, tmp_path, "--dump-dom", "--window-size=500,900"))
    # Seven columns of three metrics, and four of the one that is but a figure; BM25 has only measured the first.
    assert title is not None
    assert int(title[1]) == 7 + 2 * 6 + 4
    for column in ("95% CI", "p", "BM25"):
        assert f'data-column="{column}"' in text


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_narrow_screen_shows_every_figure_of_every_table(rich: Path, tmp_path: Path) -> None:
    """What must be scrolled to is not seen."""
    figures = "[...document.querySelectorAll('td.number:not(:empty)')].map(cell => cell.getBoundingClientRect())"
    see = f"<script>const figures = {figures}; document.title = figures.filter(box => box.right > innerWidth).length + ' of ' + figures.length</script>"
    page = tmp_path / "report.html"
    text = written(rich, measured() | {"dimensions": WIDTHS}, TRAINING, {"steps": PREPARED}, TOOK)
    page.write_text(text.replace("</body>", see + "</body>"))
    title = re.search("<title>(.*)</title>", browse(page, tmp_path, "--dump-dom", "--window-size=500,900"))
    assert title is not None
    assert title[1] == "0 of 36"


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_phone_shows_every_table_without_scrolling_sideways(rich: Path, tmp_path: Path) -> None:
    """The reasons of decisions hold addresses, which are longer than a phone is wide."""
    wider = "[...document.querySelectorAll('.wide')].filter(box => box.scrollWidth > box.clientWidth)"
    see = f"<style>body {{ width: 360px }}</style><script>document.title = {wider}.map(box => box.innerText)</script>"
    page = tmp_path / "report.html"
    text = written(rich, measured() | {"dimensions": WIDTHS}, TRAINING, {"steps": PREPARED}, TOOK)
    page.write_text(text.replace("</body>", see + "</body>"))
    title = re.search("<title>(.*)</title>", browse(page, tmp_path, "--dump-dom", "--window-size=500,900"))
    assert "https://" in text
    assert title is not None
    assert title[1] == ""


def test_what_was_decided_is_text_in_the_page_and_in_its_template(repo: Path) -> None:
    hostile = "{{ 7 * 7 }}{% raw %}<img src=x>'\""
    page = Page(f"<p>{quoting.page(hostile)}</p>")
    assert page.text == hostile
    assert page.tags == {"p"}
    assert jinja2.Environment().from_string(quoting.page(hostile)).render() == quoting.page(hostile)


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_the_page_follows_the_readers_colours(repo: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(written(repo, measured(), TRAINING))
    shots = []
    for scheme in (0, 1):
        shot = tmp_path / f"{scheme}.png"
        browse(page, tmp_path, f"--screenshot={shot}", f"--blink-settings=preferredColorScheme={scheme}")
        shots.append(shot.read_bytes())
    assert shots[0] != shots[1]


def browse(page: Path, folder: Path, *flags: str) -> str:
    """Open a page in a headless browser with a profile of its own."""
    # fmt: off
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}", *flags, page.as_uri(),
    ]
    # fmt: on
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
