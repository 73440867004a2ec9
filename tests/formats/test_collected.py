"""Files of collected signs come in with all labels; a bad one is one line."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collecting import collected_content, packed, write_collected
from commands import Command
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, MediaError
from signnet.formats import import_clips, read
from signnet.skeleton import PARTS

JOINTS = PARTS["right_hand"].stop

Damage = Callable[[dict[str, Any]], None]


def save(content: Any, folder: Path, name: str = "session.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content), "utf-8")
    return folder / name


@pytest.fixture
def word(clip: Clip) -> Clip:
    """Give a clip of a gloss that needs an invisible letter."""
    return replace(clip, name="র‍্যাব__S07__a__2_1f", gloss="র‍্যাব")


def test_a_session_comes_in_with_all_its_labels(
    word: Clip, tmp_path: Path, signnet: Command
) -> None:
    other = replace(word, name="পানি__S07", gloss="পানি")
    file = write_collected([word, other], tmp_path / "in")
    ended = signnet("import", "collected", file, tmp_path / "out")
    assert "2 clips imported" in ended.out
    data = Dataset.open(tmp_path / "out")
    found = data[word.name]
    labels = (found.gloss, found.signer, found.session, found.repetition)
    assert labels == ("র‍্যাব", "S07", "2026-11-26", "2")
    assert found.source == (
        "collected session.json, recorded 2026-11-26T09:30:00.000Z, handedness left, "
        "consent 1 (2026-11)"
    )
    assert found.times is not None
    assert found.fps == pytest.approx(word.fps, rel=1e-3)
    np.testing.assert_allclose(
        found.landmarks[:, :JOINTS], word.landmarks[:, :JOINTS], atol=2e-3
    )
    assert np.isnan(found.landmarks[:, JOINTS:]).all()


def test_a_joint_that_lacks_a_coordinate_is_unseen(word: Clip, tmp_path: Path) -> None:
    marks = word.landmarks[:, :JOINTS].copy()
    marks[3, 40, 1] = np.nan
    content = collected_content([word])
    content["clips"][0]["landmarks"] = packed(marks, "<f2")
    [found] = read(save(content, tmp_path), "collected")
    assert np.isnan(found.landmarks[3, 40]).all()
    assert np.isfinite(found.landmarks[4, 40]).all()


def test_of_a_sign_that_was_exported_twice_the_one_recorded_last_counts(
    word: Clip, tmp_path: Path
) -> None:
    early, late = collected_content([word, word]), collected_content([word])
    late["clips"][0] |= {"gloss": "NEW", "recorded": "2026-11-26T10:00:00.000Z"}
    save(late, tmp_path / "in", "a.json")
    save(early, tmp_path / "in", "b.json")
    report = import_clips("collected", tmp_path / "in", tmp_path / "out")
    assert (report.clips, report.failures) == (1, [])
    assert Dataset.open(tmp_path / "out").column("gloss") == ["NEW"]


def of_session(**other: Any) -> Damage:
    return lambda content: content.update(other)


def of_clip(**other: Any) -> Damage:
    return lambda content: content["clips"][0].update(other)


def without_consent(content: dict[str, Any]) -> None:
    del content["consent"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (of_session(format="signnet taught"), "holds no collected signs"),
        (of_session(version=2), "version 2, expected 1; update signnet"),
        (of_session(parts=["pose"]), "the parts are"),
        (of_session(clips=[]), "holds no clip"),
        (of_session(handedness="clever"), "handedness is 'clever'"),
        (of_session(signer=""), "signer is ''"),
        (of_session(session="a\nb"), "session is 'a"),
        (without_consent, "states no consent"),
    ],
)
def test_a_file_that_is_no_session_is_one_line(
    word: Clip, tmp_path: Path, signnet: Command, damage: Damage, said: str
) -> None:
    content = collected_content([word])
    damage(content)
    ended = signnet("import", "collected", save(content, tmp_path), tmp_path / "out")
    assert (ended.status, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert said in ended.err
    assert not (tmp_path / "out").exists()


NO_HAND = np.full((40, JOINTS, 3), np.nan)
NO_HAND[:, :33] = 0.5
HUGE = np.full((40, JOINTS, 3), 101.0)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (of_clip(name="../a"), "is a path"),
        (of_clip(gloss=None), "gloss is None"),
        (of_clip(gloss="\ud800"), "gloss is '"),
        (of_clip(repetition=0), "repetition is 0"),
        (of_clip(repetition=True), "repetition is True"),
        (of_clip(aspect="wide"), "aspect is 'wide'"),
        (of_clip(frames=20_001), "20001 frames; expected 1 to 20000"),
        (of_clip(frames=1.0), "frames is 1.0"),
        (of_clip(frames=1), "times has"),
        (of_clip(landmarks="AAAA"), "landmarks has 3 bytes, expected"),
        (of_clip(landmarks="%%"), "landmarks is not base64"),
        (of_clip(times=7), "times is not base64"),
        (of_clip(frames=40, times=packed(np.zeros(40), "<f4")), "do not rise"),
        (
            of_clip(frames=40, times=packed(np.full(40, np.nan), "<f4")),
            "frame times do not",
        ),
        (of_clip(landmarks=packed(NO_HAND, "<f2")), "shows no hand in any frame"),
        (of_clip(landmarks=packed(HUGE, "<f2")), "infinite or huge"),
        (of_clip(landmarks=packed(HUGE * np.inf, "<f2")), "huge landmarks"),
        (lambda content: content["clips"].insert(0, 7), "clip 1 is 7, expected"),
    ],
)
def test_a_bad_clip_is_one_line_and_the_others_come_in(
    word: Clip, tmp_path: Path, damage: Damage, said: str
) -> None:
    short = replace(word, landmarks=word.landmarks[:40])
    good = replace(short, name="good", gloss="GOOD")
    content = collected_content([short, good])
    damage(content)
    report = import_clips("collected", save(content, tmp_path), tmp_path / "out")
    [failure] = report.failures
    assert said in failure
    assert len(failure.splitlines()) == 1
    assert "good" in Dataset.open(tmp_path / "out").column("name")


def test_another_file_in_the_folder_fails_alone(word: Clip, tmp_path: Path) -> None:
    write_collected([word], tmp_path / "in")
    save({"a": 1}, tmp_path / "in", "notes.json")
    report = import_clips("collected", tmp_path / "in", tmp_path / "out")
    assert report.clips == 1
    assert "notes.json holds no collected signs" in report.failures[0]


def test_no_file_and_no_json_are_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"holds no \.json file"):
        read(tmp_path, "collected")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises((MediaError, DatasetError), match="not readable JSON"):
        read(tmp_path / "a.json", "collected")
