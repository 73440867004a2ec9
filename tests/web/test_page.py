"""The live page in a real Chromium: camera, film, practice, offline, and bad luck.

The camera is Chromium's fake one; it plays a real recording of a sign.
"""

import json
import re
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote
from wave import open as open_wave

import cv2
import numpy as np
import pytest

from browser import (
    AXE,
    Quiet,
    check_barriers,
    forget_events,
    new_page,
    next_event,
    outside,
    served,
    start_camera,
    visit,
    wait_for_text,
    wait_for_title,
    wait_until,
)
from signnet.extraction import extract_video
from signnet.recognise.recogniser import Recogniser

pytestmark = pytest.mark.slow

SHORT = "wlasl_videos/clips/like__33274.mp4"


def test_a_sign_before_the_camera_becomes_a_word_then_practice_then_offline(
    with_camera: Any, folder: Path
) -> None:
    with served(folder) as address:
        page = new_page(with_camera)
        visit(page, address)
        wait_for_text(page, "size-note", "MB")
        assert re.search(r"loads [23]\d MB", page.inner_text("#size-note"))
        start_camera(page)
        event = next_event(page, "sign")
        word = event["gloss"]
        assert page.inner_text("#transcript li:last-child .gloss") == word
        assert "0%" not in page.inner_text("#guesses").split()
        drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, "
        drawn += "canvas.height).data.some(value => value > 0)"
        wait_until(page, f"({drawn})(document.getElementById('overlay'))")

        visit(page, f"{address}#/practise/{quote(word)}")
        page.wait_for_selector("#verdict[data-is=right]")
        assert page.inner_text("#score").endswith("recognised")

        wait_until(page, "navigator.serviceWorker.controller !== null")
        assert (page.faults, outside(page, address)) == ([], [])
    page.goto("about:blank")
    visit(page, f"{address}#/words/{quote('ধন্যবাদ')}")  # without a network
    page.wait_for_selector("#word-figure:visible")
    page.click("[data-route=live]")
    wait_for_text(page, "size-note", "Everything is stored")
    start_camera(page)
    next_event(page, "sign")
    lose_camera(page)
    assert page.inner_text("#problem-text").endswith("Your transcript is still here.")
    assert page.faults == []
    page.context.close()


def test_a_film_has_the_same_word_as_in_python_until_another_is_remembered(
    browser: Any, address: str, data: Path
) -> None:
    expected = Recogniser.open().recognise(extract_video(data / SHORT)).top
    page = new_page(browser)
    visit(page, address)
    page.set_input_files("#file", data / SHORT)
    event = next_event(page, "sign unsure")
    shown = page.inner_text("#guesses li:first-child .gloss")
    assert (event["kind"], shown) == ("sign", expected[0].gloss)
    assert event["probability"] == pytest.approx(expected[0].probability, abs=0.15)

    chosen = page.inner_text("#guesses li:nth-child(2) .gloss")
    page.focus("#guesses li:nth-child(2) button")
    page.keyboard.press("Enter")
    assert page.inner_text("#transcript") == page.inner_text("#transcript li")
    assert page.inner_text("#transcript .gloss") == chosen
    check_barriers(page)
    page.click("#remember")
    wait_for_text(page, "remember-says", f"remembered as {chosen}")
    forget_events(page)
    page.set_input_files("#file", data / SHORT)
    assert next_event(page, "sign unsure")["kind"] == "sign"
    assert page.inner_text("#guesses li:first-child .gloss") == chosen
    assert page.inner_text("#subtitle") == chosen
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()


LIVE_TRACKS = "tracks.filter((one) => one.readyState === 'live').length"


def watch_cameras(page: Any) -> None:
    """Keep every track that the page is given in its global `tracks`."""
    page.add_init_script(
        """globalThis.tracks = [];
        const devices = navigator.mediaDevices;
        const ask = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wanted) => {
            const stream = await ask(wanted);
            tracks.push(...stream.getTracks());
            return stream;
        };"""
    )


def live_tracks(page: Any) -> int:
    return page.evaluate(LIVE_TRACKS)


def lose_camera(page: Any) -> None:
    lost = "const [track] = document.getElementById('video').srcObject.getTracks();"
    page.evaluate(lost + "track.stop(); track.dispatchEvent(new Event('ended'))")
    wait_for_title(page, "The camera was disconnected")


def hold(page: Any, file: str) -> list[Any]:
    """Keep a large file back; give the requests that wait for it."""
    held = list[Any]()
    page.route(f"**/large/{file}*", lambda route: held.append(route))
    return held


