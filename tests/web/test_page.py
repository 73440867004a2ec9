"""The live page in a real Chromium: camera, film, practice, offline, and bad luck.

The camera is Chromium's fake one; it plays a real recording of a sign.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import quote
from wave import open as open_wave

import cv2
import numpy as np
import onnxruntime
import pytest

from signnet.errors import ModelError
from signnet.extraction import ensure_models, extract_video
from signnet.recognise.recogniser import Recogniser, find_model
from signnet.web import build as site
from signnet.web.build import write_site

pytestmark = pytest.mark.slow

WEB = Path(site.__file__).parent
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
SIGN = "wlasl_videos/clips/like__33269.mp4"
SHORT = "wlasl_videos/clips/like__33274.mp4"
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
).split()
PATIENCE = 60_000
"""Milliseconds; on a busy machine the tracker is slow to start."""


class Quiet(SimpleHTTPRequestHandler):
    """Serve files and say nothing."""

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output readable."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (WEB / "vendor" / "vision_bundle.mjs").is_file():
        pytest.skip("no browser files: npm ci --prefix src/signnet/web")
    try:
        ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")
    return write_site(tmp_path_factory.mktemp("live") / "site").folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[..., Any]]:
    """Give a function that opens Chromium, with a film before its camera if given."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install playwright"
    )
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium: apt-get install chromium")
    with playwright.sync_playwright() as running:

        def launch(film: Path | None = None) -> Any:
            shown = [f"--use-file-for-fake-video-capture={film}"] if film else []
            return running.chromium.launch(
                executable_path=program, args=SWITCHES + shown
            )

        yield launch


@pytest.fixture(scope="module")
def browser(chromium: Callable[..., Any]) -> Iterator[Any]:
    opened = chromium()
    yield opened
    opened.close()


def new_page(browser: Any, *, width: int = 1280, **options: Any) -> Any:
    """Open a page that notes what it asks for and what goes wrong in it."""
    settings = {"locale": "en-GB", "permissions": ["camera"], **options}
    context = browser.new_context(viewport={"width": width, "height": 844}, **settings)
    page = context.new_page()
    page.add_init_script(
        "globalThis.heard = []; document.addEventListener('signnet', "
        "({detail}) => heard.push(detail))"
    )
    page.asked, page.faults = [], []
    context.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: note_error(page, line))
    page.set_default_timeout(PATIENCE)
    return page


def note_error(page: Any, line: Any) -> None:
    if line.type in ("error", "warning"):
        page.faults.append(line.text)


def outside(page: Any, address: str) -> list[str]:
    own = (address, f"blob:{address}")
    return [url for url in page.asked if not url.startswith(own)]


def visit(page: Any, address: str) -> None:
    """Go to a page, and wait until it listens: a file that comes earlier is lost."""
    page.goto(address)
    page.wait_for_selector("[aria-current=page]", state="attached")


def start_camera(page: Any) -> None:
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#stage[data-state=running]")


def wait_until(page: Any, claim: str, *given: Any) -> Any:
    """Wait for a claim to hold; the page's policy forbids Playwright's own way."""
    end = monotonic() + PATIENCE / 1000
    while not (answer := page.evaluate(claim, *given)):
        assert monotonic() < end, f"never true: {claim}"
        page.wait_for_timeout(100)
    return answer


def wait_for_title(page: Any, title: str) -> None:
    shown = "title => document.getElementById('problem-title').textContent === title"
    wait_until(page, shown, title)


def next_event(page: Any, kinds: str) -> dict[str, Any]:
    """Wait for an event of one of the kinds that was not given before."""
    heard = """kinds => {
        const next = heard.findIndex(({kind}) => kinds.split(' ').includes(kind));
        return next < 0 ? null : heard.splice(0, next + 1).pop();
    }"""
    return wait_until(page, heard, kinds)


def wait_for_word(page: Any, index: int) -> None:
    """Wait until a gloss is recognised; seen from its middle, a sign may differ."""
    said = "index => heard.some((one) => one.kind === 'sign' && one.index === index)"
    wait_until(page, said, index)


def forget_events(page: Any) -> None:
    page.evaluate("heard.length = 0")


