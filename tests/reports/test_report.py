import ast
import csv
import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browser import AXE, check_barriers
from signnet.errors import SettingsError
from signnet.evaluation.evaluation import Evaluation, evaluate
from signnet.evaluation.predictions import Predictions
from signnet.reports import evaluation as report
from signnet.reports.charts import learning_curve
from signnet.reports.markup import subject_html
from signnet.reports.matrix import confusion_matrix
from signnet.reports.tables import write_table

WEB = Path(report.__file__).parent.parent / "web"
FONT = WEB / "vendor" / "noto-sans-bengali-400.woff2"

GLOSSES = ("পানি", "বই", "মা", "স্কুল", "বিশ্ববিদ্যালয়", "ক্ষমা", "WATER")

HOSTILE = ("<script>alert('বই')</script>\"&", '<script>alert(1)</script>"&')

CURVES: list[dict[str, Any]] = [
    {
        "epoch": epoch,
        "train_loss": 4 / epoch,
        "train_top1": 1 - 1 / epoch,
        "validation_loss": 4.5 / epoch,
        "validation_top1": None if epoch == 3 else 0.9 - 0.9 / epoch,
    }
    for epoch in range(1, 21)
]

needs_font = pytest.mark.skipif(
    not FONT.is_file(), reason="no Bangla font: npm ci --prefix src/signnet/web"
)


def judged(glosses: tuple[str, ...] = GLOSSES, *, clips: int = 60) -> Evaluation:
    rng = np.random.default_rng(4)
    truth = rng.integers(len(glosses), size=clips)
    logits = rng.normal(size=(clips, len(glosses)))
    logits[np.arange(clips), truth] += 2
    table = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return evaluate(
        Predictions(
            names=tuple(f"{glosses[t]}__S01__rep{i:02}" for i, t in enumerate(truth)),
            vocabulary=glosses,
            probabilities=table.astype(np.float32),
            glosses=tuple(glosses[index] for index in truth),
            signers=tuple(f"S{number % 6}" for number in range(clips)),
            sessions=tuple(f"S{number % 6}/sess01" for number in range(clips)),
            expressions=tuple(("happy", "sad")[n % 2] for n in range(clips)),
            held_out="clips (same sessions and signers as in training)",
            abstain_below=0.5,
        )
    )


def write(out: Path, evaluation: Evaluation, **more: Any) -> str:
    given: dict[str, Any] = {"title": "Words", "facts": {"Seed": "7"}, "curves": CURVES}
    page = report.write_report(evaluation, out, **(given | more))
    return page.read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Collect the tags of a page and refuse ends that do not fit."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, unless it is one that has no end."""
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "wbr", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag


def test_every_tag_is_closed_in_its_place(tmp_path: Path) -> None:
    assert Tags(write(tmp_path, judged())).open == []


def test_the_headline_says_what_was_held_out_and_how_sure_it_is(
    tmp_path: Path,
) -> None:
    evaluation = judged()
    page = write(tmp_path, evaluation).replace("\u2060", "").replace("\u00a0", " ")
    page = re.sub(r'<span class="bn".*?</span>|<[^>]*>', "", page)
    low, high = evaluation.top1_ci95
    assert f"{100 * low:.1f}–{100 * high:.1f} %" in page
    assert "Held out: clips (same sessions and signers as in training)" in page
    assert "For new signers like these 6" in page
    assert f"{100 / len(GLOSSES):.1f} %" in page


@pytest.mark.parametrize("name", HOSTILE, ids=["bangla", "latin"])
def test_hostile_names_stay_text(tmp_path: Path, name: str) -> None:
    evaluation = judged((name, "পানি"))
    page = write(tmp_path, evaluation, title=name, facts={name: name})
    tags = Tags(page)
    assert tags.open == []
    assert [tag for tag, _ in tags.found].count("script") == 1, "our own"
    events = [key for _, found in tags.found for key in found if key.startswith("on")]
    assert events == []
    assert "&lt;script&gt;" in page