def test_the_camera_is_on_while_it_loads_and_off_behind_another_page(
    browser: Any, address: str
) -> None:
    page = new_page(browser, service_workers="block")
    watch_cameras(page)
    held = hold(page, "hands")
    visit(page, address)
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#stage[data-state=preview]")
    shown = "getComputedStyle(document.getElementById('video'))"
    assert page.evaluate(f"{shown}.visibility") == "visible"
    assert page.evaluate(f"{shown}.transform").startswith("matrix(-1")
    wait_for_text(page, "loading-text", "MB")
    assert live_tracks(page) == 1
    check_barriers(page)
    page.click("[data-route=about]")
    page.focus(".skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.is_visible("#view-about")
    wait_until(page, f"{LIVE_TRACKS} === 0")
    assert page.get_attribute("#stage", "data-state") == "welcome"
    page.click("[data-route=live]")  # goes on
    held[0].continue_()
    page.wait_for_selector("#stage[data-state=running]")
    assert live_tracks(page) == 1
    page.click("[data-route=words]")
    wait_until(page, f"{LIVE_TRACKS} === 0")
    page.evaluate("location.hash = '#/practise/বই'")
    wait_until(page, f"{LIVE_TRACKS} === 1")
    wait_for_text(page, "pause", "Pause")
    page.focus("#practise-play")
    page.keyboard.press("Enter")
    assert page.inner_text("#practise-play") == "Play"
    assert page.faults == []
    page.context.close()


def test_pause_mirror_and_skeleton_do_what_they_say(
    with_camera: Any, address: str
) -> None:
    page = new_page(with_camera)
    watch_cameras(page)
    visit(page, address)
    start_camera(page)
    page.click("#pause")
    assert page.inner_text("#pause") == "Continue"
    wait_for_text(page, "signing", "the camera is off")
    assert live_tracks(page) == 0
    page.click("#pause")
    wait_until(page, "!document.getElementById('video').paused")
    wait_until(page, f"{LIVE_TRACKS} === 1")
    flipped = "getComputedStyle(document.getElementById('overlay')).transform"
    assert page.evaluate(flipped).startswith("matrix(-1")
    page.click("#mirror")
    assert page.evaluate(flipped) == "none"
    page.click("#veil")
    opacity = "getComputedStyle(document.getElementById('video')).opacity"
    assert page.evaluate(opacity) == "0"
    page.reload()
    start_camera(page)
    assert page.evaluate(opacity) == "0"  # the choice is kept
    lose_camera(page)
    has_words = page.query_selector("#transcript li") is not None
    assert ("transcript" in page.inner_text("#problem-text")) == has_words
    page.click("#retry")
    page.wait_for_selector("#stage[data-state=running]")
    page.context.close()


def camera_fails(name: str) -> str:
    error = f"new DOMException('', '{name}')"
    return f"navigator.mediaDevices.getUserMedia = () => Promise.reject({error}); 0"


def test_each_trouble_with_the_camera_is_explained_in_the_reader_s_language(
    browser: Any, address: str
) -> None:
    page = new_page(browser, service_workers="block")
    hold(page, "hands")  # they are told before everything is loaded
    visit(page, address)
    page.evaluate(camera_fails("NotAllowedError"))
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.inner_text("#problem-title") == "The camera is not allowed"
    page.click("#language")
    assert page.inner_text("#problem-title") == "ক্যামেরার অনুমতি নেই"
    for name, title in (
        ("NotFoundError", "কোনো ক্যামেরা পাওয়া যায়নি"),
        ("NotReadableError", "ক্যামেরা সাড়া দিচ্ছে না"),
    ):
        page.evaluate(camera_fails(name))
        page.click("#retry")
        wait_for_title(page, title)
    page.evaluate(
        "navigator.mediaDevices.getUserMedia = () => new Promise(() => {}); 0"
    )
    page.click("[data-route=teach]")
    page.fill("#teach-word", "পাখি")
    page.click("#teach-record")
    wait_for_text(page, "loading-text", "ক্যামেরার অপেক্ষায়")
    assert page.inner_text("#teach-says") == "ক্যামেরা চালু হচ্ছে…", "no countdown yet"
    page.context.close()


def test_files_that_are_no_film_are_explained_and_the_page_goes_on(
    browser: Any, address: str, tmp_path: Path
) -> None:
    with open_wave(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    (tmp_path / "b.mp4").write_bytes(b"not a film" * 100)
    page = new_page(browser)
    visit(page, address)
    for name, title in (
        ("a.wav", "This file has no picture"),
        ("b.mp4", "The browser cannot play this video"),
    ):
        page.set_input_files("#file", tmp_path / name)
        wait_for_title(page, title)
    page.click("[data-route=words]")
    assert page.inner_text("#found") == "55 words"
    page.context.close()


def test_a_lost_network_is_told_and_loading_goes_on_when_it_is_back(
    browser: Any, address: str
) -> None:
    page = new_page(browser, service_workers="block")
    visit(page, address)
    page.route("**/large/hands*", lambda route: route.abort())
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.inner_text("#problem-title") == "The connection was lost"
    page.unroute("**/large/hands*")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("#stage[data-state=running]")
    page.context.close()


@pytest.mark.parametrize("file", ["pose", "model"])
def test_a_damaged_file_is_loaded_once_more_and_then_named(
    browser: Any, address: str, file: str
) -> None:
    page = new_page(browser, service_workers="block")
    visit(page, address)
    page.route(f"**/large/{file}*", lambda route: route.fulfill(body=b"\0" * 1000))
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.inner_text("#problem-title") == "A file is damaged"
    assert len([url for url in page.asked if f"/large/{file}" in url]) == 2
    page.context.close()


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("delete globalThis.WebAssembly", "This browser is not supported"),
        ("delete globalThis.Worker", "This browser is too old"),
    ],
)
def test_a_browser_that_cannot_is_told_and_still_shows_the_words(
    browser: Any, address: str, code: str, title: str
) -> None:
    page = new_page(browser)
    page.add_init_script(code)
    visit(page, address)
    page.click("#welcome [data-action=camera]")
    assert page.inner_text("#problem-title") == title
    page.click("#problem-words")
    page.click("#words li:first-child a")
    page.wait_for_selector("#word-figure:not([hidden])")
    page.context.close()


