"""Kernel regression on remembered clips."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

import signnet.training.exemplars as module
from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset, write_clips
from signnet.errors import DatasetError
from signnet.models import Exemplars, build
from signnet.models.checkpoint import Checkpoint
from signnet.recognise.exemplars import ANCHORS
from signnet.synthetic import make_corpus
from signnet.training.batches import Clips, load
from signnet.training.exemplars import fit_exemplars
from signnet.training.export import TOLERANCE, export
from signnet.training.loop import in_batches

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def recipe(tiny: Recipe) -> Recipe:
    return replace(tiny, model=replace(tiny.model, exemplars=8.0, distances=True))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset]:
    path = tmp_path_factory.mktemp("exemplars") / "clips.parquet"
    write_clips(make_corpus(signers=4, repetitions=2, seed=3), path)
    data = Dataset.open(path)
    last = max(data.column("signer"), key=str)
    names = list(zip(data.names, data.column("signer"), strict=True))
    return (
        data.select([name for name, signer in names if signer != last]),
        data.select([name for name, signer in names if signer == last]),
    )


@pytest.fixture(scope="module")
def vocabulary(parts: tuple[Dataset, Dataset]) -> tuple[str, ...]:
    return tuple(sorted(set(parts[0].require_glosses())))


@pytest.fixture(scope="module")
def clips(
    parts: tuple[Dataset, Dataset], vocabulary: tuple[str, ...], recipe: Recipe
) -> tuple[Clips, Clips]:
    joints = build(recipe.model, len(vocabulary)).front.joints
    first, second = (load(part, vocabulary, joints) for part in parts)
    return first, second


def fit(recipe: Recipe, clips: Clips, glosses: int, seed: int = 0) -> Exemplars:
    made = fit_exemplars(recipe, clips, glosses, seed)
    assert made is not None
    return made


def right(made: Exemplars, clips: Clips) -> float:
    return float((in_batches(made, clips).argmax(1) == clips.glosses).float().mean())


def test_training_clips_score_near_one(
    recipe: Recipe, clips: tuple[Clips, Clips], vocabulary: tuple[str, ...]
) -> None:
    scores = in_batches(fit(recipe, clips[0], len(vocabulary)), clips[0])
    own = scores.gather(1, clips[0].glosses[:, None])
    assert float(own.min()) > 0.5
    assert float(own.mean()) == pytest.approx(1, abs=0.15)


def test_an_unseen_signer_is_understood(
    recipe: Recipe, clips: tuple[Clips, Clips], vocabulary: tuple[str, ...]
) -> None:
    assert right(fit(recipe, clips[0], len(vocabulary)), clips[1]) > 0.9


def test_the_same_seed_remembers_the_same(
    recipe: Recipe, clips: tuple[Clips, Clips], vocabulary: tuple[str, ...]
) -> None:
    first, again, other = (
        fit(recipe, clips[0], len(vocabulary), seed).weights for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_clips_that_show_nothing_are_one_line(
    recipe: Recipe, parts: tuple[Dataset, Dataset], vocabulary: tuple[str, ...]
) -> None:
    blind = Dataset.of_clips(
        replace(clip, landmarks=np.full_like(clip.landmarks, np.nan))
        for clip in parts[0]
    )
    joints = build(recipe.model, len(vocabulary)).front.joints
    with pytest.raises(DatasetError, match="do not differ in anything"):
        fit(recipe, load(blind, vocabulary, joints), len(vocabulary))


def test_without_a_weight_nothing_is_remembered(
    tiny: Recipe, clips: tuple[Clips, Clips]
) -> None:
    assert fit_exemplars(tiny, clips[0], 3, 0) is None


@pytest.mark.parametrize("most", [17, 50])
def test_memory_is_bounded(
    most: int,
    recipe: Recipe,
    clips: tuple[Clips, Clips],
    vocabulary: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", most)
    made = fit(recipe, clips[0], len(vocabulary))
    assert len(made.clips) <= most
    assert torch.isfinite(in_batches(made, clips[1])).all()


def test_padding_changes_no_score(
    recipe: Recipe, clips: tuple[Clips, Clips], vocabulary: tuple[str, ...]
) -> None:
    made = fit(recipe, clips[0], len(vocabulary))
    length = int(clips[1].lengths[0])
    short = clips[1].landmarks[:1, :length]
    padded = torch.cat([short, torch.full((1, 30, *short.shape[2:]), 7.0)], dim=1)
    valid = torch.arange(length + 30)[None] < length
    torch.testing.assert_close(made(short), made(padded, valid))


def test_a_clip_without_hands_makes_no_nan(
    recipe: Recipe, clips: tuple[Clips, Clips], vocabulary: tuple[str, ...]
) -> None:
    made = fit(recipe, clips[0], len(vocabulary))
    nothing: Tensor = torch.full((1, 5, clips[0].landmarks.shape[2], 3), np.nan)
    assert torch.isfinite(made(nothing)).all()


def test_a_checkpoint_with_exemplars_answers_the_same_everywhere(
    recipe: Recipe,
    clips: tuple[Clips, Clips],
    vocabulary: tuple[str, ...],
    tmp_path: Path,
    clip: Clip,
) -> None:
    torch.manual_seed(0)
    exemplars = fit(recipe, clips[0], len(vocabulary))
    made = Checkpoint(
        recipe=recipe,
        vocabulary=vocabulary,
        members=(build(recipe.model, len(vocabulary)).state_dict(),),
        exemplars=dict(exemplars.state_dict()),
        trained_on=tuple((f"clip {i}", None, None) for i in range(len(clips[0]))),
    )
    made.save(tmp_path / "checkpoint.pt")
    found = Checkpoint.load(tmp_path / "checkpoint.pt")
    landmarks = torch.from_numpy(clip.landmarks[None])
    with torch.inference_mode():
        chances = made.predictor()(landmarks)
        assert torch.equal(chances, found.predictor()(landmarks))
        alone = replace(made, exemplars=None).predictor()(landmarks)
    assert vocabulary[int(chances.argmax())] == clip.gloss
    assert float(chances.max()) > 2 * float(alone.max()), "the network is untrained"
    assert export(found, tmp_path / "out") <= TOLERANCE
    check_what_teaching_needs(found, tmp_path / "out", clip)


def check_what_teaching_needs(made: Checkpoint, out: Path, clip: Clip) -> None:
    """Hold the graph's other outputs and the anchors against PyTorch."""
    session = onnxruntime.InferenceSession(out / "model.onnx")
    assert [one.name for one in session.get_outputs()] == [
        *("probabilities", "embedding", "scores")
    ]
    predictor = made.predictor()
    landmarks = clip.landmarks[None]
    with torch.inference_mode():
        chosen = torch.from_numpy(landmarks)[:, :, predictor.joints]
        expected = predictor.outputs(chosen)
    for one, found in zip(
        expected, session.run(None, {"landmarks": landmarks}), strict=True
    ):
        np.testing.assert_allclose(np.asarray(found), one.numpy(), atol=1e-4)
    anchors = np.load(out / ANCHORS, allow_pickle=False)
    assert made.exemplars is not None
    stored = made.exemplars["clips"].numpy()
    np.testing.assert_array_equal(anchors, stored[: len(made.trained_on)])
    assert 0 < len(anchors) < len(stored)
