"""The npm package in a real Chromium: packed, unpacked elsewhere, then used."""

import base64
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from browser import new_page, outside, served, wait_for_text, wait_until
from recorded_streams import motion_stream
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.recognise.model import Model
from signnet.recognise.recogniser import find_model
from signnet.recognise.taught_file import TAUGHT
from signnet.web import build as site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
]

WEB = Path(site.__file__).parent
SIGN = "wlasl_videos/clips/like__33269.mp4"
TOLERANCE = 1e-4
"""Of a probability: the same graph in two builds of ONNX Runtime."""

LIKELY = 1e-3
LIVE = {"live": "1"}

BLANK = "<!doctype html><title>blank</title><link rel='icon' href='data:,'>"

SETUP = """async () => {
    const { load } = await import("./signnet/engine/index.js");
    const numbers = (text) =>
      new Float32Array(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
    globalThis.clip = ({ landmarks, ...more }) =>
      ({ ...more, landmarks: numbers(landmarks) });
    globalThis.load = load;
}"""

RECOGNISE = """async ({ address, sources }) => {
    globalThis.model = await load(address);
    const answers = [];
    for (const one of sources) answers.push(await model.recognise(clip(one)));
    return answers;
}"""

STREAM = """async ({ landmarks, times }) => {
    const { landmarks: all } = clip({ landmarks });
    const frames = times.map((seconds, n) =>
      ({ seconds, landmarks: all.subarray(n * 553 * 3, (n + 1) * 553 * 3) }));
    const events = [];
    for await (const event of model.stream(frames)) events.push(event);
    return events;
}"""

TEACH = """async ({ lesson, source }) => {
    for (const [gloss, one] of lesson) await model.teach(gloss, clip(one));
    const after = await model.recognise(clip(source));
    const saved = model.save();
    await model.forget(lesson[0][0]);
    const without = await model.recognise(clip(source));
    await model.restore(saved);
    const again = await model.recognise(clip(source));
    return { after, saved, without, again };
}"""

REFUSED = """async ({ lesson, source, blind }) => {
    const codeOf = (run) => run().then(() => "", ({ code }) => code);
    const base = await load("base");
    const codes = [
      await codeOf(() => base.recognise(clip(source))),
      await codeOf(() => base.forget("nothing")),
      await codeOf(() => base.recognise("film.mp4")),
      await codeOf(() => base.recognise({ landmarks: [1, 2] })),
      await codeOf(() => base.teach("W", clip(blind))),
      await codeOf(() => base.teach("W", [])),
      await codeOf(() => base.teach(" ", clip(blind))),
      await codeOf(() => load("nowhere")),
      await codeOf(() => base.restore(model.save())),
    ];
    const [gloss, one] = lesson[0];
    await base.teach(gloss, clip(one));
    const doubtful = () => base.teach("another", clip(one));
    codes.push(await codeOf(doubtful));
    base.close();
    const opening = codeOf(() => base.recognise(clip(source)));
    base.close();
    codes.push(await opening);
    model.close();
    return codes;
}"""