def test_a_site_without_its_files_says_so(browser: Any, address: str) -> None:
    page = new_page(browser, service_workers="block")
    page.route("**/model.json", lambda route: route.fulfill(status=404))
    page.goto(address)
    wait_for_text(page, "broken-title", "A file is missing")
    page.context.close()


@pytest.mark.parametrize("worker", [False, True], ids=["page", "worker"])
def test_neither_the_page_nor_its_workers_can_reach_another_place(
    browser: Any, address: str, folder: Path, worker: bool
) -> None:
    hits: list[str] = []

    class Elsewhere(Quiet):
        def do_GET(self) -> None:
            """Note who came."""
            hits.append(self.path)
            self.send_response(204)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    other = f"http://127.0.0.1:{server.server_port}/"
    page = new_page(browser, service_workers="block")
    call = f"fetch('{other}').then(() => 'reached', () => 'refused')"
    script = f"""const message = {call};
        self.onmessage = async ({{data}}) =>
            self.postMessage({{id: data.id, result: await message}});"""
    # A real file: Chromium gives a script that a test makes up the page's policy.
    (folder / "probe.js").write_text(script)
    visit(page, address)
    if worker:  # started as the tracker is
        call = """import('./browser/worker.js').then(({TaskWorker}) =>
            new TaskWorker('probe.js', 'classic', 'trackerFailed').run('go'))"""
    assert page.evaluate(call) == "refused"
    assert hits == []
    (folder / "probe.js").unlink()
    server.shutdown()
    server.server_close()
    page.context.close()


VIEWS = ("#/", "#/words", f"#/words/{quote('ধন্যবাদ')}", "#/about", "#/practise/বই")
VIEWS += ("#/teach", "#/teach/বই", "#/yours", "#/find")


@pytest.mark.skipif(
    not AXE.is_file(), reason="no axe-core: npm ci --prefix src/signnet/web"
)
@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("bn-BD", "dark")])
def test_axe_finds_no_barrier_and_nothing_scrolls_sideways(
    browser: Any, address: str, locale: str, scheme: str
) -> None:
    calm = {
        "reduced_motion": "reduce"
    }  # a colour on its way to another has no contrast
    page = new_page(browser, locale=locale, color_scheme=scheme, **calm)
    for view in VIEWS:
        visit(page, address + view)
        wait_until(page, "document.querySelectorAll('#words li').length > 0")
        check_barriers(page)
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") == width, view
        page.set_viewport_size({"width": 844, "height": 390})  # a phone held across
        stage = "document.getElementById('stage')"
        is_whole = f"{stage}.scrollHeight <= {stage}.clientHeight"
        assert page.evaluate(is_whole), f"{view} is cut off"
    assert page.get_attribute("html", "lang") == locale[:2]
    page.context.close()


