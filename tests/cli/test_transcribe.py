"""Transcribe on the command line, and the round trip by way of ELAN."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import Command, assert_one_line
from recorded_streams import motion_stream
from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips

pytestmark = pytest.mark.slow

WORDS = ("আমি", "বই", "আমি", "বই")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the landmarks of a film in which two signs come twice."""
    recorded = motion_stream(*WORDS)
    path = tmp_path_factory.mktemp("films") / "film.parquet"
    times = np.array(recorded.times, np.float32)
    made = Clip(name="film", landmarks=recorded.landmarks, fps=30.0, times=times)
    write_clips([made], path)
    return path


def test_a_batch_goes_on_past_bad_films(
    signnet: Command, film: Path, tmp_path: Path
) -> None:
    torn, out = tmp_path / "torn.parquet", tmp_path / "out"
    torn.write_bytes(b"PAR1")
    words = ("transcribe", torn, tmp_path / "none.mp4", film)
    ended = signnet(
        *words, "--json", "--eaf", "--csv", "--vtt", "--clips", "--out", out
    )
    assert ended.status == 2
    (one,) = json.loads(ended.out)
    sure = [part["gloss"] for part in one["segments"] if not part["unsure"]]
    assert (one["file"], sure) == (str(film), list(WORDS))
    assert {file.name for file in out.iterdir()} == {
        *("film.eaf", "film.csv", "film.vtt", "film.clips.parquet")
    }
    clips = Dataset(out)
    assert [clip.gloss for clip in clips] == [
        None if part["unsure"] else part["gloss"] for part in one["segments"]
    ]
    for clip, part in zip(clips, one["segments"], strict=True):
        assert clip.name == f"film-{round(1000 * part['start']):07d}"
        assert clip.seconds == pytest.approx(part["end"] - part["start"], abs=0.05)
    assert "torn.parquet" in ended.err
    assert "none.mp4" in ended.err
    assert "2 files failed" in ended.err
    again = signnet("transcribe", film, "--csv", "--out", out)
    assert_one_line(again, "film.csv", "exists already")


def test_a_bad_clip_does_not_stop_those_after_it(
    signnet: Command, film: Path, tmp_path: Path
) -> None:
    (whole,) = Dataset.open(film)
    short = replace(whole, landmarks=whole.landmarks[:30], times=None)
    nowhen = replace(short, name="nowhen", fps=float("nan"))
    write_clips([nowhen, replace(short, name="short")], tmp_path / "two.parquet")
    ended = signnet("transcribe", tmp_path / "two.parquet")
    assert ended.status == 2
    assert "two.parquet#short: " in ended.out
    assert "nowhen: unknown frame rate" in ended.err


def test_mistakes_are_one_line(signnet: Command, film: Path, tmp_path: Path) -> None:
    assert_one_line(signnet("transcribe"), "no video")
    assert_one_line(signnet("transcribe", film, "--out", tmp_path), "--eaf")
    assert_one_line(signnet("transcribe", film, "--model", "nothing"), "no model")
    other = tmp_path / "film.npz"
    other.write_bytes(b"x")
    ended = signnet("transcribe", film, other, "--eaf", "--out", tmp_path)
    assert_one_line(ended, "to the same file")


def test_a_film_goes_out_to_elan_and_comes_back_as_words(
    signnet: Command, film: Path, tmp_path: Path
) -> None:
    """Transcribe with a base, correct, import, teach, and transcribe again."""
    out, data, model = tmp_path / "eaf", tmp_path / "data", tmp_path / "model"
    ended = signnet("transcribe", film, "--model", "base", "--eaf", "--out", out)
    assert ended.status == 0, ended.err
    correct(out / "film.eaf")
    words = ("--media", film.parent, "--tier", "signnet unsure")
    ended = signnet("import", "elan", out, data, *words)
    assert (ended.status, ended.out[:7]) == (0, "4 clips"), ended.err
    assert signnet("enrol", "base", data, "--out", model, "--yes").status == 0
    ended = signnet("transcribe", film, "--model", model, "--json")
    (one,) = json.loads(ended.out)
    sure = [part for part in one["segments"] if not part["unsure"]]
    assert [part["gloss"] for part in sure] == ["I", "BOOK", "I", "BOOK"]


def correct(path: Path) -> None:
    """Do an annotator's work: name the signs and delete what is none."""
    tree = ET.parse(path)
    root = tree.getroot()
    slots = {
        slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"])
        for slot in root.iter("TIME_SLOT")
    }
    ends = motion_stream(*WORDS).ends
    (tier,) = [
        one for one in root.iter("TIER") if one.get("TIER_ID") == "signnet unsure"
    ]
    given = list[ET.Element]()
    for name, end in zip(("I", "BOOK", "I", "BOOK"), ends, strict=True):
        inside = [
            outer
            for outer in tier
            if slots[outer[0].attrib["TIME_SLOT_REF1"]] < end * 1000 - 300
            and slots[outer[0].attrib["TIME_SLOT_REF2"]] > end * 1000 - 1500
        ]
        begin = min(slots[one[0].attrib["TIME_SLOT_REF1"]] for one in inside)
        last = inside[-1][0].attrib["TIME_SLOT_REF2"]
        first = next(slot for slot, time in slots.items() if time == begin)
        inside[0][0].attrib |= {"TIME_SLOT_REF1": first, "TIME_SLOT_REF2": last}
        value = inside[0][0].find("ANNOTATION_VALUE")
        assert value is not None
        assert (value.text or "").startswith("?")
        value.text = name
        given.append(inside[0])
    for outer in list(tier):
        if outer not in given:
            tier.remove(outer)
    tree.write(path, encoding="UTF-8", xml_declaration=True)
