"""Average motions: shown to learners, and no recording."""

from dataclasses import replace

import numpy as np

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.recognise.motions import average_motions
from signnet.skeleton import PARTS, index


def test_every_gloss_with_two_clips_of_a_signer_gets_one_motion(
    corpus: list[Clip],
) -> None:
    motions = average_motions(Dataset.of_clips(corpus), frames=16)
    assert [motion.gloss for motion in motions] == sorted({c.gloss for c in corpus})
    assert all(len(motion) == 16 for motion in motions)


def test_a_single_clip_is_never_given_away_as_an_average(corpus: list[Clip]) -> None:
    assert average_motions(Dataset.of_clips(corpus[:1])) == []


def test_the_average_of_the_same_clip_twice_is_that_clip_in_its_own_space(
    clip: Clip,
) -> None:
    twice = [clip, replace(clip, name="again")]
    (motion,) = average_motions(Dataset.of_clips(twice), frames=len(clip))
    shoulders = [index("left_shoulder"), index("right_shoulder")]
    width = np.linalg.norm(
        np.subtract(*motion.landmarks[:, shoulders, :2].swapaxes(0, 1)), axis=-1
    )
    np.testing.assert_allclose(width.mean(), 0.4, atol=2e-3)
    hand = PARTS["right_hand"].joints
    seen = np.isfinite(motion.landmarks[:, hand]).all()
    assert seen == np.isfinite(clip.landmarks[:, hand]).all()


def test_a_hand_that_half_the_clips_do_not_show_is_left_out(clip: Clip) -> None:
    bare = clip.landmarks.copy()
    bare[:, PARTS["left_hand"].joints] = np.nan
    clips = [
        clip,
        replace(clip, name="b", landmarks=bare),
        replace(clip, name="c", landmarks=bare),
    ]
    (motion,) = average_motions(Dataset.of_clips(clips))
    assert np.isnan(motion.landmarks[:, PARTS["left_hand"].joints]).all()
    assert np.isfinite(motion.landmarks[:, PARTS["right_hand"].joints]).any()


def test_a_clip_without_a_body_does_not_count(clip: Clip) -> None:
    bodiless = clip.landmarks.copy()
    bodiless[:, PARTS["pose"].joints] = np.nan
    clips = [clip, replace(clip, name="b", landmarks=bodiless)]
    assert average_motions(Dataset.of_clips(clips)) == []


def test_clips_of_varying_frame_times_are_averaged_in_time(clip: Clip) -> None:
    often = [frame for frame in range(len(clip)) for _ in range(1 + (frame < 9))]
    step = np.array([0.5 if frame < 9 else 1.0 for frame in often], np.float32) / 25
    times = np.cumsum(np.concatenate([[0], step[:-1]]), dtype=np.float32)
    uneven = [
        replace(clip, name=name, landmarks=clip.landmarks[often], times=times)
        for name in "ab"
    ]
    (expected,) = average_motions(
        Dataset.of_clips([replace(clip, name=name) for name in "ab"])
    )
    (motion,) = average_motions(Dataset.of_clips(uneven))
    wrist = index("right_wrist")
    apart = np.abs(motion.landmarks - expected.landmarks)[:, wrist, :2]
    moved = np.ptp(expected.landmarks[:, wrist, :2], axis=0).max()
    assert apart.max() < 0.15 * moved
