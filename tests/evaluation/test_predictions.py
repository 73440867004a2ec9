from pathlib import Path

import numpy as np
import pytest

from signnet.api.evaluate import compare, evaluate
from signnet.api.models import load
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError
from signnet.evaluation.evaluation import evaluate as score
from signnet.evaluation.predictions import predict_dataset
from signnet.recognise.recogniser import Recogniser
from signnet.splits import make_split, read_split, write_split


@pytest.fixture
def split(four_signs: Dataset, tmp_path: Path) -> Path:
    """Give the split that the finished run was trained with."""
    made = make_split(four_signs, "signer", hold_out="P03")
    write_split(made, tmp_path / "split.json")
    return tmp_path / "split.json"


def test_clips_that_were_trained_on_are_counted(
    finished_run: Path, four_signs: Dataset, split: Path
) -> None:
    recogniser = Recogniser.open(str(finished_run))
    every = predict_dataset(recogniser, four_signs)
    assert every.clips_in_training == 16
    assert every.held_out == "nothing: 16 of 24 clips were trained on"
    unseen = predict_dataset(
        recogniser, four_signs.select(read_split(split, four_signs).folds[0].test)
    )
    assert (unseen.clips_in_training, unseen.held_out) == (0, "signers")


def test_a_model_is_scored_on_the_clips_of_a_split(
    finished_run: Path, four_signs: Dataset, split: Path
) -> None:
    steps = list[tuple[int, int]]()
    found = evaluate(
        str(finished_run), four_signs, split=split,
        progress=lambda *step: steps.append(step),
    )  # fmt: skip
    tested = four_signs.select(
        make_split(four_signs, "signer", hold_out="P03").folds[0].test
    )
    same = score(predict_dataset(Recogniser.open(str(finished_run)), tested))
    assert found.to_json() == same.to_json()
    assert steps[-1] == (8, 8)


def test_models_are_compared_with_one_progress(
    finished_run: Path, four_signs: Dataset, split: Path
) -> None:
    steps = list[tuple[int, int]]()
    found = compare(
        [str(finished_run), f"{finished_run}/."], four_signs, split=split,
        progress=lambda *step: steps.append(step),
    )  # fmt: skip
    assert steps == [(done, 16) for done in range(1, 17)]
    assert found.pairs[0].difference == 0
    with pytest.raises(SettingsError, match="two or more different models"):
        compare([str(finished_run)] * 2, four_signs)


def test_a_fold_that_the_split_lacks_is_refused(
    four_signs: Dataset, split: Path
) -> None:
    with pytest.raises(DatasetError, match="folds 0 to 0, not 1"):
        evaluate("bdsl55", four_signs, split=split, fold=1)


def test_a_model_is_unsure_of_a_clip_without_a_hand(clip: Clip) -> None:
    bare = clip.with_landmarks(np.full_like(clip.landmarks, np.nan), name="bare")
    model = load("bdsl55")
    answer = model(bare)
    assert answer.probability >= model.card.abstain_below
    assert answer.abstained
    sure = evaluate(model, Dataset.of_clips([bare])).result.sure
    assert sure is not None
    assert sure.clips == 0
