"""What a dataset holds, counted by hand, and what spoils it, done on purpose."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.clip import Clip, Landmarks
from signnet.dataset import Dataset, write_clips
from signnet.doctor.spelling import alike
from signnet.doctor.summary import Summary, summarise
from signnet.errors import DatasetError
from signnet.formats import bdsl_npz
from signnet.formats.source import ImportSettings
from signnet.geometry import mirror
from signnet.reports.doctor import write_page
from signnet.skeleton import JOINT_COUNT, PARTS, index


def clip(name: str, gloss: str | None, signer: str, unseen: str | None = None) -> Clip:
    landmarks = np.zeros((4, JOINT_COUNT, 3), np.float32)
    for part in (unseen or "").split():
        landmarks[:, PARTS[part].joints] = np.nan
    return Clip(
        name=name, landmarks=landmarks, fps=25.0, gloss=gloss, signer=signer,
        session="D1", expression="sad",
    )  # fmt: skip


def told(clips: Iterable[Clip]) -> Summary:
    return summarise(Dataset.of_clips(clips))


SUMMARY = told(
    [
        *(clip(f"a{number}", "A", f"S{number}") for number in range(3)),
        clip("b", "B", "S0", unseen="face"),
        clip("c", None, "S0", unseen="left_hand right_hand"),
    ]
)


def test_clips_are_counted_by_label() -> None:
    assert (SUMMARY.clips, SUMMARY.glosses, SUMMARY.signers) == (5, 2, 3)
    assert (SUMMARY.sessions, SUMMARY.frames) == (3, 20)
    assert SUMMARY.per_gloss == {"A": 3, "B": 1}
    assert SUMMARY.per_signer == {"S0": 3, "S1": 1, "S2": 1}
    assert SUMMARY.per_session == {"S0/D1": 3, "S1/D1": 1, "S2/D1": 1}
    assert SUMMARY.per_expression == {"sad": 5}


def test_missing_parts_are_shares_of_frames() -> None:
    assert SUMMARY.missing == {
        "pose": 0.0,
        "left_hand": 0.2,
        "right_hand": 0.2,
        "face": 0.2,
    }


def test_doubts_name_what_may_spoil_a_training() -> None:
    assert tuple(map(str, SUMMARY.doubts)) == (
        "clips without a gloss: 1; they cannot be trained on",
        "glosses with under 3 clips: 1 (B)",
        "glosses shown by one signer only: 1 (B)",
        "clips that never show a hand: 1 (c)",
    )


def test_a_faultless_dataset_has_no_doubts() -> None:
    clips = [clip(f"{g}{n}", g, f"S{n}") for g in "AB" for n in range(3)]
    assert told(clips).doubts == ()


def test_clips_are_counted_by_gloss_and_signer() -> None:
    assert SUMMARY.gloss_by_signer == {
        "A": {"S0": 1, "S1": 1, "S2": 1},
        "B": {"S0": 1},
    }


# Each fault is made on purpose in one of six faultless clips.
def kinds(clips: list[Clip]) -> dict[str, tuple[str, ...]]:
    return {finding.kind: finding.clips for finding in told(clips).findings}


@pytest.fixture(scope="module")
def good(corpus: list[Clip]) -> list[Clip]:
    """Give six performances that the doctor finds nothing wrong with."""
    return [clip for clip in corpus if not kinds([clip])][:6]


def swapped(marks: Landmarks) -> Landmarks:
    made = marks.copy()
    left, right = (PARTS[f"{side}_hand"].joints for side in ("left", "right"))
    made[:, left], made[:, right] = marks[:, right], marks[:, left]
    return made


def apart(marks: Landmarks) -> Landmarks:
    made = marks.copy()
    for side in ("left", "right"):
        hand = PARTS[f"{side}_hand"].joints
        made[:, hand] -= made[:, [index(f"{side}_hand_wrist")]]
    return made


def jumping(marks: Landmarks) -> Landmarks:
    made = marks.copy()
    for side in ("left", "right"):
        joints = [index(f"{side}_wrist"), index(f"{side}_hand_wrist")]
        made[2::4, joints, 0] += 1
    return made


def noisy(marks: Landmarks) -> Landmarks:
    drawn = np.random.default_rng(0).normal(0, 0.1, marks.shape)
    return (np.nanmean(marks, axis=0) + drawn).astype(np.float32)


def without_hands(marks: Landmarks) -> Landmarks:
    made = marks.copy()
    made[:, 33:75] = np.nan
    return made


def flipped(marks: Landmarks) -> Landmarks:
    return marks * np.array([-1, 1, 1], np.float32)


def scaled_by_frame(marks: Landmarks) -> Landmarks:
    shoulders = marks[:, index("left_shoulder")] - marks[:, index("right_shoulder")]
    return 0.4 * marks / np.linalg.norm(shoulders[:, :2], axis=1)[:, None, None]


FAULTS: dict[str, Callable[[Landmarks], Landmarks]] = {
    "zeros": np.nan_to_num,
    "swapped hands": swapped,
    "detached hands": apart,
    "wrong aspect": lambda marks: marks / np.array([16 / 9, 1, 1], np.float32),
    "scaled by frame": scaled_by_frame,
    "wrong unit": lambda marks: marks * np.float32(30),
    "mirrored": flipped,
    "frozen": lambda marks: np.repeat(marks[:1], len(marks), axis=0),
    "jumping": jumping,
    "noise": noisy,
    "no hands": without_hands,
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_fault_made_on_purpose_is_found(good: list[Clip], kind: str) -> None:
    marks = good[2].landmarks.copy()
    marks[1, 33:54] = np.nan
    spoilt = replace(good[2], landmarks=FAULTS[kind](marks))
    found = kinds([*good[:2], spoilt, *good[3:]])
    assert found[kind] == (spoilt.name,)


def test_a_signer_who_was_mirrored_with_all_names_is_left_handed(
    corpus: list[Clip],
) -> None:
    who = corpus[0].signer
    own = [replace(c, landmarks=mirror(c.landmarks)) for c in corpus if c.signer == who]
    before = told([clip for clip in corpus if clip.signer == who]).doubts
    told_of = ["left hand" in " ".join(map(str, d)) for d in (told(own).doubts, before)]
    assert told_of[0] != told_of[1]


def test_copies_are_found_and_told_from_likenesses(good: list[Clip]) -> None:
    first, second, third = good[:3]
    moved = (third.landmarks + np.float32(0.0005)).astype(np.float32)
    clips = [
        *good,
        replace(first, name="copy"),
        replace(second, name="other", gloss="OTHER"),
        replace(third, name="near", landmarks=moved),
    ]
    found = kinds(clips)
    assert set(found["duplicates"]) == {first.name, "copy", second.name, "other"}
    assert set(found["near-duplicates"]) == {third.name, "near"}
    assert set(found["one recording, two glosses"]) == {second.name, "other"}


# The traps of the real corpus, with the importer's repairs switched off.
def test_the_traps_of_the_raw_bangla_corpus_are_found(data: Path) -> None:
    folder = data / "bdsl55" / "clips"
    raw, mended = (
        [source.read()[0] for source in bdsl_npz.sources(folder, given)[::12]]
        for given in (ImportSettings(repair=False), ImportSettings())
    )
    found = {kind: len(clips) / len(raw) for kind, clips in kinds(raw).items()}
    for kind in ("zeros", "detached hands", "wrong aspect", "scaled by frame"):
        assert found[kind] > 0.9, kind
    assert found["swapped hands"] > 0.5
    left = set(kinds(mended)) - {"scaled by frame", "no hands"}
    assert left == set()


# Labels
@settings(deadline=None, derandomize=True)
@given(st.text(min_size=1), st.sampled_from(["NFC", "NFD"]), st.text("\u200c\u200d"))
def test_a_word_is_like_its_other_forms(word: str, form: str, joiners: str) -> None:
    other = unicodedata.normalize(form, word) + joiners
    assert alike([word, other]) == ([tuple(sorted({word, other}))] * (word != other))


def test_different_words_are_not_alike() -> None:
    assert alike(["পানি", "বই", "মা", "মাথা", "WATER", "WAITER"]) == []


def test_words_alike_are_told_with_their_letters() -> None:
    doubts = told(
        [clip(f"{n}{g}", g, f"S{n}") for g in ("ক্ষমা", "ক্ষ\u200dমা") for n in range(3)]
    ).doubts
    assert any("look the same" in str(one) and "200D" in str(one) for one in doubts)


def test_mixed_rates_and_trackers_are_told(good: list[Clip]) -> None:
    mixed = [
        replace(good[0], fps=25.0, source="a.mp4, 9 bytes, tasks pose+hands"),
        replace(good[1], fps=11.0, source="pose b.pose, height 720 given"),
    ]
    doubts = " ".join(map(str, told(mixed).doubts))
    assert "frame rates are mixed (clips): 11 (1), 25 (1)" in doubts
    assert "different trackers: pose (1), tasks (1)" in doubts


# Large datasets
@pytest.fixture
def three_files(corpus: list[Clip], tmp_path: Path) -> Path:
    """Write the corpus three times, each under other names."""
    for number in range(3):
        write_clips(
            [replace(c, name=f"{number}-{c.name}") for c in corpus],
            tmp_path / f"{number}.parquet",
        )
    return tmp_path


@pytest.mark.parametrize("in_memory", [0, 2**30], ids=["in files", "in memory"])
def test_a_sample_counts_all_clips_and_reads_some(
    corpus: list[Clip], three_files: Path, in_memory: int
) -> None:
    made = Dataset.open(three_files, in_memory)
    summary = summarise(made, sample=10)
    assert (summary.clips, summary.looked_at) == (3 * len(corpus), 10)
    assert sum(summary.per_gloss.values()) == 3 * len(corpus)


def test_only_the_sample_is_read_from_the_files(
    three_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[int]()
    real = Dataset.read

    def counted(data: Dataset, indices: Sequence[int]) -> Iterator[Clip]:
        read.extend(indices)
        return real(data, indices)

    monkeypatch.setattr(Dataset, "read", counted)
    made = Dataset.open(three_files, in_memory=0)
    assert summarise(made, sample=10).looked_at == len(read) < len(made)


def test_a_dataset_without_clips_is_refused() -> None:
    with pytest.raises(DatasetError, match="holds no clips"):
        told([])


# The page
def test_the_page_shows_findings_and_gaps_in_both_languages(
    good: list[Clip], tmp_path: Path
) -> None:
    spoilt = replace(good[0], name="<b>x</b>", landmarks=swapped(good[0].landmarks))
    made = Dataset.of_clips([*good[1:], spoilt])
    page = write_page(summarise(made), made, tmp_path, title="পানি")
    html = page.read_text("utf-8")
    assert "<b>x</b>" not in html
    assert html.count('class="film"') >= 1
    assert 'class="number gap"' in html
    assert "অদলবদল হাত" in html
    assert "কেবল একজন স্বাক্ষরকারী দেখিয়েছেন এমন শব্দ" in html
    assert html.count("<script") == 1, "its own, which the policy names by its hash"
    assert re.findall(r"(?:https?:)?//[\w.]+", re.sub(r"base64,[^\"]+", "", html)) == []
    assert json.loads((tmp_path / "info.json").read_text("utf-8"))["clips"] == len(good)