def test_the_headline_is_followed_by_how_sure_the_model_is(tmp_path: Path) -> None:
    evaluation = judged()
    page = write(tmp_path, evaluation)
    sure = evaluation.sure
    assert sure is not None
    assert sure.top1 is not None
    assert "It is sure from a probability of 50.0" in page
    assert f"{sure.clips} / 60" in page
    assert f"{sure.correct} / {sure.clips}" in page
    assert f"{100 * evaluation.risk_coverage.area:.1f}" in page
    assert 'class="curve"' in page
    silent = write(tmp_path, one_clip("বই"))
    assert "It is sure" not in silent
    assert 'class="curve"' in silent


def test_a_model_that_is_sure_of_nothing_has_a_report_too(tmp_path: Path) -> None:
    page = write(tmp_path, one_clip("বই", abstain_below=0.99))
    assert "0 / 0" in page
    assert Tags(page).open == []


def test_a_default_heading_is_in_both_languages(tmp_path: Path) -> None:
    heading = subject_html("{model} on {data}", {"model": "run 7", "data": "শব্দ"})
    shown = BanglaView(write(tmp_path, judged(), heading=heading)).shown
    assert "উপাত্তে" in shown
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "run 7" in page, "digits of a name stay"
    assert "run ৭" not in page


def test_the_page_names_no_outside_address(tmp_path: Path) -> None:
    page = write(tmp_path, judged())
    assert re.findall(r"(?:https?:)?//[\w.]+", re.sub(r"base64,[^\"]+", "", page)) == []
    assert "default-src 'none'" in page


def test_bangla_is_marked_as_bangla(tmp_path: Path) -> None:
    page = write(tmp_path, judged())
    assert '<span lang="bn">স্কুল</span>' in page
    assert 'lang="bn">WATER' not in page


_UNSEEN = ("style", "title", "script")


class BanglaView(HTMLParser):
    """Collect what a reader of Bangla sees, without names, glosses and facts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hidden: list[bool] = []
        self.shown: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether an element, or the one around it, is left out."""
        if tag in ("meta", "br", "wbr", "input"):
            return
        classes = (dict(attrs).get("class") or "").split()
        is_hidden = {"en", "name", "facts"} & {*classes} or tag in _UNSEEN
        self.hidden.append(bool(is_hidden) or any(self.hidden[-1:]))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        """Go back to the element around it."""
        self.hidden.pop()

    def handle_data(self, data: str) -> None:
        """Keep a text that is seen."""
        if not any(self.hidden[-1:]):
            self.shown.append(data.strip())


def test_a_reader_of_bangla_sees_bangla_digits_only(tmp_path: Path) -> None:
    shown = BanglaView(write(tmp_path, judged())).shown
    assert any("০" <= letter <= "৯" for text in shown for letter in text)
    lone = r"(?<![A-Za-z0-9_])[0-9]"  # not of a name such as S1 or F1
    assert [text for text in shown if re.search(lone, text)] == []


def test_each_sentence_of_the_reports_has_a_translation() -> None:
    folder = Path(report.__file__).parent
    known = json.loads((folder / "bangla.json").read_text("utf-8"))
    calls = (
        node
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "bilingual"
    )
    said = {one.args[0].value for one in calls if isinstance(one.args[0], ast.Constant)}
    assert len(said) > 50
    assert said - known.keys() == set()