def packed(folder: Path) -> Path:
    """Build the package, pack it as npm does, and unpack it in a folder."""
    folder.mkdir()
    staged = folder.parent / "staged"
    subprocess.run(["node", WEB / "pack.mjs", staged], check=True)
    order = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination"]
    subprocess.run(
        [*order, folder.parent, staged], check=True, capture_output=True, cwd=folder
    )
    (archive,) = folder.parent.glob("*.tgz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (folder / "package").rename(folder / "signnet")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Give a folder with the package, a site's model, and two exported models."""
    place = packed(tmp_path_factory.mktemp("engine") / "www")
    (place / "index.html").write_text(BLANK)
    (place / "model").symlink_to(folder)
    for name in ("bdsl55", "base"):
        (place / name).symlink_to(find_model(name))
    return place


@pytest.fixture(scope="module")
def shop(place: Path) -> Iterator[str]:
    with served(place) as address:
        yield address


def given(clip: Clip) -> dict[str, Any]:
    """Write a clip as the page gives it."""
    values = base64.b64encode(clip.landmarks.astype("<f4").tobytes()).decode()
    pace = {"fps": clip.fps} if clip.times is None else {"times": clip.times.tolist()}
    return {"landmarks": values, "name": clip.name} | pace


def unevenly(clip: Clip) -> Clip:
    """Record a clip at a varying rate."""
    steps = np.random.default_rng(1).uniform(0.02, 0.06, len(clip))
    times = (np.cumsum(steps) - steps[0]).astype(np.float32)
    return Clip(name=clip.name, landmarks=clip.landmarks, fps=float("nan"), times=times)


def turned(clip: Clip) -> Clip:
    """Turn a sign into one that no model knows: upside down and from its end."""
    landmarks = clip.landmarks[::-1].copy()
    landmarks[:, 33:75, 1] = 2 * landmarks[:, 33:75, 1].mean() - landmarks[:, 33:75, 1]
    return clip.with_landmarks(landmarks)


def motions() -> list[Clip]:
    return list(Dataset.open(find_model("bdsl55") / "motions.parquet"))


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare the page's answer with what `signnet predict --json` prints."""
    assert set(found) == set(expected)
    for key in ("file", "frames", "abstained", "hand"):
        assert found[key] == expected[key], key
    same_predictions(found["predictions"], expected["predictions"])


def same_predictions(found: list[Any], expected: list[Any]) -> None:
    """Compare probabilities, and the glosses that are no draw."""
    likely = (
        [one["gloss"] for one in answer if one["probability"] > LIKELY]
        for answer in (found, expected)
    )
    assert next(likely) == next(likely)
    for one, other in zip(found, expected, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=TOLERANCE)


def same_event(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare events of a stream; Python calls the predictions `top`."""
    same_predictions(found.pop("predictions"), list(expected.pop("top")))
    assert set(found) == set(expected)
    for key, value in expected.items():
        is_number = isinstance(value, float)
        wanted = pytest.approx(value, abs=TOLERANCE) if is_number else value
        assert found[key] == wanted, key


def test_a_model_answers_and_learns_as_python_does(
    browser: Any, shop: str, tmp_path: Path
) -> None:
    page = new_page(browser)
    page.goto(shop)
    page.evaluate(SETUP)
    model, shown = Model.open("bdsl55"), motions()
    clips = (shown[3], unevenly(shown[20]))
    asked = {"address": "bdsl55", "sources": [given(clip) for clip in clips]}
    for found, clip in zip(page.evaluate(RECOGNISE, asked), clips, strict=True):
        same(found, model(clip).to_json(clip.name))

    film = motion_stream("বই", "আমি")
    landmarks = base64.b64encode(film.landmarks.astype("<f4").tobytes()).decode()
    found = page.evaluate(STREAM, {"landmarks": landmarks, "times": film.times})
    frames = zip(film.times, film.landmarks, strict=True)
    expected = list(model.stream(frames))
    assert [one.gloss for one in expected if one.kind == "sign"] == ["বই", "আমি"]
    for event, one in zip(found, expected, strict=True):
        same_event(event, asdict(one))

    lesson = [("পাখি", given(turned(shown[3]))), ("W2", given(turned(shown[20])))]
    source = unevenly(turned(shown[3]))
    asked = {"lesson": lesson, "source": given(source)}
    found = page.evaluate(TEACH, asked)
    assert found["after"]["predictions"][0]["gloss"] == "পাখি"
    assert "পাখি" not in str(found["without"])
    same(found["again"], found["after"])
    shutil.copytree(find_model("bdsl55"), tmp_path / "taught")
    (tmp_path / "taught" / TAUGHT).write_text(found["saved"], "utf-8")
    same(found["after"], Model.open(tmp_path / "taught")(source).to_json(source.name))

    blind = clips[0].with_landmarks(np.full_like(clips[0].landmarks, np.nan))
    codes = page.evaluate(REFUSED, asked | {"blind": given(blind)})
    expected = (
        "noWords unknownGloss noTracker badLandmarks noHand noClips noGloss missing"
    )
    assert codes == [*expected.split(), "otherModel", "doubtful", "modelFailed"]
    assert outside(page, shop) == []
    page.context.close()


@pytest.fixture(scope="module")
def film(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cut the middle out of a recorded sign: every picture costs a tracking.

    The film does not say how long it is, as many do that browsers record.
    """
    out = tmp_path_factory.mktemp("film") / "sign.webm"
    with av.open(data / SIGN) as whole, av.open(out, "w", options=LIVE) as cut:
        pictures = list(whole.decode(video=0))
        stream = cut.add_stream("libvpx", rate=25)
        stream.width, stream.height = pictures[0].width, pictures[0].height
        stream.pix_fmt = "yuv420p"
        middle = len(pictures) // 2
        for number, picture in enumerate(pictures[middle - 3 : middle + 3]):
            picture.pts, picture.time_base = number, Fraction(1, 25)
            cut.mux(stream.encode(picture))
        cut.mux(stream.encode())
    return out


LENGTH = """async () => {
    const { openFilm } = await import("../capture/film.js");
    const [file] = document.getElementById("film").files;
    const source = await openFilm(document.createElement("video"), file);
    return [source.isShort, source.seconds];
}"""


def test_the_example_names_a_film_learns_it_and_watches_the_camera(
    with_camera: Any, shop: str, film: Path
) -> None:
    page = new_page(with_camera)
    page.goto(f"{shop}signnet/example/?model=../../model/")
    page.set_input_files("#film", film)
    named = "/^.+ \\(\\d+ %, (left|right|both)\\)/.test(says.textContent)"
    wait_until(page, named)
    assert page.evaluate(LENGTH) == [True, pytest.approx(0.2, abs=0.1)]
    page.fill("#gloss", "পাখি")
    page.check("#sure")
    page.click("#teach button")
    wait_for_text(page, "says", "পাখি is taught")
    page.set_input_files("#film", [])
    page.set_input_files("#film", film)
    wait_until(page, "says.textContent.startsWith('পাখি (')")
    page.evaluate("says.textContent = ''")
    page.click("#camera")
    wait_until(page, "says.textContent !== ''")
    on = "video.srcObject?.getTracks().some(({ readyState }) => readyState === 'live')"
    assert page.evaluate(on)
    page.click("#camera")
    wait_until(page, f"!({on})")
    assert (page.faults, outside(page, shop)) == ([], [])
    page.context.close()
