"""Words are shown in a real Chromium, kept, tried, and gone on with another day."""

from pathlib import Path
from typing import Any

import pytest

from browser import (
    PATIENCE,
    check_barriers,
    new_page,
    outside,
    visit,
    wait_for_text,
    wait_until,
)
from signnet.recognise.model_card import ModelCard
from signnet.recognise.recogniser import find_model

pytestmark = pytest.mark.slow

BUSY = 5 * PATIENCE
"""Milliseconds; on a machine with many other jobs a film takes minutes."""

FILM = "wlasl_videos/clips/yes__64283.mp4"


def press(page: Any, button: str) -> None:
    page.focus(f"#yours-buttons [data-yours={button}]")
    page.keyboard.press("Enter")


def test_a_stranger_shows_how_a_word_is_signed_and_goes_on_another_day(
    browser: Any, address: str, data: Path
) -> None:
    page = new_page(browser, reduced_motion="reduce")
    visit(page, address)
    card = ModelCard.read(find_model("bdsl55") / "model.json")
    known = round(100 * card.metrics["new_signer"])
    assert f"about {known} in 100 signs" in page.inner_text("#invitation")
    page.click("#invitation a")
    wait_for_text(page, "yours-facts", "55 words, learnt from 546 recordings of 2")
    press(page, "goOn")
    wait_for_text(page, "yours-question", "Do you sign আমি like this?")
    press(page, "same")
    wait_for_text(page, "yours-question", "তুমি")
    assert page.inner_text("#yours-count") == "1 of 55 words"
    focused = "document.activeElement.dataset.yours"
    assert page.evaluate(focused) == "same", "the next word is one key away"
    press(page, "later")
    wait_for_text(page, "yours-question", "ধন্যবাদ")
    assert page.is_hidden("#stage"), "no camera is asked for"
    check_barriers(page)

    page.set_input_files("#file", data / FILM)
    page.wait_for_selector("#yours-says[data-is=done]", timeout=BUSY)
    wait_for_text(page, "yours-says", "The figure shows how you signed ধন্যবাদ")
    assert page.inner_text("#yours-count") == "2 of 55 words"
    check_barriers(page)
    press(page, "next")
    wait_for_text(page, "yours-question", "নাম")
    assert "One of your words is stored only in this" in page.inner_text("#yours-keep")
    with page.expect_download() as download:
        page.click("#yours-keep button:not(.quiet)")
    assert download.value.suggested_filename == "taught.json"
    assert page.is_hidden("#yours-keep")

    page.reload()
    wait_until(page, "document.querySelector('#yours-count').textContent !== ''")
    assert page.inner_text("#yours-count") == "2 of 55 words"
    page.click("[data-route=live]")
    wait_for_text(page, "invitation", "Make it yours: 2 of 55 words")
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()


def test_a_word_without_a_figure_is_asked_for_and_not_compared(
    browser: Any, address: str
) -> None:
    page = new_page(browser, reduced_motion="reduce", service_workers="block")
    page.route("**/large/motions*", lambda route: route.abort())
    visit(page, f"{address}#/yours")
    press(page, "goOn")
    wait_for_text(page, "yours-question", "There is no figure for আমি")
    assert page.is_hidden("#yours-buttons [data-yours=same]")
    assert page.inner_text("#yours-otherwise") == "Show my sign"
    page.context.close()


def test_the_third_word_found_is_taught_and_a_trial_shows_the_gain(
    browser: Any, address: str, data: Path
) -> None:
    page = new_page(browser, reduced_motion="reduce")
    visit(page, f"{address}#/words")
    page.click("#view-words [href='#/find']")
    page.set_input_files("#file", data / FILM)
    page.wait_for_selector("#finds canvas >> nth=4", timeout=BUSY)
    check_barriers(page)
    third = page.inner_text("#finds li:nth-child(3) a")
    page.click("#finds li:nth-child(3) button")
    wait_for_text(page, "find-says", f"Your sign is kept for {third}")

    visit(page, f"{address}#/yours")
    press(page, "try")
    page.wait_for_selector("#stage[data-state=running]", timeout=BUSY)
    wait_for_text(page, "cue", f"Sign {third}. This is the last one.")
    page.set_input_files("#file", data / FILM)
    page.wait_for_selector("#yours-buttons a:visible", timeout=BUSY)
    wait_for_text(page, "yours-says", f"{third} was recognised.")
    said = page.inner_text("#yours-says")
    assert "right 1 of 1 times. Without what you showed it: 0 of 1" in said
    check_barriers(page)
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()