def test_figures_stand_beside_the_page(tmp_path: Path) -> None:
    evaluation = judged()
    write(tmp_path, evaluation)
    text = (tmp_path / "evaluation.json").read_text("utf-8")
    assert "পানি" in text, "Bangla is written as it is"
    figures = json.loads(text)
    assert figures["top1"] == evaluation.top1
    assert figures["facts"] == {"Seed": "7"}
    with (tmp_path / "per_gloss.csv").open(encoding="utf-8-sig") as file:
        rows = {row["gloss"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(evaluation.per_gloss)
    assert float(rows["মা"]["top1"]) == evaluation.per_gloss["মা"].top1


def test_clips_outside_the_vocabulary_are_named(tmp_path: Path) -> None:
    predictions = Predictions(
        names=("first", "second"),
        vocabulary=("বই", "মা"),
        probabilities=np.array([[0.9, 0.1], [0.8, 0.2]], np.float32),
        glosses=("বই", "নদী"),
        signers=(None, None),
        sessions=(None, None),
        expressions=(None, None),
        held_out="nothing",
    )
    page = write(tmp_path, evaluate(predictions))
    assert "Clips outside the vocabulary" in page
    assert "By signer" not in page


def one_clip(
    gloss: str, *, clips_in_training: int = 0, abstain_below: float = 0.0
) -> Evaluation:
    """Score a model of two glosses that predicts বই for its only clip."""
    return evaluate(
        Predictions(
            names=("first",),
            vocabulary=("বই", "মা"),
            probabilities=np.array([[0.9, 0.1]], np.float32),
            glosses=(gloss,),
            signers=(None,),
            sessions=(None,),
            expressions=(None,),
            held_out="clips",
            clips_in_training=clips_in_training,
            abstain_below=abstain_below,
        )
    )


@pytest.mark.parametrize(
    ("evaluation", "reason"),
    [
        (one_clip("নদী"), "outside the model's vocabulary"),
        (one_clip("বই", clips_in_training=1), "was trained on 1 of these 1 clips"),
        (one_clip("বই"), None),
    ],
    ids=["foreign", "trained on", "new"],
)
def test_a_figure_that_says_little_is_amber_with_the_reason(
    tmp_path: Path, evaluation: Evaluation, reason: str | None
) -> None:
    page = write(tmp_path, evaluation)
    assert ('class="doubtful"' in page) == ('class="caution"' in page)
    assert ('class="caution"' in page) == (reason is not None)
    assert reason is None or reason in page


def test_names_in_a_table_are_no_formulas_of_a_spreadsheet(tmp_path: Path) -> None:
    rows = [{"=gloss": "=cmd|'/c calc'!A0", "top1": -0.5}, {"=gloss": "@x", "top1": 1}]
    write_table(rows, tmp_path / "table")
    lines = (tmp_path / "table.csv").read_text("utf-8-sig").splitlines()
    assert lines == ["'=gloss,top1", "'=cmd|'/c calc'!A0,-0.5", "'@x,1"]


def test_a_faultless_model_has_a_report_too(tmp_path: Path) -> None:
    predictions = Predictions(
        names=("only",),
        vocabulary=("বই",),
        probabilities=np.ones((1, 1), np.float32),
        glosses=("বই",),
        signers=("S01",),
        sessions=(None,),
        expressions=(None,),
        held_out="nothing",
    )
    page = write(tmp_path, evaluate(predictions), curves=(), facts={})
    assert "There are no mistakes" in page
    assert "Learning curves" not in page
    assert Tags(page).open == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"cannot write .*file"):
        write(tmp_path / "file", judged())


def test_only_the_files_of_an_earlier_report_are_replaced(tmp_path: Path) -> None:
    write(tmp_path / "ours", one_clip("বই"))
    assert "WATER" in write(tmp_path / "ours", one_clip("WATER"))
    (tmp_path / "per_gloss.csv").write_text("mine")
    with pytest.raises(
        SettingsError, match=r"holds per_gloss\.csv, but no report.html of"
    ):
        write(tmp_path, one_clip("বই"))
    assert [one.name for one in tmp_path.glob("per_*")] == ["per_gloss.csv"]
    assert (tmp_path / "per_gloss.csv").read_text() == "mine"


def test_a_matrix_cell_says_what_was_taken_for_what() -> None:
    drawn = confusion_matrix(("পানি", "বই"), np.array([[3, 1], [0, 2]]))
    assert "<title>পানি → বই: 1 / 4</title>" in drawn
    assert drawn.count('class="cell') == 3
    assert drawn.count("cell miss-1") == 1


def test_a_large_vocabulary_keeps_the_page_small() -> None:
    drawn = confusion_matrix([f"W{n}" for n in range(250)], np.eye(250, dtype=np.int64))
    assert len(drawn) < 250_000


def test_curves_leave_out_what_was_not_measured() -> None:
    rows = [
        {"epoch": 1, "train_loss": 2.0, "validation_loss": float("nan")},
        {"epoch": 2, "train_loss": 1.0, "validation_loss": None},
    ]
    drawn = learning_curve(rows, "loss", share=False)
    assert 'class="train"' in drawn
    assert 'class="validation"' not in drawn
    assert "nan" not in drawn


def test_one_epoch_is_a_curve_too() -> None:
    assert "<path" in learning_curve(CURVES[:1], "top1", share=True)
    assert "Not recorded" in learning_curve([{"epoch": 1}], "loss", share=False)


@needs_font
def test_the_bangla_font_is_inside_the_page(tmp_path: Path) -> None:
    assert 'url("data:font/woff2;base64,d09GMg' in write(tmp_path, judged())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install playwright"
    )
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium: apt-get install chromium")
    switches = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
        "--disable-background-networking --disable-component-update"
    )
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=chromium, args=switches.split()
        )
        yield opened
        opened.close()


