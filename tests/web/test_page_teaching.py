"""Teaching in the live page, in a real Chromium: words, their figures, their file."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import onnxruntime
import pytest

from browser import (
    AXE,
    PATIENCE,
    forget_events,
    new_page,
    next_event,
    outside,
    served,
    start_camera,
    visit,
    wait_for_text,
    wait_for_word,
    wait_until,
)
from lessons import a_clip, a_file, a_word, floats
from signnet.extraction import extract_video
from signnet.recognise.recogniser import find_model

pytestmark = pytest.mark.slow

SHORT = "wlasl_videos/clips/like__33274.mp4"
TRICK = "<img src=x onerror=document.title='hit'>"


def read_json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def taught_file(folder: Path, gloss: str, clips: list[Any], **other: Any) -> Any:
    """Make a file of one word for the model of a site."""
    digest = read_json(folder, "files.json")["large"]["model"]["sha256"]
    model = {"name": "bdsl55", "sha256": digest}
    return a_file(model=model, words=[a_word(gloss=gloss, clips=clips)], **other)


def any_clip(folder: Path, seed: int = 0, **other: Any) -> dict[str, Any]:
    """Make a clip that is near no other one."""
    rng = np.random.default_rng(seed)
    card = read_json(folder, "model.json")
    axes = sum(card["embedding"]["axes"])
    embedding = floats(*rng.normal(0, 0.07, axes))
    scores = floats(*rng.uniform(0, 0.1, len(card["vocabulary"])))
    return a_clip(name=f"c{seed}", embedding=embedding, scores=scores, **other)


def bring(page: Any, content: Any) -> None:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = {"name": "taught.json", "mimeType": "application/json", "buffer": text}
    page.set_input_files("#taught-file", [file])


def kept_lessons(page: Any) -> dict[str, str]:
    stored = page.evaluate("({...localStorage})")
    return {key: text for key, text in stored.items() if "taught" in key}


def wait_for_figure(page: Any, canvas: str) -> None:
    """Wait until something is drawn on a canvas that is in sight."""
    page.wait_for_selector(canvas)
    drawn = """(canvas) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        return width > 30 && data.some((value) => value > 0);
    }"""
    wait_until(page, f"(one) => ({drawn})(document.querySelector(one))", canvas)


def record_clips(page: Any) -> None:
    """Record until three clips are there; a busy machine misses most of them."""
    page.click("#teach-record")
    page.wait_for_selector("#teach-decide:not([hidden])", timeout=5 * PATIENCE)


def test_a_new_word_is_taught_seen_exported_forgotten_and_imported(
    with_camera: Any, folder: Path, tmp_path: Path
) -> None:
    with served(folder) as address:
        page = new_page(with_camera)
        visit(page, f"{address}#/words")
        page.click("#view-words [data-teaching]")
        page.fill("#teach-word", " পাখি")
        page.fill("#teach-reading", "pakhi")
        record_clips(page)
        page.click("#takes li:nth-child(2) button")
        assert page.inner_text("#teach-says") == "One more clip is needed."
        record_clips(page)
        page.click("#teach-add")
        wait_for_text(page, "teach-says", "পাখি is taught")
        assert page.inner_text("#taught li").startswith("পাখি")
        assert page.query_selector_all("#transcript li") == [], "clips are no words"
        wait_for_figure(page, "#taught canvas")

        page.click("[data-route=live]")
        wait_for_word(page, "পাখি")
        assert "পাখি" in page.inner_text("#transcript")
        wait_until(page, "navigator.serviceWorker.controller !== null")
        assert (page.faults, outside(page, address)) == ([], [])
    page.goto("about:blank")
    visit(page, f"{address}#/words/{quote('পাখি')}")  # without a network
    wait_for_figure(page, "#word-figure")
    wait_for_text(page, "motion-note", "one of the clips that taught this word")
    page.click("#word-practise")
    wait_for_figure(page, "#practise-figure")
    start_camera(page)
    wait_for_word(page, "পাখি")

    page.click("[data-route=teach]")
    with page.expect_download() as download:
        page.click("#taught-export")
    assert download.value.suggested_filename == "taught.json"
    download.value.save_as(tmp_path / "taught.json")
    [word] = read_json(tmp_path, "taught.json")["words"]
    assert [clip["signer"] for clip in word["clips"]] == [None] * 3
    assert all(1 < clip["skeleton"]["frames"] <= 16 for clip in word["clips"])
    page.click("#taught button")
    wait_for_text(page, "taught-says", "পাখি is forgotten")
    assert "পাখি" not in page.inner_text("#taught")
    forget_events(page)
    page.click("[data-route=live]")
    if page.inner_text("#pause") == "Continue":
        page.click("#pause")
    assert next_event(page, "sign unsure")["predictions"][0]["gloss"] != "পাখি"
    page.click("[data-route=teach]")
    page.set_input_files("#taught-file", tmp_path / "taught.json")
    wait_for_text(page, "taught-says", "1 word was imported")
    wait_for_figure(page, "#taught canvas")
    forget_events(page)
    page.click("[data-route=live]")
    wait_for_word(page, "পাখি")
    assert page.faults == []
    page.context.close()


def test_a_film_is_recognised_as_the_new_word_that_it_taught(
    browser: Any, address: str, folder: Path, data: Path
) -> None:
    clip = extract_video(data / SHORT)
    session = onnxruntime.InferenceSession(find_model("bdsl55") / "model.onnx")
    rows = session.run(
        ["embedding", "scores"], {"landmarks": clip.evenly_timed().landmarks[None]}
    )
    embedding, scores = (floats(*np.asarray(row)[0]) for row in rows)
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    page.set_input_files("#file", data / SHORT)  # a film is a clip
    wait_for_text(page, "teach-says", "2 more clips are needed")
    assert len(page.query_selector_all("#takes li")) == 1
    page.focus("#takes canvas")
    page.keyboard.press(" ")
    assert page.get_attribute("#takes canvas", "aria-pressed") == "false"
    one = a_clip(embedding=embedding, scores=scores)
    bring(page, taught_file(folder, "পাখি", [one]))
    wait_for_text(page, "taught", "পাখি")
    page.click("[data-route=live]")
    page.set_input_files("#file", data / SHORT)
    event = next_event(page, "sign unsure")
    assert (event["kind"], event["gloss"]) == ("sign", "পাখি")
    assert page.inner_text("#guesses li:first-child .gloss") == "পাখি"
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()


def test_imported_words_are_listed_kept_forgotten_and_brought_back(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    one, two, three = (any_clip(folder, seed) for seed in range(3))
    bring(page, taught_file(folder, TRICK, [one, two]))
    wait_for_text(page, "taught", TRICK)
    assert "2 clips" in page.inner_text("#taught li")
    bring(page, taught_file(folder, TRICK, [one, three]))
    wait_for_text(page, "taught", "3 clips")  # one was there already
    page.reload()
    wait_for_text(page, "taught", "3 clips")
    page.click("[data-route=words]")
    assert page.inner_text("#found") == "56 words"
    page.fill("#search", "pakhi")
    page.click("#words li:first-child a")
    assert page.inner_text("#word-title") == TRICK
    page.click("#word-teach")
    assert page.input_value("#teach-word") == TRICK
    page.focus("#taught button")
    page.keyboard.press("Enter")
    wait_for_text(page, "taught-says", "is forgotten")
    assert page.inner_text("#taught") == ""
    assert page.evaluate("document.activeElement.id") == "taught-undo"
    page.keyboard.press("Enter")
    wait_for_text(page, "taught-says", "is back")
    assert "3 clips" in page.inner_text("#taught li")
    assert page.query_selector("main img") is None
    assert page.faults == []
    page.context.close()


def test_a_gloss_with_a_slash_has_a_page_and_a_broken_address_leads_to_the_words(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    bare = any_clip(folder, skeleton=None)
    bring(page, taught_file(folder, "he/she 100%", [bare]))
    wait_for_text(page, "taught", "he/she")
    page.click("#taught a")
    wait_for_text(page, "word-title", "he/she 100%")
    wait_for_text(page, "motion-note", "There is no figure for this word.")
    assert page.is_hidden("#figure-card")
    page.evaluate("location.hash = '#/words/%E0%A4'")
    page.wait_for_selector("#view-words:not([hidden])")
    assert page.faults == []
    page.context.close()


@pytest.mark.skipif(
    not AXE.is_file(), reason="no axe-core: npm ci --prefix src/signnet/web"
)
def test_taught_words_however_long_break_no_layout_and_are_no_barrier(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser, reduced_motion="reduce")
    visit(page, f"{address}#/teach")
    gloss = "W" * 60
    content = taught_file(folder, gloss, [any_clip(folder)], forgotten=["বই"])
    content["words"][0] |= {"transliteration": "x" * 60, "english": "y" * 60}
    bring(page, content)
    wait_for_text(page, "taught", gloss)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run('#taught')")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    for view in ("#/teach", "#/words", f"#/words/{gloss}", f"#/practise/{gloss}"):
        visit(page, address + view)
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") == width, view
    page.context.close()


def test_a_gloss_that_a_file_forgot_is_brought_back(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    content = taught_file(folder, "পাখি", [any_clip(folder)], forgotten=["বই", "নাম"])
    bring(page, content)
    wait_for_text(page, "taught", "no longer recognised")
    page.click("[data-route=words]")
    assert page.inner_text("#found") == "54 words"  # one new, two gone
    page.reload()
    page.click("[data-route=teach]")
    page.click("#taught [aria-label='Bring back বই']")
    wait_for_text(page, "taught-says", "বই is back")
    page.click("[data-route=words]")
    assert page.inner_text("#found") == "55 words"
    assert page.inner_text("#words li:last-child .gloss") == "পাখি"
    assert page.faults == []
    page.context.close()


def test_a_file_that_is_no_lesson_of_this_model_changes_nothing(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    bring(page, taught_file(folder, "পাখি", [any_clip(folder)]))
    wait_for_text(page, "taught", "পাখি")
    kept = kept_lessons(page)
    assert len(kept) == 1
    other = taught_file(folder, "নদী", [any_clip(folder)])
    other["model"]["sha256"] = "0" * 64
    short = taught_file(folder, "নদী", [any_clip(folder) | {"scores": floats(1)}])
    earlier = a_file(version=1)
    bare = [any_clip(folder, seed, skeleton=None) for seed in range(500)]
    many = taught_file(folder, "নদী", bare)
    for content, english, bangla in (
        (b"\x89PNG", "does not contain taught words", "শেখানো শব্দের ফাইল নয়"),
        (earlier, "written by an earlier version", "ফাইলটি আগের সংস্করণের"),
        (other, "belongs to another model", "অন্য মডেল বা সংস্করণের"),
        (short, "This file is damaged", "ফাইলটি নষ্ট"),
        (b" " * 8_000_001, "too large", "খুব বড়"),
        (many, "At most 500 clips", "সর্বোচ্চ ৫০০টি"),
    ):
        bring(page, content)
        wait_for_text(page, "taught-says", english)
        assert page.inner_text("#taught-says").endswith("Nothing was changed.")
        page.click("#language")
        wait_for_text(page, "taught-says", bangla)
        page.click("#language")
        assert kept_lessons(page) == kept
    assert page.faults == []
    page.context.close()


def test_a_browser_that_keeps_nothing_is_told_of(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new Error('full') }"
    )
    visit(page, f"{address}#/teach")
    bring(page, taught_file(folder, "পাখি", [any_clip(folder)]))
    wait_for_text(page, "taught-says", "until this page is closed")
    assert "পাখি" in page.inner_text("#taught")
    page.context.close()


@pytest.mark.parametrize("version", [1, 2])
def test_words_taught_to_an_earlier_version_are_named(
    browser: Any, address: str, folder: Path, version: int
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    bring(page, taught_file(folder, "পাখি", [any_clip(folder)]))
    wait_for_text(page, "taught", "পাখি")
    page.evaluate(
        """(version) => {
        const key = Object.keys(localStorage).find((one) => one.includes('taught'));
        const earlier = version === 1 ? key.replace(' 2 ', ' ')
            : key.slice(0, -12) + '0'.repeat(12);
        localStorage.setItem(earlier, localStorage[key]);
        localStorage.removeItem(key);
    }""",
        version,
    )
    page.reload()
    wait_for_text(page, "taught-note", "teach them again: পাখি")
    assert page.inner_text("#taught") == ""
    page.context.close()


def test_a_model_that_remembers_no_clips_offers_no_teaching(
    browser: Any, address: str, folder: Path
) -> None:
    card = read_json(folder, "model.json")
    del card["embedding"]
    page = new_page(browser, service_workers="block")
    page.route("**/model.json", lambda route: route.fulfill(json=card))
    visit(page, f"{address}#/teach")
    page.wait_for_selector("#side-live:not([hidden])")
    hidden = [link.is_hidden() for link in page.query_selector_all("[data-teaching]")]
    assert hidden == [True] * 4
    page.context.close()
