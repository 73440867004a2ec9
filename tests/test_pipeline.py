"""From invented signs to answers, every step by its public function."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset, write_clips
from signnet.evaluation.evaluation import evaluate
from signnet.evaluation.predictions import predict_dataset
from signnet.recognise.recogniser import Recogniser
from signnet.reports.evaluation import write_report
from signnet.splits import make_split, read_split, write_split
from signnet.synthetic import make_corpus
from signnet.training.run import RunSettings, train_run

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


def test_signs_of_an_unseen_signer_are_recognised(tiny: Recipe, tmp_path: Path) -> None:
    clips = make_corpus(signers=4, repetitions=3, seed=1)
    chosen = sorted({clip.gloss for clip in clips if clip.gloss})[::3]
    kept = [clip for clip in clips if clip.gloss in chosen]
    write_clips(kept, tmp_path / "data" / "signs.parquet")
    data = Dataset.open(tmp_path / "data")

    held = str(data.column("signer")[-1])
    write_split(make_split(data, "signer", hold_out=held), tmp_path / "split.json")
    fold = read_split(tmp_path / "split.json", data).folds[0]

    recipe = replace(tiny, train=replace(tiny.train, epochs=30))
    settings = RunSettings(recipe=recipe, seed=1, threads=1)
    train_run(data, fold, settings, tmp_path / "run", lambda _member, _report: None)

    recogniser = Recogniser.open(tmp_path / "run")
    tested = data.select(fold.test)
    evaluation = evaluate(predict_dataset(recogniser, tested))
    assert evaluation.held_out == "signers"
    assert evaluation.clips == 12
    assert evaluation.top1 >= 0.6, "chance is 0.25"

    report = tmp_path / "report"
    page = write_report(evaluation, report, title="Invented signs", facts={})
    assert chosen[0] in page.read_text(encoding="utf-8")

    one: Clip = next(iter(tested))
    assert recogniser.recognise(one).top[0].gloss in chosen
