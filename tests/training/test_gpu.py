"""Training on a GPU, where there is one; all tests of training then use it."""

from pathlib import Path

import pytest
import torch

from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.splits import make_split
from signnet.training.processes import open_fabric
from signnet.training.run import RunSettings, train_run

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a GPU that CUDA reaches"
)


def test_weights_of_a_gpu_are_read_without_one(
    four_signs: Dataset, tiny: Recipe, tmp_path: Path
) -> None:
    fold = make_split(four_signs, "clip", folds=3).folds[0]
    seen = list[float]()
    settings = RunSettings(recipe=tiny, threads=1)
    train_run(
        four_signs,
        fold,
        settings,
        tmp_path / "run",
        lambda _, one: seen.append(one.train_loss),
    )
    assert open_fabric().device.type == "cuda"
    assert seen[-1] < seen[0]
    content = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)
    tensors = [one for member in content["members"] for one in member.values()]
    assert {one.device.type for one in tensors} == {"cpu"}