def show(browser: Any, page: Path, *, width: int, scheme: str) -> Any:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme
    )
    shown = context.new_page()
    shown.asked = []
    shown.on("request", lambda request: shown.asked.append(request.url))
    shown.goto(page.as_uri())
    shown.evaluate("document.fonts.ready.then(() => true)")
    return shown


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    many = tuple(f"{gloss}{n}" for gloss in GLOSSES for n in range(8))
    write(out, judged(many, clips=150), title="শব্দ")
    return out / "report.html"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_never_scrolls_sideways(browser: Any, page: Path, width: int) -> None:
    shown = show(browser, page, width=width, scheme="light")
    shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    shown.context.close()


def test_the_matrix_scrolls_in_its_own_box_and_keeps_its_names(
    browser: Any, page: Path
) -> None:
    shown = show(browser, page, width=390, scheme="light")
    box, names = shown.locator(".matrix").first, shown.locator(".rows").first
    before = names.bounding_box()
    box.evaluate("box => box.scrollLeft = 300")
    assert box.evaluate("box => box.scrollLeft") == 300
    assert names.bounding_box()["x"] == before["x"]
    shown.context.close()


def test_a_reader_sorts_filters_and_saves_and_the_page_asks_for_nothing(
    browser: Any, page: Path, tmp_path: Path
) -> None:
    shown = show(browser, page, width=390, scheme="dark")
    shown.locator("label", has_text="বাংলা").click()
    label = shown.locator("[data-name=risk-coverage]").get_attribute("aria-label")
    assert "ক্লিপ" in label
    table = shown.locator(".sortable", has_text="All glosses")
    button = table.locator("thead button").nth(1)
    for order, ends in (("ascending", (0, -1)), ("descending", (-1, 0))):
        button.press("Enter")
        assert table.locator("[aria-sort]").get_attribute("aria-sort") == order
        rights = table.locator("td:nth-child(3) .en").all_text_contents()
        shares = [int(right) / int(of) for right, of in map(split, rights)]
        assert shares[ends[0]] == min(shares) < max(shares) == shares[ends[1]]
    shown.locator("section", has=table).get_by_role("searchbox").fill("স্কুল3")
    found = table.locator("tbody tr:visible").all_text_contents()
    assert 0 < len(found) < len(rights)
    assert all("স্কুল3" in row for row in found)
    with shown.expect_download() as download:
        shown.locator(".save").first.click()
    download.value.save_as(tmp_path / "chart.svg")
    drawn = (tmp_path / "chart.svg").read_text("utf-8")
    assert ET.fromstring(drawn).get("width") == "400"
    assert "ক্লিপের অংশ" in drawn
    assert "share of clips" not in drawn, "one language only"
    assert 'fill="rgb(' in drawn
    outside = [url for url in shown.asked if not url.startswith(("file:", "data:"))]
    assert outside == []
    shown.context.close()


def split(fraction: str) -> list[str]:
    return fraction.split(" / ")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.skipif(
    not AXE.is_file(), reason="no axe-core: npm ci --prefix src/signnet/web"
)
@pytest.mark.slow
def test_axe_finds_no_barrier(
    browser: Any, page: Path, width: int, scheme: str
) -> None:
    shown = show(browser, page, width=width, scheme=scheme)
    shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    check_barriers(shown)
    shown.context.close()


@needs_font
def test_conjuncts_are_shaped_by_the_carried_font(browser: Any, page: Path) -> None:
    shown = show(browser, page, width=390, scheme="light")
    assert shown.evaluate("document.fonts.check('16px \"Signnet Bengali\"', 'স্ক')")
    width = """text => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = '100px "Signnet Bengali"';
        return pen.measureText(text).width;
    }"""
    joined, apart = (shown.evaluate(width, text) for text in ("স্ক", "স্\u200cক"))
    assert 0 < joined < apart
    shown.context.close()
