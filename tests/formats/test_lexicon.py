"""A dataset is written as a lexicon of spoken-to-signed, and read back."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import Command
from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.errors import DatasetError, SettingsError
from signnet.formats import ImportSettings, read, write_poses
from signnet.skeleton import PARTS

pytest.importorskip("pose_format", reason="needs the pose extra")


@pytest.fixture
def pair(clip: Clip) -> Dataset:
    """Give two clips of a word; the hands of the first are often lost."""
    marks = clip.landmarks[:8].copy()
    whole = replace(clip, name="whole", landmarks=marks.copy(), gloss="পানি")
    marks[:6, PARTS["left_hand"].start : PARTS["face"].start] = np.nan
    return Dataset.of_clips([replace(whole, name="poor", landmarks=marks), whole])


def test_a_lexicon_names_languages_and_the_better_clip_first(
    pair: Dataset, tmp_path: Path
) -> None:
    assert write_poses(pair, tmp_path, languages=("bn", "ins")) == 2
    with (tmp_path / "index.csv").open(encoding="utf-8", newline="") as file:
        poor, whole = csv.DictReader(file)
    assert whole["path"] == "ins/whole.pose"
    assert (tmp_path / whole["path"]).is_file()
    expected = {
        "spoken_language": "bn", "signed_language": "ins", "start": "0", "end": "0",
        "words": "পানি", "glosses": "পানি", "priority": "0",
    }  # fmt: skip
    assert {key: whole[key] for key in expected} == expected
    assert poor["priority"] == "1"


def test_a_lexicon_s_index_labels_its_clips_on_import(
    pair: Dataset, tmp_path: Path
) -> None:
    write_poses(pair, tmp_path, languages=("bn", "ins"))
    back = read(tmp_path, "pose", ImportSettings(index=tmp_path / "index.csv"))
    assert list(back.column("gloss")) == ["পানি", "পানি"]


def test_a_lexicon_needs_glosses_rates_and_codes(clip: Clip, tmp_path: Path) -> None:
    cases = {
        "gloss": replace(clip, gloss=None),
        "frame rate": replace(clip, fps=np.nan),
    }
    for what, bad in cases.items():
        with pytest.raises(DatasetError, match=f"1 clips have no {what}"):
            write_poses(Dataset.of_clips([bad]), tmp_path, languages=("bn", "ins"))
    with pytest.raises(SettingsError, match="expected a subtag"):
        write_poses(Dataset.of_clips([clip]), tmp_path, languages=("bn", "../up"))


def test_one_language_alone_is_refused(
    signnet: Command, clip: Clip, tmp_path: Path
) -> None:
    write_clips([clip], tmp_path / "d" / "a.parquet")
    words = ("export-pose", tmp_path / "d", tmp_path / "out")
    assert signnet(*words, "--spoken-language", "bn").status == 1
    both = ("--spoken-language", "bn", "--signed-language", "ins")
    assert signnet(*words, *both).status == 0
    assert len([*(tmp_path / "out" / "ins").glob("*.pose")]) == 1
