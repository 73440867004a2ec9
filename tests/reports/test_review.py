"""Doubtful clips are decided about on a page, and its CSV is an index."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from browser import SWITCHES
from signnet.clip import Clip
from signnet.dataset import Dataset, write_dataset
from signnet.doctor.likeness import (
    Likeness,
    Near,
    Twins,
    compare_forms,
    compare_vectors,
)
from signnet.doctor.naming import name_clips
from signnet.doctor.rules import Finding
from signnet.formats import ImportSettings, read, write_poses
from signnet.labels import read_index
from signnet.recognise.recogniser import Prediction, Recogniser
from signnet.reports.review import cases_of, write_review

FOUND = Finding(kind="few hands", says="", clips=())


@pytest.fixture
def data(corpus: list[Clip]) -> Dataset:
    return Dataset.of_clips(corpus[:6])


def around(rng: np.random.Generator, axis: int, count: int, spread: float = 0.1) -> np.ndarray:  # fmt: skip  # noqa: E501
    """Give unit vectors near an axis of eight."""
    points = np.eye(8)[axis] + spread * rng.normal(size=(count, 8))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_twins_variants_and_odd_clips_are_found() -> None:
    rng = np.random.default_rng(0)
    forms = {"A": [0] * 12, "B": [0] * 12, "TWO": [1] * 4 + [2] * 3, "D": [4] * 4}
    glosses = [gloss for gloss, axes in forms.items() for _ in axes] + ["C"] * 6
    axes = [axis for own in forms.values() for axis in own] + [3] * 5 + [4]
    vectors = np.concatenate([around(rng, axis, 1) for axis in axes])
    names = [f"{gloss}-{n}" for n, gloss in enumerate(glosses)]
    found = compare_vectors(names, glosses, vectors)
    assert [twins.glosses for twins in found.twins] == [("A", "B")]
    (variants,) = found.variants
    assert variants.gloss == "TWO"
    assert sorted(map(len, variants.forms)) == [3, 4]
    assert found.odd[0] == names[-1]
    assert found.nearest[names[-1]][0].gloss == "D"


def doubts(data: Dataset) -> Likeness:
    first, second, third = data.names[:3]
    near = (Near("OTHER", 0.9, second),)
    twins = Twins(("A", "B"), (0.5, 0.5), (third, second))
    return Likeness({first: near}, (first,), (twins,), ())


def test_each_doubt_becomes_a_case_with_a_clip_beside_it(data: Dataset) -> None:
    last = data.names[5]
    finding = Finding(kind="few hands", says="", clips=(last,))
    cases = {case.clip: case for case in cases_of(data, [finding], doubts(data))}
    assert set(cases) == {*data.names[:3], last}
    assert cases[data.names[0]].to_json()["reasons"] == ["looks like OTHER"]
    assert cases[data.names[0]].beside == data.names[1]
    assert cases[last].beside is None


def test_a_clip_without_a_gloss_is_offered_what_the_model_sees(data: Dataset) -> None:
    clips = [clip.with_landmarks(clip.landmarks, gloss=None) for clip in data]
    unnamed = Dataset.of_clips(clips)
    model = Recogniser.open("bdsl55")
    named = name_clips(unnamed, model)
    cases = cases_of(unnamed, [], compare_forms(unnamed, model), named)
    assert [case.clip for case in cases] == list(data.names)
    assert all(case.to_json()["reasons"] == ["no gloss"] for case in cases)
    best = [model.recognise(clip).gloss for clip in clips]
    assert [case.guesses[0][0] for case in cases] == best
    assert name_clips(unnamed, Recogniser.open("base")) == {}


def test_decisions_by_key_become_an_index_that_import_reads(
    data: Dataset, tmp_path: Path
) -> None:
    pytest.importorskip("pose_format", reason="needs the pose extra")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs a browser")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium: apt-get install chromium")
    cases = cases_of(data, [], doubts(data))
    near = Prediction("শব্দ, নতুন", 0.7), Prediction('"নতুন", শব্দ', 0.2)
    cases[2] = replace(cases[2], named=near)
    page_file = write_review(data, cases, tmp_path / "out", title="<b>words</b>")
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=program, args=SWITCHES)
        context = browser.new_context(accept_downloads=True)
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda one: problems.append(one.text))
        page.on("pageerror", lambda one: problems.append(str(one)))
        page.goto(page_file.as_uri())
        assert page.locator(".case.now").get_attribute("data-clip") == cases[0].clip
        page.keyboard.press("a")
        page.keyboard.press("d")
        page.keyboard.press("r")
        page.keyboard.type("ভুল")
        page.keyboard.press("Enter")
        # A dialog tells that it was closed only a little later.
        page.locator("#left", has_text="0 undecided").wait_for()
        page.keyboard.press("2")
        page.locator(".case.now output", has_text="নতুন").wait_for()
        other = context.new_page()
        other.goto(page_file.as_uri())
        other.keyboard.press("u")
        page.locator("#left", has_text="1 undecided").wait_for()
        other.keyboard.press("a")
        page.reload()
        page.locator("#left", has_text="0 undecided").wait_for()
        assert "বাদ দেওয়া হয়েছে" in page.locator(".case output").nth(1).text_content()
        page.locator("label", has_text="বাংলা").click()
        page.locator("#left", has_text="০টি বাকি").wait_for()
        assert "undecided" not in page.locator("body").inner_text()
        with page.expect_download() as download:
            page.click("#save")
        download.value.save_as(tmp_path / "index.csv")
        asked: list[str] = []
        page.on("dialog", lambda one: (asked.append(one.type), one.accept()))
        page.evaluate("Storage.prototype.setItem = () => { throw new Error() }; 0")
        page.keyboard.press("a")
        page.reload()
        assert asked == ["beforeunload"], "what is nowhere kept is not left unasked"
        browser.close()
    assert problems == []
    rows = read_index(tmp_path / "index.csv", ("gloss", "drop"))
    assert rows[cases[1].clip]["drop"] == "yes"
    assert rows[cases[2].clip] == {"gloss": '"নতুন", শব্দ', "drop": None}
    settings = ImportSettings(index=tmp_path / "index.csv")
    write_dataset(data, tmp_path / "data")
    corrected = read(tmp_path / "data", "dataset", settings)
    write_poses(data, tmp_path / "poses")
    (tmp_path / "poses" / "index.csv").unlink()
    again = read(tmp_path / "poses", "pose", settings)
    assert sorted(corrected.names) == sorted(again.names)
    assert corrected.column("signer") == [clip.signer for clip in corrected]
    glosses = dict(zip(again.names, again.column("gloss"), strict=True))
    assert set(glosses) == set(data.names) - {cases[1].clip}
    assert glosses[cases[2].clip] == '"নতুন", শব্দ'
    assert glosses[cases[0].clip] == cases[0].gloss
