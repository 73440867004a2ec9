"""What a dataset holds, counted by hand."""

import numpy as np

from signnet.clip import Clip
from signnet.info import summarise
from signnet.skeleton import JOINT_COUNT, PARTS
from signnet.store import Dataset


def clip(name: str, gloss: str | None, signer: str, unseen: str | None = None) -> Clip:
    landmarks = np.zeros((4, JOINT_COUNT, 3), np.float32)
    for part in (unseen or "").split():
        landmarks[:, PARTS[part].joints] = np.nan
    return Clip(
        name=name, landmarks=landmarks, fps=25.0, gloss=gloss, signer=signer,
        session="D1", expression="sad",
    )  # fmt: skip


SUMMARY = summarise(
    Dataset.of_clips(
        [
            *(clip(f"a{number}", "A", f"S{number}") for number in range(3)),
            clip("b", "B", "S0", unseen="face"),
            clip("c", None, "S0", unseen="left_hand right_hand"),
        ]
    )
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
    assert SUMMARY.doubts == (
        "1 clips have no gloss: they can be predicted, not trained on",
        "1 glosses have under 3 clips: B",
        "1 glosses are shown by one signer only: B",
        "1 clips never show a hand: c",
    )


def test_a_faultless_dataset_has_no_doubts() -> None:
    clips = [clip(f"{g}{n}", g, f"S{n}") for g in "AB" for n in range(3)]
    assert summarise(Dataset.of_clips(clips)).doubts == ()