@pytest.fixture(scope="module")
def camera_film(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a recorded sign as the raw film that the fake camera plays in a loop."""
    capture = cv2.VideoCapture(str(data / SIGN))
    out = tmp_path_factory.mktemp("camera") / "sign.y4m"
    with out.open("wb") as film:
        found, frame = capture.read()
        height, width = (side // 2 * 2 for side in frame.shape[:2])
        film.write(f"YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg\n".encode())
        while found:
            planes = cv2.cvtColor(frame[:height, :width], cv2.COLOR_BGR2YUV_I420)
            film.write(b"FRAME\n" + planes.tobytes())
            found, frame = capture.read()
    return out


@pytest.fixture(scope="module")
def with_camera(chromium: Callable[..., Any], camera_film: Path) -> Iterator[Any]:
    opened = chromium(camera_film)
    yield opened
    opened.close()


def test_a_sign_before_the_camera_becomes_a_word_then_practice_then_offline(
    with_camera: Any, folder: Path
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    page = new_page(with_camera)
    visit(page, address)
    assert re.search(r"loads 2\d MB", page.inner_text("#size-note"))
    start_camera(page)
    event = next_event(page, "sign")
    gloss = json.loads((folder / "model.json").read_text("utf-8"))["vocabulary"]
    word = gloss[event["index"]]
    assert page.inner_text("#transcript li:last-child .gloss") == word
    assert len(page.query_selector_all("#guesses li")) == 5
    drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, "
    drawn += "canvas.height).data.some(value => value > 0)"
    wait_until(page, f"({drawn})(document.getElementById('overlay'))")

    visit(page, f"{address}#/practise/{quote(word)}")
    page.wait_for_selector("#verdict[data-is=right]")
    assert page.inner_text("#score").endswith("recognised")

    wait_until(page, "navigator.serviceWorker.controller !== null")
    assert (page.faults, outside(page, address)) == ([], [])
    server.shutdown()
    server.server_close()
    page.goto("about:blank")
    visit(page, address)
    start_camera(page)
    next_event(page, "sign")
    assert page.faults == []
    page.context.close()


def test_a_film_has_the_same_word_as_in_python(
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
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()


def test_pause_mirror_and_skeleton_do_what_they_say(
    with_camera: Any, address: str
) -> None:
    page = new_page(with_camera)
    visit(page, address)
    start_camera(page)
    page.click("#pause")
    assert page.evaluate("document.getElementById('video').paused")
    assert page.inner_text("#pause") == "Continue"
    page.click("#pause")
    wait_until(page, "!document.getElementById('video').paused")
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
    lost = "const [track] = document.getElementById('video').srcObject.getTracks();"
    page.evaluate(lost + "track.stop(); track.dispatchEvent(new Event('ended'))")
    assert page.inner_text("#problem-title") == "The camera was disconnected"
    page.click("#retry")
    page.wait_for_selector("#stage[data-state=running]")
    page.context.close()


def camera_fails(name: str) -> str:
    error = f"new DOMException('', '{name}')"
    return f"navigator.mediaDevices.getUserMedia = () => Promise.reject({error}); 0"


def test_each_trouble_with_the_camera_is_explained_in_the_reader_s_language(
    browser: Any, address: str
) -> None:
    page = new_page(browser)
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
    assert page.inner_text("#broken-title") == "A file is missing"
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
VIEWS += ("#/teach", "#/teach/বই")


@pytest.mark.skipif(
    not AXE.is_file(), reason="no axe-core: npm ci --prefix src/signnet/web"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "bn-BD"])
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
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run()")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], view
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") == width, view
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


def frames_differ(page: Any) -> bool:
    look = "document.getElementById('word-figure').toDataURL()"
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
    wait_until(page, "document.getElementById('video').currentTime > 10000")
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
        const make = window.createImageBitmap;
        window.sizes = [];
        window.createImageBitmap = async (...given) => {
            const made = await make(...given);
            window.sizes.push([made.width, made.height]);
            return made;
        };
    }"""
    )
    start_camera(page)
    wait_until(page, "sizes.length > 0")
    assert page.evaluate("sizes[0]") == [853, 480]
    page.context.close()


def taught_file(folder: Path, gloss: str, points: list[Any]) -> dict[str, Any]:
    index = json.loads((folder / "files.json").read_text("utf-8"))
    word = {"gloss": gloss, "transliteration": "pakhi", "english": "bird"}
    return {
        "format": "signnet taught",
        "version": 1,
        "model": {"name": "bdsl55", "sha256": index["large"]["model"]["sha256"]},
        "words": [{**word, "points": points}],
    }


def any_point(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "embedding": rng.normal(0, 0.07, 128).tolist(),
        "scores": rng.uniform(0, 0.1, 55).tolist(),
    }


def bring(page: Any, content: Any) -> None:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = {"name": "taught.json", "mimeType": "application/json", "buffer": text}
    page.set_input_files("#taught-file", [file])


def kept_lessons(page: Any) -> dict[str, str]:
    stored = page.evaluate("({...localStorage})")
    return {key: text for key, text in stored.items() if "taught" in key}


def wait_for_text(page: Any, element: str, text: str) -> None:
    shown = "([id, text]) => document.getElementById(id).innerText.includes(text)"
    wait_until(page, shown, [element, text])


def record_clips(page: Any) -> None:
    """Record until three clips are there; a busy machine misses most of them."""
    page.click("#teach-record")
    page.wait_for_selector("#teach-decide:not([hidden])", timeout=5 * PATIENCE)


