"""Take a picture of every page in every state, and let axe look at each.

    python trust/pages.py --out pictures [--views phone-bn-dark] [--walks live,teach]

A site of the shipped model with a gallery is built and visited in Chromium: an invented
person stands before the camera (`scenes.py`), and walks (`states.py`) bring the page
from one state to the next, each in three views. Exit status 1: axe found a barrier, a
page scrolls sideways, a button on a phone is less than 44 pixels high, a Bangla page
says something in English, or a state was not reached.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

import signnet  # noqa: E402
from browser import AXE, SWITCHES, new_page, served  # noqa: E402
from scenes import put_person_before  # noqa: E402
from signnet.clip import Clip  # noqa: E402
from signnet.dataset import Dataset, write_clips  # noqa: E402
from signnet.recognise.recogniser import find_model  # noqa: E402
from signnet.synthetic import make_corpus  # noqa: E402
from signnet.web.build import write_site  # noqa: E402
from signnet.web.parts import WEB  # noqa: E402
from states import WALKS  # noqa: E402
from visitor import Visitor  # noqa: E402

PHONE = {"is_mobile": True, "has_touch": True, "device_scale_factor": 2}
VIEWS: dict[str, dict[str, Any]] = {
    "desktop-en-light": {"size": (1280, 800)},
    "phone-bn-dark": {"size": (390, 844), **PHONE},
    "landscape-bn-light": {"size": (844, 390), **PHONE},
    "phone-en-light": {"size": (390, 844), **PHONE},
    "desktop-bn-dark": {"size": (1280, 800)},
}
"""The first three are looked at unless others are asked for."""

AXE_RUN = """axe.run({ exclude: ["pre code"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) =>
    `axe ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`))"""
"""Blocks of code scroll by keyboard in today's browsers, which axe does not know."""

NAMES = (
    r"\S+\.(?:json|csv|onnx|html)|signnet(?: \w+)?|bdsl55|WebAssembly|https|localhost"
    r"|mp4|webm|UTF-8|LaTeX|Holm|sha256|[0-9a-f]{16,}|\/\S+|S0\d|\b[A-Z-]+\b"
    r"|\b(?:signed|taught|happy|sad|school|dataset|English)\b"
)
"""What stays in Latin letters on a Bangla page."""

FOREIGN = ("docs", "example")
"""Pages whose buttons are those of a theme or of the browser."""

LOOK = """(isPhone) => {
  const found = [];
  const { scrollWidth, clientWidth, lang } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`scrolls sideways: ${scrollWidth}`);
  const shown = (one) => one.checkVisibility({ visibilityProperty: true })
    && one.getBoundingClientRect().width > 1;
  const name = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 100);
  const fields = "summary, select, input:not([type=file])";
  const targets = `button, a.button, ${fields}, .back, nav a`;
  for (const one of isPhone ? document.querySelectorAll(targets) : []) {
    const { width, height } = (one.labels?.[0] ?? one).getBoundingClientRect();
    if (shown(one) && Math.min(width, height) < 43.5)
      found.push(`small: ${Math.round(width)}x${Math.round(height)} ${name(one)}`);
  }
  for (const one of document.querySelectorAll("main *"))
    if (shown(one) && one.getBoundingClientRect().right > clientWidth + 1
        && !one.closest(".film, .scroll, .transcript, pre, .visually-hidden"))
      found.push(`sticks out: ${name(one)}`);
  const hides = (one) => ["hidden", "clip"].includes(getComputedStyle(one).overflowY);
  for (const one of document.querySelectorAll("main :is(p, h2, h3, li, button, a)")) {
    let box = one.parentElement;
    while (box && !hides(box)) box = box.parentElement;
    const [inner, outer] = [one, box ?? one].map((it) => it.getBoundingClientRect());
    if (shown(one) && (inner.bottom > outer.bottom + 1 || inner.top < outer.top - 1))
      found.push(`cut off: ${name(one)}`);
  }
  if (lang !== "bn") return found;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: holder, data } = walker.currentNode;
    const words = data.replace(/NAMES/g, "");
    if (holder.closest("[lang]").lang === "bn" && /[A-Za-z]{2}/.test(words)
        && !holder.closest("script, style, noscript") && shown(holder))
      found.push(`English: ${data.trim().slice(0, 80)}`);
  }
  return found;
}"""


def write_sites(folder: Path) -> None:
    """Write everything that is looked at."""
    gallery, signed = folder / "gallery", folder / "signed"
    write_clips(make_corpus(2, 1, 0), gallery / "clips.parquet")
    write_clips(signed_clips(), signed / "clips.parquet")
    write_site(folder / "site", "bdsl55", gallery)
    write_site(folder / "bare", "base")
    write_papers(folder, signed)
    write_film(folder / "empty.webm", frames=20, fps=10)
    write_film(folder / "long.webm", frames=400, fps=1)
    pack = [WEB / "pack.mjs", folder / "example" / "signnet"]
    subprocess.run(["node", *pack], check=True, stdout=subprocess.DEVNULL)
    if (ROOT / "site-docs").is_dir():
        shutil.copytree(ROOT / "site-docs", folder / "docs")


