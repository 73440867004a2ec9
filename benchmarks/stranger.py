"""A person whom the model never saw makes the page theirs, in a real Chromium.

    python benchmarks/stranger.py FILMS --signer 5.0 --model RUN [--clips DATA] [--open]

FILMS: a folder with `index.csv` (file, gloss, signer), such as wlasl_videos; RUN: a
model of those glosses that was trained without the signer; DATA: clips whose average
motions are the figures. The films play before a fake camera, in their own time; on a
machine too busy for that, `--open` opens them as videos, of which no picture is lost.
The first of each gloss is shown under "I sign it differently"; "Try it now" then asks
for the glosses until no film is left. What the page says is printed: first guesses
right with what was shown and without it.
"""

import base64
import csv
import shutil
import tempfile
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from browser import SWITCHES, served
from signnet.web.build import write_site

FAKE_CAMERA = """(() => {
  const canvas = document.createElement('canvas');
  const film = Object.assign(document.createElement('video'), { muted: true });
  const context = canvas.getContext('2d');
  const draw = () => {
    const width = film.videoWidth || 640, height = film.videoHeight || 480;
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    // A canvas that is not drawn to sends no picture: first an empty room.
    context.fillStyle = Date.now() % 2 ? '#333' : '#343434';
    if (film.videoWidth) context.drawImage(film, 0, 0);
    else context.fillRect(0, 0, width, height);
  };
  setInterval(draw, 33);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(30);
  window.play = (text) => new Promise((done) => {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    film.src = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
    film.onended = () => {
      film.removeAttribute('src');  // the last picture may still show raised hands
      film.load();
      setTimeout(done, 3000);
    };
    film.oncanplay = () => setTimeout(() => film.play(), 500);
  });
})()"""

PATIENCE = 300_000
"""Milliseconds."""


class Visitor:
    """A person before the page, whose signs are films."""

    def __init__(self, page: Any, films: dict[str, list[Path]], opens: bool) -> None:
        self.page = page
        self.films = films
        self.opens = opens

    def says(self) -> str:
        """Read what the page says."""
        return self.page.inner_text("#yours-says")

    def press(self, button: str) -> None:
        """Press a button of the card."""
        self.page.click(f"#yours-buttons [data-yours={button}]")

    def wait_for(self, *texts: str) -> str:
        """Wait until the page says one of some texts."""
        said = ""
        for _ in range(PATIENCE // 200):
            if (now := self.says()) != said:
                said = now
                print(f"  {said}", flush=True)
            if any(text in said for text in texts):
                return said
            self.page.wait_for_timeout(200)
        raise TimeoutError(f"the page says {said!r}, expected one of {texts}")

    def sign(self, film: Path) -> None:
        """Play a film before the camera, or open it and wait until it has ended."""
        if self.opens:
            self.page.set_input_files("#file", film)
            self.page.wait_for_selector("#signing[data-is=watching]", state="attached")
            self.page.wait_for_selector("#signing[data-is=ended]", state="attached")
            self.page.wait_for_timeout(1500)
            return
        text = base64.b64encode(film.read_bytes()).decode()
        self.page.evaluate("(text) => play(text)", text)

    def show_words(self) -> None:
        """Show every word once; a word without a film is signed like the figure."""
        self.press("goOn")
        while self.page.is_visible("[data-yours=later]"):
            self.page.wait_for_timeout(500)
            word = self.page.inner_text("#yours-word")
            if not self.films[word]:
                self.press("same")
                continue
            film = self.films[word].pop(0)
            if not self.opens:
                self.press("otherwise")
                self.wait_for("then lower your hands")
            for _ in range(3):
                self.sign(film)
                if "Kept" in self.says():
                    break
            print(f"{word}: {film.name}: {self.says()}", flush=True)
            is_kept = "Kept" in self.says()
            self.press("next" if is_kept else "later" if self.opens else "stop")

    def try_it(self) -> str:
        """Sign what is asked for until no film is left, and give the last score."""
        score = ""
        while any(self.films.values()):
            self.press("try")
            self.wait_for("Sign ")
            while "Sign " in (said := self.says()):
                word = said.split("Sign ")[1].split(".")[0]
                if not self.films[word]:
                    self.press("skip")
                    continue
                self.sign(self.films[word].pop(0))
                print(f"{word}: {self.says()}", flush=True)
            score = self.says() or score
        return score


def films_of(folder: Path, signer: str) -> dict[str, list[Path]]:
    """Find a person's films by gloss."""
    found = defaultdict[str, list[Path]](list)
    with (folder / "index.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["signer"] == signer:
                found[row["gloss"]].append(folder / row["file"])
    return found


def main() -> None:
    """Play one person through the page."""
    parser = ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--signer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--open", action="store_true", help="open the films as videos")
    asked = parser.parse_args()
    films = films_of(asked.films, asked.signer)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        site = write_site(Path(folder) / "site", asked.model, asked.clips).folder
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(SWITCHES)
        )
        with served(site) as address:
            page = browser.new_page(locale="en-GB", permissions=["camera"])
            page.set_default_timeout(PATIENCE)
            page.add_init_script(FAKE_CAMERA)
            page.goto(address)
            page.click("#invitation a")
            visitor = Visitor(page, films, asked.open)
            visitor.show_words()
            print(page.inner_text("#yours-count"))
            print(visitor.try_it())
        browser.close()


if __name__ == "__main__":
    main()
