"""Signs are collected in a real Chromium, exported, and imported with all labels."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from browser import check_barriers, new_page, outside, visit, wait_for_text, wait_until
from commands import Command
from replayed import replay_signs
from signnet import load
from signnet.dataset import Dataset

pytestmark = pytest.mark.slow

WORDS = ["পানি", "র‍্যাব", "MOTHER"]
CAMERA = """() => document.getElementById("video").srcObject?.getTracks()
    .some(({ readyState }) => readyState === "live") ?? false"""


def set_up(page: Any, words: list[str]) -> None:
    page.fill("#collect-words", "\n".join(words))
    page.fill("#collect-signer", "S07")
    page.select_option("#collect-hand", "left")
    page.fill("#collect-session", "school")


def export(page: Any, button: str, out: Path) -> Path:
    with page.expect_download() as download:
        page.click(f"#collect-sessions button:text-is('{button}')")
    download.value.save_as(out / download.value.suggested_filename)
    return out / download.value.suggested_filename


def test_three_words_are_collected_exported_and_imported(
    browser: Any, address: str, tmp_path: Path, signnet: Command
) -> None:
    page = new_page(browser, reduced_motion="reduce", service_workers="block")
    replay_signs(page)
    visit(page, f"{address}#/about")
    page.click("#view-about a[href='#/collect']")
    set_up(page, WORDS)
    page.click("#collect-form [type=submit]")
    assert page.is_hidden("#collect-record"), "nothing begins without consent"
    check_barriers(page)
    page.check("#collect-agrees")
    page.check("#collect-video")
    page.click("#collect-form [type=submit]")
    wait_for_text(page, "collect-word", "পানি")
    assert not page.evaluate(CAMERA), "it is off until it is needed"

    page.keyboard.press(" ")
    wait_for_text(page, "collect-done", "1 of 3")
    assert page.inner_text("#transcript") == "", "no recognised word is shown"
    wait_for_text(page, "collect-done", "3 of 3")
    wait_for_text(page, "collect-says", "All words are done")
    check_barriers(page)
    wait_until(page, f"!({CAMERA})()")

    page.click("[data-collect=finish]")
    wait_for_text(page, "collect-sessions", "3 of 3 signs · not exported yet")
    page.reload()
    wait_for_text(page, "collect-sessions", "S07 · school")
    file = export(page, "Export", tmp_path)
    wait_for_text(page, "collect-sessions", "exported")
    films = export(page, "Export videos", tmp_path)
    faults = [one for one in page.faults if "Service Worker" not in one]  # blocked here
    assert (faults, outside(page, address)) == ([], [])
    page.context.close()

    content = json.loads(file.read_text("utf-8"))
    assert [clip["gloss"] for clip in content["clips"]] == WORDS
    assert content["consent"]["version"] == "1 (2026-11)"
    assert content["consent"]["text"].startswith("This page records how you sign.")
    with ZipFile(films) as opened:
        assert opened.testzip() is None
        table = opened.read("index.csv").decode()
        sizes = [one.file_size for one in opened.infolist()]
    assert table.count(',"S07","school","1"') == 3
    assert min(sizes) > 100

    ended = signnet("import", "collected", file, tmp_path / "data")
    assert "3 clips imported" in ended.out, ended.err
    data = Dataset.open(tmp_path / "data")
    assert sorted(data.column("gloss")) == sorted(WORDS)
    assert {*data.column("signer"), *data.column("session")} == {"S07", "school"}
    for clip in data:
        assert "handedness left, consent 1 (2026-11)" in clip.source
        assert 0.6 < clip.seconds < 2
        assert clip.shows_hand
    taught = load("base").teach(
        {clip.gloss or "": [clip] for clip in data}, despite_doubts=True
    )
    assert sorted(taught.vocabulary) == sorted(WORDS)


def test_consent_is_to_the_text_shown_and_deleting_takes_two_presses(
    browser: Any, address: str
) -> None:
    page = new_page(browser, reduced_motion="reduce")
    visit(page, f"{address}#/collect")
    assert page.input_value("#collect-words").count("\n") == 54, "the model's own words"
    list_file = {"name": "list.csv", "mimeType": "text/csv"}
    words = "file,gloss\n1,পানি\n2,নদী\n".encode("utf-16")
    page.set_input_files("#collect-file", [list_file | {"buffer": words}])
    wait_for_text(page, "collect-count", "2 words, 2 signs")
    page.check("#collect-agrees")
    page.click("#collect-form summary")
    page.fill("#collect-consent-text", "ছবি রাখা হয় না।")
    assert not page.is_checked("#collect-agrees"), "this text was not agreed to"
    wait_for_text(page, "collect-version", "Version: sha256 ")
    page.fill("#collect-consent-version", "School 2")
    wait_for_text(page, "collect-version", "Version: School 2")
    page.fill("#collect-repetitions", "301")
    page.evaluate(
        "document.getElementById('collect-repetitions').removeAttribute('max')"
    )
    page.fill("#collect-signer", "  ")
    page.check("#collect-agrees")
    page.click("#collect-form [type=submit]")
    assert page.input_value("#collect-signer") == "", "spaces are no code"
    page.fill("#collect-signer", "S07")
    page.click("#collect-form [type=submit]")
    wait_for_text(page, "collect-problem", "at most 600 signs")
    page.fill("#collect-repetitions", "2")
    begin = "document.getElementById('collect-form').requestSubmit()"
    page.evaluate(f"{begin}; {begin}")  # as an impatient finger does
    wait_for_text(page, "collect-word", "পানি")
    page.keyboard.press("s")
    wait_for_text(page, "collect-word", "নদী")
    assert page.inner_text("#collect-done") == "0 of 3 signs"

    page.reload()
    wait_for_text(page, "collect-sessions", "0 of 4 signs")
    assert page.locator("#collect-sessions li").count() == 1
    assert page.input_value("#collect-words") == "পানি\nনদী"
    assert page.input_value("#collect-signer") == ""
    page.click("#collect-sessions button:text-is('Delete')")
    page.click("#collect-sessions button:text-is('Delete for good')")
    wait_for_text(page, "collect-kept-says", "is deleted")
    assert page.inner_text("#collect-sessions") == ""
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()