def signed_clips() -> list[Clip]:
    """Let three people sign the model's words, the third of them badly."""
    rng = np.random.default_rng(0)
    motions = list(Dataset.open(find_model("bdsl55") / "motions.parquet"))
    clips = list[Clip]()
    for number, blur in enumerate((0.01, 0.02, 0.08), 1):
        for clip in motions:
            landmarks = clip.landmarks + rng.normal(0, blur, clip.landmarks.shape[1:])
            if rng.random() < blur:
                landmarks[:, 33:] = np.nan
            own = {"signer": f"S{number:02}", "session": "school"}
            name = f"{clip.gloss}__S{number:02}"
            one = replace(clip, landmarks=landmarks.astype(np.float32), name=name)
            clips.append(replace(one, **own, expression=("happy", "sad")[number % 2]))
    return clips


def write_papers(folder: Path, data: Path) -> None:
    """Write an evaluation, a comparison, the doctor's page and a review of clips."""
    model = signnet.load("bdsl55")
    # A clip of another word, so that the models differ.
    other = model.teach({"বই": [Dataset.open(data)[0]]}, despite_doubts=True)
    signnet.evaluate(model, data).report(folder / "report")
    compared = signnet.compare({"bdsl55": model, "taught": other}, data)
    compared.report(folder / "comparison")
    for name in ("info", "review"):
        words = [sys.executable, "-m", "signnet", name, data, "--out", folder / name]
        words += ["--sample", "40"]  # a picture has its limits
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def write_film(path: Path, *, frames: int, fps: float) -> None:
    """Write a film of an empty room."""
    code = cv2.VideoWriter.fourcc(*"VP80")
    film = cv2.VideoWriter(str(path), code, fps, (320, 240))
    for number in range(frames):
        film.write(np.full((240, 320, 3), 90 + number % 9, np.uint8))
    film.release()


def look_at(page: Any, picture: Path, *, is_phone: bool) -> list[str]:
    """Save a picture, and list what is wrong with the page."""
    page.wait_for_timeout(250)  # a colour on its way to another has no contrast
    page.screenshot(path=picture, full_page=True, animations="disabled")
    page.evaluate(AXE.read_text("utf-8"))
    return page.evaluate(AXE_RUN) + page.evaluate(
        LOOK.replace("NAMES", NAMES), is_phone
    )


def walk(
    browser: Any, view: str, name: str, make: Any, out: Path
) -> Iterator[tuple[str, list[str]]]:
    """Go through the states of one walk; give each one's name and its faults."""
    options = dict(VIEWS[view])
    width, height = options.pop("size")
    _, language, scheme = view.split("-")
    page = new_page(
        browser, width=width, color_scheme=scheme, service_workers="block",
        locale={"en": "en-GB", "bn": "bn-BD"}[language],
        reduced_motion="no-preference" if view == "desktop-en-light" else "reduce",
        **options,
    )  # fmt: skip
    page.set_viewport_size({"width": width, "height": height})
    if name != "real_film":
        put_person_before(page)
    state = "start"
    try:
        for number, state in enumerate(WALKS[name](make(page))):
            slug = state.replace(" ", "-").replace(",", "")
            picture = out / f"{name}-{number:02}-{slug}--{view}.png"
            yield (
                state,
                look_at(
                    page,
                    picture,
                    is_phone="is_mobile" in options and state not in FOREIGN,
                ),
            )
    except Exception as error:
        page.screenshot(path=out / f"{name}-failed--{view}.png")
        yield f"after {state}", [f"not reached: {str(error)[:300]}"]
    page.context.close()


def main() -> None:
    """Visit all states in all views; print a line for each, and fail if one is bad."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("pictures"))
    parser.add_argument("--views", default=",".join([*VIEWS][:3]))
    parser.add_argument("--walks", default=",".join(WALKS))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sites", type=Path, help="keep what is built here")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    films = asked.data / "wlasl_videos"
    count = barriers = others = 0
    with tempfile.TemporaryDirectory() as made, sync_playwright() as running:
        folder = asked.sites or Path(made)
        if not (folder / "site").is_dir():
            write_sites(folder)
        program = shutil.which("chromium")
        browser = running.chromium.launch(executable_path=program, args=list(SWITCHES))
        with served(folder) as root:
            make = partial(
                Visitor, root=root, folder=folder,
                films=films if films.is_dir() else None,
            )  # fmt: skip
            for view in asked.views.split(","):
                for name in asked.walks.split(","):
                    for state, found in walk(browser, view, name, make, asked.out):
                        count += 1
                        ours = [one for one in found if one.startswith("axe")]
                        barriers += len(ours)
                        others += len(found) - len(ours)
                        print(f"{view} {name}: {state}", flush=True)
                        for one in found:
                            print(f"    {one}", flush=True)
        browser.close()
    print(f"{count} pictures, {barriers} findings of axe, {others} others")
    sys.exit(int(bool(barriers or others)))


if __name__ == "__main__":
    main()
