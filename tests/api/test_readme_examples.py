"""The README's Python runs, on invented clips in place of a reader's recordings.

Names of recordings become names of landmark files, training takes one epoch, and lines
that extract videos are left out: tests/extract has them.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.recognise.recogniser import find_model
from signnet.splits import make_split, write_split

pytestmark = pytest.mark.slow

README = Path(__file__).parent.parent.parent / "README.md"

API = """
import signnet

model = signnet.load("bdsl55")
answer = model("film.mp4")
print(answer.gloss, answer.probability, answer.abstained, answer.top)
for event in model.stream(next(iter(signnet.read("film.mp4")))):
    print(event.gloss, event.start, event.end)
taught = model.teach({"WATER": ["a.mp4"]})
taught.save("mine")
taught.forget("WATER")
data = signnet.Dataset("folder")
print(data[0].gloss, data[data[0].name].signer, len(data))
signnet.extract("videos", "extracted")
signnet.write(data, "written")
run = signnet.train(data, split="split.json", out="run")
print(run.metrics, run.model().vocabulary)
signnet.evaluate(run, "written", split="split.json").report("report")
signnet.compare([run, "bdsl55"], data).report("comparison")
"""
"""The contract of the API."""

RECORDING = re.compile(r"""(["'])([\w./-]+)\.(?:mp4|mov|webm|mkv|pose|npz)\1""")

DATASETS = ("folder", "dataset", "data")
"""Names that an example may give a dataset."""


def readme_program() -> str:
    """Join the README's examples: the later ones use what the earlier ones made."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    return "\n".join(blocks)


def runnable(program: str) -> str:
    """Let an example run on landmarks, and train for one epoch only."""
    lines = [line for line in program.splitlines() if "signnet.extract(" not in line]
    text = RECORDING.sub(r"\1\2.parquet\1", "\n".join(lines))
    short = "changes=['train.epochs=1'], threads=1, data="
    return re.sub(r"(signnet\.train\()", rf"\1{short}", text)


def films(program: str) -> list[str]:
    return [name for _, name in RECORDING.findall(program)]


@pytest.fixture
def recordings(
    four_signs: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Stand in a folder with a dataset under its usual names, and a split."""
    for name in DATASETS:
        write_clips(list(four_signs), tmp_path / name / "all.parquet")
    split = make_split(four_signs, "signer", hold_out="P03")
    write_split(split, tmp_path / "split.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(number: int) -> Clip:
    """Give recordings of one sign that the shipped model does not know."""
    motions = Dataset.open(find_model("bdsl55") / "motions.parquet")
    clip = list(motions)[1]
    landmarks = clip.landmarks[::-1].copy()
    landmarks[:, 33:75, 1] -= np.float32(0.4 + 0.002 * number)
    return replace(clip, name=f"film-{number}", landmarks=landmarks, gloss=None)


@pytest.mark.parametrize("program", [API, readme_program()], ids=["API", "README"])
def test_an_example_runs(program: str, recordings: Path) -> None:
    for number, name in enumerate(dict.fromkeys(films(program))):
        write_clips([recorded(number)], recordings / f"{name}.parquet")
    exec(compile(runnable(program), "README.md", "exec"), {})


def test_the_substitutions_reach_what_they_are_for() -> None:
    changed = runnable(API)
    assert 'model("film.parquet")' in changed
    assert "signnet.train(changes=['train.epochs=1'], threads=1, data=data," in changed
    assert "extract" not in changed
