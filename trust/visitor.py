"""Somebody before the live page: what they do to bring it from state to state."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from browser import visit
from lessons import a_clip, a_file, a_word, floats
from scenes import play

__all__ = ["Visitor"]


@dataclass
class Visitor:
    """Somebody with a new browser before a site."""

    page: Any
    root: str
    """Address of the folder that holds all sites."""

    folder: Path
    """The same folder on this machine."""

    films: Path | None
    """Folder of `wlasl_videos`, if it is there."""

    def go(self, address: str = "", site: str = "site") -> None:
        """Open an address of the live page."""
        visit(self.page, f"{self.root}{site}/{address}")
        self.page.reload()  # an address that differs after # alone loads nothing anew
        self.page.wait_for_selector("[aria-current=page]", state="attached")

    def start(self) -> None:
        """Turn the camera on."""
        self.page.click("#welcome [data-action=camera]")
        self.page.wait_for_selector("#stage[data-state=running]")

    def sign(self, name: str, claim: str) -> None:
        """Sign until a claim about the page holds; a busy machine may miss a sign."""
        for _ in range(6):
            play(self.page, name)
            for _ in range(50):
                self.page.wait_for_timeout(100)
                if self.page.evaluate(claim):
                    return
        raise TimeoutError(f"never true: {claim}")

    def bring(self, content: Any) -> None:
        """Import a file of taught words."""
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        file = {"name": "taught.json", "mimeType": "application/json", "buffer": text}
        self.page.set_input_files("#taught-file", [file])

    def lesson(self, *glosses: str) -> dict[str, Any]:
        """Make a file of words taught to the site's model."""
        card, rng = self._read("model.json"), np.random.default_rng(0)
        size, count = sum(card["embedding"]["axes"]), len(card["vocabulary"])
        words = []
        for gloss in glosses:
            points = {"embedding": floats(*rng.normal(0, 0.07, size))}
            points["scores"] = floats(*rng.uniform(0, 0.1, count))
            words.append(a_word(gloss=gloss, clips=[a_clip(name=gloss, **points)]))
        digest = self._read("files.json")["large"]["model"]["sha256"]
        model = {"name": card["name"], "sha256": digest}
        return a_file(model=model, words=words, forgotten=["নাম"])

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / "site" / name).read_text("utf-8"))
