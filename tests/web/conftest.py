"""Sites and browsers that the tests of the live page share."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from browser import SWITCHES, served
from signnet.errors import ModelError
from signnet.extraction import ensure_models
from signnet.recognise.recogniser import find_model
from signnet.web import build as site
from signnet.web.build import write_site

WEB = Path(site.__file__).parent
SIGN = "wlasl_videos/clips/like__33269.mp4"


def skip_without_browser_files() -> None:
    if not (WEB / "vendor" / "vision_bundle.mjs").is_file():
        pytest.skip("no browser files: npm ci --prefix src/signnet/web")
    try:
        ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")


@pytest.fixture(scope="module")
def base() -> Path:
    """Give the folder of the shipped base."""
    return find_model("base")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    skip_without_browser_files()
    return write_site(tmp_path_factory.mktemp("live") / "site").folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder) as running:
        yield running


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
