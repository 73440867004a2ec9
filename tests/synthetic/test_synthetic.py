from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from signnet.clip import Clip
from signnet.geometry import SIDES, arm_agreement, mirror
from signnet.skeleton import FINGERTIPS, PARTS, index
from signnet.synthetic import (
    EXPRESSIONS,
    Camera,
    Signer,
    dialect_signs,
    make_corpus,
    make_signer,
    perform,
    perform_idle,
    signs,
)

FRAMES = 12


def wrist_travel(clip: Clip, side: str) -> float:
    """Measure the way of a wrist, in picture heights."""
    wrist = clip.landmarks[:, index(f"{side}_wrist"), :2]
    return float(np.nansum(np.linalg.norm(np.diff(wrist, axis=0), axis=-1)))


def test_the_same_seed_gives_the_same_clips() -> None:
    first, second = make_corpus(2, 1, seed=7), make_corpus(2, 1, seed=7)
    assert [clip.name for clip in first] == [clip.name for clip in second]
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.landmarks, other.landmarks)


def test_another_seed_gives_other_clips() -> None:
    first, second = make_corpus(1, 1, seed=1), make_corpus(1, 1, seed=2)
    assert len(first[0]) != len(second[0]) or not np.array_equal(
        first[0].landmarks, second[0].landmarks, equal_nan=True
    )


def test_a_corpus_has_every_sign_by_every_signer(corpus: list[Clip]) -> None:
    counts = Counter((clip.gloss, clip.signer) for clip in corpus)
    assert set(counts) == {(s, f"P{n:02d}") for s in signs() for n in (1, 2, 3)}
    assert set(counts.values()) == {2}


def test_names_tell_the_labels(corpus: list[Clip]) -> None:
    for clip in corpus:
        labels = (clip.signer, clip.session, clip.repetition, clip.expression)
        assert clip.name.split("__") == [clip.gloss, *labels]
        assert clip.expression in EXPRESSIONS
    assert len({clip.name for clip in corpus}) == len(corpus)


@pytest.mark.parametrize("side", SIDES)
def test_hands_continue_their_arms(corpus: list[Clip], side: str) -> None:
    hand = PARTS[f"{side}_hand"].joints
    agreement = [
        arm_agreement(clip.landmarks, clip.landmarks[:, hand], side) for clip in corpus
    ]
    assert np.nanmean(np.concatenate(agreement)) > 0.95


@pytest.mark.parametrize("side", SIDES)
def test_hands_are_where_the_wrists_are(corpus: list[Clip], side: str) -> None:
    for clip in corpus:
        both = [index(f"{side}_hand_wrist"), index(f"{side}_wrist")]
        gap = np.diff(clip.landmarks[:, both, :2], axis=1)
        assert np.nanmax(np.abs(gap), initial=0) < 0.03


@pytest.mark.parametrize("left_handed", [False, True])
def test_the_dominant_hand_leads(left_handed: bool) -> None:
    signer = Signer(name="P01", left_handed=left_handed)
    lead, other = SIDES if left_handed else SIDES[::-1]
    for sign in [sign for sign in signs() if not sign.startswith("POINT")]:
        clip = perform(sign, signer, np.random.default_rng(0))
        assert wrist_travel(clip, lead) > 3 * wrist_travel(clip, other)


def test_both_hands_move_in_a_two_handed_sign() -> None:
    clip = perform("POINT-APART", Signer(name="P01"), np.random.default_rng(0))
    ways = [wrist_travel(clip, side) for side in SIDES]
    assert min(ways) > 0.5 * max(ways)


def test_some_signers_are_left_handed() -> None:
    rng = np.random.default_rng(0)
    assert [make_signer(number, rng).left_handed for number in range(1, 7)] == [
        *(False, False, True),
        *(False, False, True),
    ]


def test_a_part_is_seen_whole_or_not_at_all(corpus: list[Clip]) -> None:
    for clip in corpus:
        for part in PARTS.values():
            known = np.isfinite(clip.landmarks[:, part.joints]).all(axis=2)
            assert (known.all(axis=1) | ~known.any(axis=1)).all()


def test_nothing_is_missing_unless_dropped(clip: Clip) -> None:
    assert np.isfinite(clip.landmarks).all()


def test_hands_outside_the_picture_are_missing() -> None:
    signer = Signer(name="P01", hand_dropout=0.0, frame_dropout=0.0)
    clip = perform("PALM-RAISE", signer, np.random.default_rng(0))
    assert clip.missing()["left_hand"] == 1  # it rests below the picture
    assert clip.missing()["pose"] == clip.missing()["face"] == 0


def test_dropout_is_as_frequent_as_asked() -> None:
    camera = Camera(zoom=1.0, centre=(0.5, 0.5))
    signer = Signer(name="P01", hand_dropout=0.3, frame_dropout=0.1, camera=camera)
    clips = [perform("PALM-RAISE", signer, np.random.default_rng(n)) for n in range(20)]
    missing = {
        part: np.mean([clip.missing()[part] for clip in clips]) for part in PARTS
    }
    assert missing["face"] == missing["pose"] == pytest.approx(0.1, abs=0.03)
    # Bursts of two frames overlap now and then, and with frames lost altogether.
    assert missing["left_hand"] == pytest.approx(0.35, abs=0.06)


