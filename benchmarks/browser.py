"""Measure the live page in headless Chromium: speed, size, and whether it agrees.

    python benchmarks/browser.py VIDEOS [--model MODEL] [--limit N] [--camera VIDEO]

Every video goes through the page's file mode and through `signnet predict`; the table
counts where both name the same word. With `--camera`, the video is looped before
Chromium's fake camera for a while: the first picture is timed, and the way from camera
to skeleton; frames and long tasks are counted, and the tab's memory is read; `--limit
0` leaves the rest out. The load of the machine is printed too, since it decides them.
"""

import os
import shutil
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from signnet.extraction import extract_video, find_videos
from signnet.recognise.recogniser import Recogniser
from signnet.web.build import write_site

SWITCHES = (
    "--no-sandbox --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
).split()
WARM_UP, WATCHED = 5, 20
"""Seconds before the camera."""

WHOLE_FILM = """() => new Promise(done => {
  let heard = null;
  document.addEventListener('signnet', function hear({detail}) {
    if (detail.kind === 'sign' || detail.kind === 'unsure') heard = detail;
    if (detail.kind !== 'end') return;
    document.removeEventListener('signnet', hear);
    done(heard);
  });
})"""

COUNT = """() => {
  window.drawn = 0; window.long = []; window.late = [];
  let shown = 0, taken = 0;
  const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (take) {
    return ask.call(this, (now, facts) => {
      shown = facts.captureTime ?? now;
      take(now, facts);
    });
  };
  window.VideoFrame = class extends VideoFrame {
    constructor(...given) { super(...given); taken = shown; }
  };
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    if (this.canvas.id === 'overlay') {
      window.drawn += 1;
      window.late.push(performance.now() - taken);
    }
    return clear.apply(this, box);
  };
  new PerformanceObserver(list => window.long.push(...list.getEntries().map(
    entry => Math.round(entry.duration)))).observe({type: 'longtask'});
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serve files and say nothing."""

    def log_message(self, *_: Any) -> None:
        """Keep the table readable."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def load() -> str:
    """Say how busy the machine is."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def agreement(page: Any, videos: list[Path], recogniser: Recogniser) -> None:
    """Compare page and Python on each video."""
    same = both = decided = 0
    for video in videos:
        expected = recogniser.recognise(extract_video(video))
        page.evaluate("document.getElementById('clear').click()")
        page.evaluate(f"window.whole = ({WHOLE_FILM})(); 0")
        page.set_input_files("#file", video)
        event = page.evaluate("window.whole")
        if event is None:
            print(f"{video.name}: the page saw no hand")
            continue
        best = event["predictions"][0]
        word = best["gloss"]
        wanted = expected.top[0]
        both += 1
        same += word == wanted.gloss
        decided += (event["kind"] == "unsure") == expected.abstained
        mark = "" if word == wanted.gloss else "  <- differs"
        print(
            f"{video.name}: page {word} {best['probability']:.2f}, "
            f"Python {wanted.gloss} {wanted.probability:.2f}{mark}",
            flush=True,
        )
    if both:
        print(f"same word: {same} of {both} ({same / both:.1%})")
        print(f"same decision to abstain: {decided} of {both} ({decided / both:.1%})")


def write_camera_film(video: Path, out: Path) -> None:
    """Write a video as the raw film that Chromium's fake camera plays in a loop."""
    capture = cv2.VideoCapture(str(video))
    found, frame = capture.read()
    height, width = (side // 2 * 2 for side in frame.shape[:2])
    with out.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg\n".encode())
        while found:
            planes = cv2.cvtColor(frame[:height, :width], cv2.COLOR_BGR2YUV_I420)
            film.write(b"FRAME\n" + planes.tobytes())
            found, frame = capture.read()


def memory_of_the_tab() -> float:
    """Return the megabytes of the largest renderer (Linux): the page and its workers.

    Pages of memory that processes share are divided among them (Pss).
    """
    found = [0.0]
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"--type=renderer" in (process / "cmdline").read_bytes():
                lines = (process / "smaps_rollup").read_text().splitlines()
                kilobytes = next(one.split()[1] for one in lines if "Pss:" in one)
                found.append(int(kilobytes) / 1000)
    return max(found)


def start(page: Any, visit: str) -> None:
    """Turn the camera on, and time the first picture that is tracked."""
    page.evaluate(COUNT)
    started = time.monotonic()
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#stage[data-state=running]", timeout=120_000)
    while not page.evaluate("window.drawn"):
        page.wait_for_timeout(50)
    print(f"{visit}: first picture after {time.monotonic() - started:.1f} s ({load()})")


def speed(page: Any) -> None:
    """Time two visits, and count frames, long tasks and memory before the camera."""
    start(page, "first visit")
    page.wait_for_timeout(WARM_UP * 1000)
    page.reload()
    start(page, "next visit, files cached")
    page.wait_for_timeout(WARM_UP * 1000)
    page.evaluate("window.drawn = 0; window.long = []; window.late = []")
    started = time.monotonic()
    page.wait_for_timeout(WATCHED * 1000)
    drawn, tasks, late = page.evaluate("[window.drawn, window.long, window.late]")
    fps = drawn / (time.monotonic() - started)
    longest = max(tasks, default=0)
    half, most = np.quantile(late, (0.5, 0.95))
    print(f"{fps:.1f} frames a second ({load()})")
    print(f"from camera to skeleton {half:.0f} ms, 95 % below {most:.0f} ms")
    print(f"longest task {longest} ms of {len(tasks)} longer than 50 ms")
    print(f"the tab holds {memory_of_the_tab():.0f} MB")


def main() -> None:
    """Write a site, open it and measure."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, help="a video, or a folder of them")
    parser.add_argument("--model", default="bdsl55")
    parser.add_argument("--limit", type=int, help="so many, evenly chosen")
    parser.add_argument("--camera", type=Path, help="a video for the fake camera")
    options = parser.parse_args()
    program = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        site = write_site(Path(name) / "site", options.model)
        print(f"a first visit loads {site.download / 1e6:.1f} MB, packed")
        film = Path(name) / "camera.y4m"
        shown = [f"--use-file-for-fake-video-capture={film}"] if options.camera else []
        if options.camera:
            write_camera_film(options.camera, film)
        with served(site.folder) as address:
            browser = playwright.chromium.launch(
                executable_path=program, args=SWITCHES + shown
            )
            page = browser.new_context(permissions=["camera"]).new_page()
            page.set_default_timeout(300_000)
            page.goto(address)
            page.wait_for_selector("#view-live:not([hidden])")
            if options.camera:
                speed(page)
                page.click("#pause")
            videos = find_videos(options.videos)
            recogniser = Recogniser.open(options.model)
            step = max(1, len(videos) // (options.limit or len(videos)))
            agreement(page, videos[::step][: options.limit], recogniser)
            browser.close()


if __name__ == "__main__":
    main()