def test_a_new_word_is_taught_kept_exported_forgotten_and_imported(
    with_camera: Any, folder: Path, tmp_path: Path
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    page = new_page(with_camera)
    visit(page, f"{address}#/words")
    page.click("#view-words [data-teaching]")
    page.fill("#teach-word", " পাখি")
    page.fill("#teach-reading", "pakhi")
    record_clips(page)
    page.click("#takes li:nth-child(2) button")
    assert page.inner_text("#teach-says") == "One clip is missing."
    record_clips(page)
    page.click("#teach-add")
    wait_for_text(page, "teach-says", "পাখি is taught")
    assert page.inner_text("#taught li").startswith("পাখি")
    assert page.query_selector_all("#transcript li") == [], "clips are no words"

    page.click("[data-route=live]")
    wait_for_word(page, 55)
    assert "পাখি" in page.inner_text("#transcript")

    wait_until(page, "navigator.serviceWorker.controller !== null")
    assert (page.faults, outside(page, address)) == ([], [])
    server.shutdown()
    server.server_close()
    page.goto("about:blank")
    visit(page, address)  # without a network
    start_camera(page)
    wait_for_word(page, 55)

    page.click("[data-route=teach]")
    with page.expect_download() as download:
        page.click("#taught-export")
    download.value.save_as(tmp_path / "taught.json")
    page.click("#taught button")
    wait_for_text(page, "taught-says", "পাখি is forgotten")
    assert "পাখি" not in page.inner_text("#taught")
    forget_events(page)
    page.click("[data-route=live]")
    if page.inner_text("#pause") == "Continue":
        page.click("#pause")
    assert next_event(page, "sign unsure")["predictions"][0]["index"] < 55
    page.click("[data-route=teach]")
    page.set_input_files("#taught-file", tmp_path / "taught.json")
    wait_for_text(page, "taught-says", "1 word was imported")
    forget_events(page)
    page.click("[data-route=live]")
    wait_for_word(page, 55)
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
    embedding, scores = (np.asarray(row)[0].tolist() for row in rows)
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    one = {"embedding": embedding, "scores": scores}
    bring(page, taught_file(folder, "পাখি", [one]))
    wait_for_text(page, "taught", "পাখি")
    page.click("[data-route=live]")
    page.set_input_files("#file", data / SHORT)
    event = next_event(page, "sign unsure")
    assert (event["kind"], event["index"]) == ("sign", 55)
    assert page.inner_text("#guesses li:first-child .gloss") == "পাখি"
    assert (page.faults, outside(page, address)) == ([], [])
    page.context.close()


def test_imported_words_are_listed_kept_forgotten_and_brought_back(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    gloss = "<img src=x onerror=document.title='hit'>"
    bring(page, taught_file(folder, gloss, [any_point(), any_point(1)]))
    wait_for_text(page, "taught", gloss)
    assert "2 clips" in page.inner_text("#taught li")
    bring(page, taught_file(folder, gloss, [any_point(), any_point(2)]))
    wait_for_text(page, "taught", "3 clips")  # one was there already
    page.reload()
    wait_for_text(page, "taught", "3 clips")
    page.click("[data-route=words]")
    assert page.inner_text("#found") == "56 words"
    page.fill("#search", "pakhi")
    page.click("#words li:first-child a")
    assert page.inner_text("#word-title") == gloss
    page.click("#word-teach")
    assert page.input_value("#teach-word") == gloss
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


def test_a_file_that_is_no_lesson_of_this_model_changes_nothing(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    bring(page, taught_file(folder, "পাখি", [any_point()]))
    wait_for_text(page, "taught", "পাখি")
    kept = kept_lessons(page)
    assert len(kept) == 1
    other = taught_file(folder, "নদী", [any_point()])
    other["model"]["sha256"] = "0" * 64
    short = taught_file(folder, "নদী", [{"embedding": [1], "scores": [1]}])
    many = taught_file(folder, "নদী", [any_point(seed) for seed in range(500)])
    for content, english, bangla in (
        (b"\x89PNG", "was not exported by this page", "রপ্তানি করা নয়"),
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
    bring(page, taught_file(folder, "পাখি", [any_point()]))
    wait_for_text(page, "taught-says", "until this page is closed")
    assert "পাখি" in page.inner_text("#taught")
    page.context.close()


def test_words_taught_to_an_earlier_model_are_named(
    browser: Any, address: str, folder: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{address}#/teach")
    bring(page, taught_file(folder, "পাখি", [any_point()]))
    wait_for_text(page, "taught", "পাখি")
    page.evaluate(
        """() => {
        const key = Object.keys(localStorage).find((one) => one.includes('taught'));
        localStorage.setItem(key.slice(0, -12) + '0'.repeat(12), localStorage[key]);
        localStorage.removeItem(key);
    }"""
    )
    page.reload()
    wait_for_text(page, "taught-note", "teach again: পাখি")
    assert page.inner_text("#taught") == ""
    page.context.close()


def test_a_model_that_remembers_no_clips_offers_no_teaching(
    browser: Any, address: str, folder: Path
) -> None:
    index = json.loads((folder / "files.json").read_text("utf-8"))
    del index["large"]["anchors"]
    page = new_page(browser, service_workers="block")
    page.route("**/files.json", lambda route: route.fulfill(json=index))
    visit(page, f"{address}#/teach")
    page.wait_for_selector("#side-live:not([hidden])")
    hidden = [link.is_hidden() for link in page.query_selector_all("[data-teaching]")]
    assert hidden == [True] * 3
    page.context.close()