@pytest.mark.parametrize("aspect", [16 / 9, 9 / 16])
def test_the_signer_is_inside_the_picture(aspect: float) -> None:
    camera = Camera(aspect=aspect, zoom=0.8)
    signer = Signer(name="P01", camera=camera, hand_dropout=0.0)
    clip = perform("PALM-CIRCLE", signer, np.random.default_rng(0))
    for part in ("face", "right_hand"):
        x = clip.landmarks[:, PARTS[part].joints, 0]
        assert np.nanmin(x) > 0
        assert np.nanmax(x) < aspect


def test_the_camera_changes_the_place_and_not_the_shape() -> None:
    near = Signer(name="P01", noise=0.0, hand_dropout=0.0, frame_dropout=0.0)
    far = replace(near, camera=Camera(zoom=0.75, centre=(0.4, 0.5)))
    shapes = []
    for signer in (near, far):
        clip = perform("CHIN-FOLD", signer, np.random.default_rng(0))
        pose = clip.landmarks[:, PARTS["pose"].joints, :2]
        centred = pose - pose[:, :1]
        shapes.append(centred / np.abs(centred).max())
    np.testing.assert_allclose(*shapes, atol=1e-5)


def test_expressions_move_the_face_and_not_the_hands() -> None:
    signer = Signer(name="P01", noise=0.0, hand_dropout=0.0, frame_dropout=0.0)
    plain, asking = (
        perform("CHIN-FOLD", signer, np.random.default_rng(0), expression=expression)
        for expression in ("neutral", "question")
    )
    moved = np.abs(plain.landmarks - asking.landmarks)
    assert np.nanmax(moved[:, PARTS["face"].joints]) > 0.01
    assert np.nanmax(moved[:, PARTS["right_hand"].joints]) == 0


def test_idling_is_no_sign() -> None:
    signer, rng = Signer(name="P01"), np.random.default_rng(0)
    idle = perform_idle(signer, rng, seconds=4.0, fps=30.0)
    assert (len(idle), idle.gloss, idle.seconds) == (120, None, 4)
    wrists = idle.landmarks[:, [index(f"{side}_wrist") for side in SIDES], 1]
    nose = idle.landmarks[:, index("nose"), 1]
    shoulders = idle.landmarks[:, index("left_shoulder"), 1]
    sign_zone = (shoulders + (shoulders - nose))[:, None]  # a head below the shoulders
    assert (wrists > sign_zone)[np.isfinite(wrists)].all()


def test_an_unknown_sign_is_refused() -> None:
    with pytest.raises(KeyError):
        perform("HOUSE", Signer(name="P01"), np.random.default_rng(0))


# Measured with seeds 0 to 3: best single frame 0.49-0.53, sequence 0.90-0.93 (12 signs,
# chance 0.08); with `place_spread` 0 a single frame of seed 0 reaches 0.76.
@pytest.mark.slow
def test_the_sequence_tells_signs_apart_that_a_frame_does_not() -> None:
    clips = make_corpus(signers=6, repetitions=4, seed=0)
    frames = np.stack([describe(clip) for clip in clips])
    glosses = np.array([clip.gloss for clip in clips])
    signers = np.array([clip.signer for clip in clips])
    single = [
        unseen_signers(frames[:, frame], glosses, signers) for frame in range(FRAMES)
    ]
    whole = unseen_signers(frames.reshape(len(clips), -1), glosses, signers)
    assert max(single) < 0.6
    assert whole > 0.85


def describe(clip: Clip) -> np.ndarray:
    """Describe the arms and fingers of a right-hander: float[FRAMES, feature]."""
    left_leads = wrist_travel(clip, "left") > 1.3 * wrist_travel(clip, "right")
    landmarks = mirror(clip.landmarks) if left_leads else clip.landmarks
    shoulders = landmarks[:, [index(f"{side}_shoulder") for side in SIDES], :2]
    width = np.nanmean(np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=-1))
    placed = (landmarks[..., :2] - shoulders.mean(axis=1, keepdims=True)) / width
    arms = [index(f"{side}_{joint}") for side in SIDES for joint in ("elbow", "wrist")]
    features = [placed[:, arms]]
    for side in SIDES:
        hand = placed[:, PARTS[f"{side}_hand"].joints]
        features.append(hand[:, FINGERTIPS] - hand[:, :1])
    series = np.concatenate(features, axis=1).reshape(len(clip), -1)
    moments = np.linspace(0, len(clip) - 1, FRAMES)
    return np.stack([resample(column, moments) for column in series.T], axis=1)


def resample(column: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Fill gaps along a line and take the moments; zeros where nothing was seen."""
    known = np.flatnonzero(np.isfinite(column))
    if not len(known):
        return np.zeros(len(moments))
    return np.interp(moments, known, column[known])


def unseen_signers(
    features: np.ndarray, glosses: np.ndarray, signers: np.ndarray
) -> float:
    """Give the accuracy where each signer in turn is held out."""
    hits = []
    for signer in np.unique(signers):
        test = signers == signer
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
        model.fit(features[~test], glosses[~test])
        hits.append((model.predict(features[test]) == glosses[test]).mean())
    return float(np.mean(hits))


def test_a_dialect_changes_half_of_the_signs_and_leaves_the_others() -> None:
    plain = Signer(name="P01", noise=0.0, hand_dropout=0.0, frame_dropout=0.0)
    other = replace(plain, dialect=True)
    for gloss in signs():
        first, second = (
            perform(gloss, who, np.random.default_rng(1)).landmarks
            for who in (plain, other)
        )
        same = first.shape == second.shape and np.allclose(
            first, second, atol=1e-6, equal_nan=True
        )
        assert same != (gloss in dialect_signs()), gloss
    assert 2 * len(dialect_signs()) == len(signs())