def test_words_are_found_in_any_script_and_opened_by_keyboard(
    browser: Any, address: str
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/words")
    for query, count in (("boi", 1), ("BOOK", 1), ("বই", 1), ("sh", 15), ("zzz", 0)):
        page.fill("#search", query)
        assert len(page.query_selector_all("#words li")) == count, query
    page.fill("#search", "thank")
    page.focus("#search")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#view-word:not([hidden])")
    assert page.inner_text("#word-title") == "ধন্যবাদ"
    page.context.close()


def frames_differ(page: Any, figure: str = "word-figure") -> bool:
    look = f"document.getElementById('{figure}').toDataURL()"
    before = page.evaluate(look)
    page.wait_for_timeout(400)
    return page.evaluate(look) != before


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_word_s_figure_moves_unless_the_reader_wants_calm(
    browser: Any, address: str, motion: str
) -> None:
    page = new_page(browser, reduced_motion=motion)
    visit(page, f"{address}#/words/{quote('ধন্যবাদ')}")
    wait_until(page, "document.getElementById('word-figure').width !== 300")
    assert frames_differ(page) == (motion == "no-preference")
    page.click("#motion-play")
    assert frames_differ(page) == (motion == "reduce")
    page.context.close()


def test_a_hostile_gloss_stays_text(browser: Any, address: str, folder: Path) -> None:
    gloss = "<img src=x onerror=document.title='hit'>"
    card = json.loads((folder / "model.json").read_text("utf-8"))
    card["vocabulary"][0] = gloss
    page = new_page(browser, service_workers="block")
    page.route("**/model.json", lambda route: route.fulfill(json=card))
    visit(page, f"{address}#/words")
    assert page.inner_text("#words li:first-child .gloss") == gloss
    page.click("#words li:first-child a")
    assert page.inner_text("#word-title") == gloss
    assert page.query_selector("main img") is None
    page.context.close()


def test_a_film_of_three_hours_plays_at_once_and_can_be_moved_in(
    browser: Any, address: str, tmp_path: Path
) -> None:
    film, code = tmp_path / "long.webm", cv2.VideoWriter.fourcc(*"VP80")
    writer = cv2.VideoWriter(str(film), code, 0.1, (64, 48))
    for number in range(1086):
        writer.write(np.full((48, 64, 3), number % 256, np.uint8))
    writer.release()
    page = new_page(browser)
    visit(page, address)
    page.set_input_files("#file", film)
    page.wait_for_selector("#seek-row:not([hidden])")
    wait_until(page, "document.getElementById('film-time').textContent.includes('/')")
    assert page.inner_text("#film-time").endswith("/ 3:01:00")
    page.focus("#seek")
    page.keyboard.press("End")
    wait_for_text(page, "pause", "Play again")
    page.click("#pause")
    playing = "(({ paused, currentTime }) => !paused && currentTime < 100)"
    wait_until(page, f"{playing}(document.getElementById('video'))")
    assert page.inner_text("#pause") == "Pause"
    assert page.faults == []
    page.context.close()


def test_a_4k_camera_is_scaled_down_before_tracking(browser: Any, address: str) -> None:
    page = new_page(browser)
    visit(page, address)
    page.evaluate(
        """() => {
        const canvas = Object.assign(document.createElement('canvas'),
            {width: 3840, height: 2160});
        const pen = canvas.getContext('2d');
        setInterval(() => pen.fillRect(0, 0, Math.random() * 3840, 2160), 100);
        navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
        const post = Worker.prototype.postMessage;
        window.sizes = [];
        Worker.prototype.postMessage = function (message, ...others) {
            if (message.task === "detect") sizes.push([message.width, message.height]);
            return post.call(this, message, ...others);
        };
    }"""
    )
    start_camera(page)
    wait_until(page, "sizes.length > 0")
    assert page.evaluate("sizes[0]") == [853, 480]
    wait_until(page, "document.documentElement.dataset.fps > 0")
    assert page.faults == []
    page.context.close()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_welcome_card_shows_a_live_sign_and_nothing_moves_for_it(
    browser: Any, address: str, motion: str
) -> None:
    page = new_page(browser, reduced_motion=motion, service_workers="block")
    held = hold(page, "motions")
    visit(page, address)
    wait_for_text(page, "size-note", "MB")
    wait_until(page, "document.fonts.status === 'loaded'")
    place = "document.querySelector('#welcome-start').getBoundingClientRect().top"
    before = page.evaluate(place)
    assert page.is_visible("#welcome-icon")
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    page.wait_for_selector("#sign-next:not([hidden])")
    assert page.evaluate(place) == before
    assert page.is_hidden("#welcome-icon")
    assert page.inner_text("#sign-word .gloss") == "আমি"
    assert page.get_attribute("#sign-figure", "aria-label").endswith("signs আমি")
    assert frames_differ(page, "sign-figure") == (motion == "no-preference")
    page.click("#sign-next")
    assert page.inner_text("#sign-word .gloss") == "তুমি"
    page.click("#sign-play")
    assert frames_differ(page, "sign-figure") == (motion == "reduce")
    assert len([url for url in page.asked if "/large/" in url]) == 1
    page.evaluate("location.hash = '#/find'")
    page.wait_for_selector("#welcome-icon:visible")
    assert page.faults == []
    page.context.close()
