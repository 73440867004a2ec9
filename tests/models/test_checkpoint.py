"""Checkpoints: all that rebuilds a model, and one line for what is none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from signnet.clip import Clip
from signnet.config import Recipe
from signnet.errors import ModelError
from signnet.models import build
from signnet.models.checkpoint import FORMAT, Checkpoint, save_atomically

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def checkpoint(tiny: Recipe) -> Checkpoint:
    torch.manual_seed(0)
    return Checkpoint(
        recipe=tiny,
        vocabulary=("আমি", "WATER", "পানি"),
        members=(build(tiny.model, 3).state_dict(), build(tiny.model, 3).state_dict()),
        trained_on=(("a", "S1", "D1"), ("b", None, None)),
        held_out="signer S2",
        seed=7,
        metrics={"top1": 0.5},
    )


def test_a_checkpoint_survives_its_file(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "new" / "checkpoint.pt")
    found = Checkpoint.load(tmp_path / "new" / "checkpoint.pt")
    for name in checkpoint.__dataclass_fields__:
        if name != "members":
            assert getattr(found, name) == getattr(checkpoint, name), name
    for one, other in zip(found.members, checkpoint.members, strict=True):
        assert all(torch.equal(one[key], other[key]) for key in other)


def test_the_rebuilt_model_answers_the_same(
    checkpoint: Checkpoint, tmp_path: Path, clip: Clip
) -> None:
    checkpoint.save(tmp_path / "c.pt")
    landmarks = torch.from_numpy(clip.landmarks[None])
    with torch.inference_mode():
        first = checkpoint.predictor()(landmarks)
        second = Checkpoint.load(tmp_path / "c.pt").predictor()(landmarks)
    assert torch.equal(first, second)
    np.testing.assert_allclose(first.sum(), 1, atol=1e-6)


def test_an_ensemble_averages_probabilities(checkpoint: Checkpoint, clip: Clip) -> None:
    landmarks = torch.from_numpy(clip.landmarks[None])
    predictor = checkpoint.predictor()
    with torch.inference_mode():
        chosen = landmarks[:, :, predictor.joints]
        each = [member(chosen).softmax(-1) for member in predictor.members]
        torch.testing.assert_close(predictor(landmarks), sum(each) / 2)


def test_it_holds_plain_values_and_tensors_only(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    checkpoint.save(tmp_path / "c.pt")
    content = torch.load(tmp_path / "c.pt", weights_only=True)
    assert content["format"] == FORMAT


class Evil:
    """Would touch a file when unpickled."""

    def __reduce__(self) -> Any:  # noqa: D105
        return (Path.touch, (Path("touched"),))


def test_code_in_a_checkpoint_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"format": FORMAT, "evil": Evil()}, tmp_path / "c.pt")
    with pytest.raises(ModelError, match="not a readable checkpoint"):
        Checkpoint.load(tmp_path / "c.pt")
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"h" * 5000, "পানি".encode()])
def test_what_is_no_checkpoint_is_refused_in_one_line(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "c.pt").write_bytes(content)
    with pytest.raises(ModelError, match="not a readable checkpoint") as caught:
        Checkpoint.load(tmp_path / "c.pt")
    assert "\n" not in str(caught.value)


def test_a_truncated_checkpoint_is_refused(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    checkpoint.save(tmp_path / "c.pt")
    whole = (tmp_path / "c.pt").read_bytes()
    (tmp_path / "c.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a readable checkpoint"):
        Checkpoint.load(tmp_path / "c.pt")


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere.pt does not exist"):
        Checkpoint.load(tmp_path / "nowhere.pt")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", 99, "not a signnet checkpoint of format 2"),
        ("joints", 543, "not a signnet checkpoint of format 2"),
        ("fancy", 1, "fancy"),
        ("recipe", {"model": {"fancy": 1}}, "model settings have fancy"),
    ],
)
def test_a_checkpoint_of_another_version_is_refused(
    checkpoint: Checkpoint, tmp_path: Path, key: str, value: object, message: str
) -> None:
    checkpoint.save(tmp_path / "c.pt")
    content = torch.load(tmp_path / "c.pt", weights_only=True)
    save_atomically(content | {key: value}, tmp_path / "c.pt")
    with pytest.raises(ModelError, match=message) as caught:
        Checkpoint.load(tmp_path / "c.pt")
    assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_refused(
    checkpoint: Checkpoint, tiny: Recipe
) -> None:
    misfit = Checkpoint(recipe=tiny, vocabulary=("A", "B"), members=checkpoint.members)
    with pytest.raises(ModelError, match="do not fit"):
        misfit.predictor()


def test_a_checkpoint_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot write"):
        save_atomically({}, tmp_path / "file" / "c.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_figures_are_taken_over_only_from_the_same_recipe(
    checkpoint: Checkpoint,
) -> None:
    whole = replace(checkpoint, metrics={}, held_out="nothing")
    assert whole.measured_by(checkpoint).metrics == {"top1": 0.5}
    assert "with signer S2" in whole.measured_by(checkpoint).held_out
    with pytest.raises(ModelError, match="held nothing out"):
        checkpoint.measured_by(whole)
    with pytest.raises(ModelError, match="another recipe"):
        whole.measured_by(replace(checkpoint, recipe=Recipe()))
