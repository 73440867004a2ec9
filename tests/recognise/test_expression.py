"""Faces: expressions that can be told, ones that cannot, and files that are none."""

import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError
from signnet.evaluation.evaluation import Evaluation, evaluate
from signnet.evaluation.expressions import ExpressionPredictions, score_expressions
from signnet.evaluation.predictions import Predictions
from signnet.recognise.expression import (
    FEATURES,
    FILE,
    ExpressionReader,
    describe,
)
from signnet.recognise.recogniser import DEFAULT_MODEL, Recogniser, find_model
from signnet.reports.groups import expression as section
from signnet.skeleton import PARTS
from signnet.synthetic import EXPRESSIONS, make_signer, perform
from signnet.training.expression import AXES, STRENGTH, fit_expression, fit_features

TOLD = ("happy", "question", "sad")


def performed(expressions: tuple[str, ...], signer: int, times: int) -> list[Clip]:
    """Let one signer show each expression on several signs."""
    rng = np.random.default_rng(signer)
    actor = make_signer(signer, rng)
    return [
        replace(perform(sign, actor, rng, expression=one), name=f"{one}{signer}-{time}")
        for one in expressions
        for time in range(times)
        for sign in [("PALM-RAISE", "CHIN-FOLD", "POINT-PEDAL")[time % 3]]
    ]


def right(reader: ExpressionReader, clips: list[Clip]) -> float:
    """Give the share of clips whose expression is read."""
    return float(
        np.mean([next(iter(reader.read(c) or {})) == c.expression for c in clips])
    )


def hide_face(clip: Clip) -> Clip:
    landmarks = clip.landmarks.copy()
    landmarks[:, PARTS["face"].joints] = np.nan
    return clip.with_landmarks(landmarks)


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return [one for signer in (1, 2, 3, 4) for one in performed(TOLD, signer, 6)]


@pytest.fixture(scope="module")
def reader(clips: list[Clip]) -> ExpressionReader:
    made = fit_expression(Dataset.of_clips(clips))
    assert made
    return made


def test_expressions_that_move_the_face_are_told_of_a_new_signer(
    reader: ExpressionReader,
) -> None:
    assert reader.expressions == TOLD
    assert right(reader, performed(TOLD, 9, 6)) >= 0.9


def test_expressions_that_leave_the_face_alone_are_not_told() -> None:
    rng = np.random.default_rng(0)
    same = [
        replace(one, expression=str(rng.choice(["calm", "bored"])))
        for signer in (1, 2, 3, 4)
        for one in performed(("neutral",), signer, 10)
    ]
    blind = fit_expression(Dataset.of_clips(same[:30]))
    assert blind
    assert 0.1 <= right(blind, same[30:]) <= 0.9


@pytest.mark.slow
def test_the_answer_is_that_of_scikit_learn(clips: list[Clip]) -> None:
    for chosen in (TOLD, ("happy", "sad"), EXPRESSIONS):
        shown = [
            c for c in [*clips, *performed(EXPRESSIONS, 5, 9)] if c.expression in chosen
        ]
        x = np.array([describe(clip) for clip in shown])
        truth = [clip.expression or "" for clip in shown]
        expected = make_pipeline(
            StandardScaler(),
            PCA(min(AXES, len(x)), random_state=0),
            LogisticRegression(C=STRENGTH, max_iter=1000),
        ).fit(x, truth)
        found = fit_features(x, truth)
        assert found.expressions == tuple(expected.classes_)
        np.testing.assert_allclose(
            found.probabilities(x), expected.predict_proba(x), atol=1e-9
        )


def test_the_probabilities_add_up_and_the_best_comes_first(
    reader: ExpressionReader, clips: list[Clip]
) -> None:
    chances = reader.read(clips[0])
    assert chances
    assert sum(chances.values()) == pytest.approx(1)
    assert list(chances.values()) == sorted(chances.values(), reverse=True)


def test_where_the_camera_stands_does_not_matter(clips: list[Clip]) -> None:
    moved = clips[0].with_landmarks(clips[0].landmarks * np.float32(2) + np.float32(3))
    first, second = describe(clips[0]), describe(moved)
    assert first is not None
    assert second is not None
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_without_a_face_nothing_is_read(
    reader: ExpressionReader, clips: list[Clip]
) -> None:
    assert reader.read(hide_face(clips[0])) is None
    point = clips[0].landmarks.copy()
    point[:, PARTS["face"].joints] = 0.5
    with warnings.catch_warnings(action="error"):
        assert reader.read(clips[0].with_landmarks(point)) is None
    one_frame = clips[0].with_landmarks(clips[0].landmarks[:1])
    assert reader.read(one_frame) is None


def test_clips_without_an_expression_or_a_face_teach_nothing(clips: list[Clip]) -> None:
    bare = [replace(clip, expression=None) for clip in clips[:9]]
    hidden = [hide_face(clip) for clip in clips[9:]]
    assert fit_expression(Dataset.of_clips([*bare, *hidden])) is None
    sad = [clip for clip in clips[9:] if clip.expression == "sad"]
    assert fit_expression(Dataset.of_clips([*bare, *sad])) is None
    with pytest.raises(DatasetError, match="1 expression; two are needed"):
        fit_features(np.zeros((2, FEATURES)), ["sad", "sad"])
    both = fit_expression(Dataset.of_clips([*bare, *clips[9:]]))
    assert both
    assert both.clips.sum() == len(clips) - 9


def test_of_many_clips_some_are_learnt_from(
    clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signnet.training.expression.MOST", 20)
    made = fit_expression(Dataset.of_clips(clips))
    assert made
    assert made.clips.sum() == 20


def test_a_file_gives_back_what_was_saved(
    reader: ExpressionReader, clips: list[Clip], tmp_path: Path
) -> None:
    reader.save(tmp_path / "deep" / FILE)
    again = ExpressionReader.open(tmp_path / "deep" / FILE)
    assert again.read(clips[0]) == reader.read(clips[0])
    assert again.clips.tolist() == reader.clips.tolist()
    assert [file.name for file in (tmp_path / "deep").iterdir()] == [FILE]


def broken_files(reader: ExpressionReader, folder: Path) -> list[Path]:
    """Write files that are cut, foreign, of another format, unsafe or unfit."""
    reader.save(folder / "good.npz")
    whole = (folder / "good.npz").read_bytes()
    stored = dict(np.load(folder / "good.npz").items())
    names = ("cut", "empty", "text")
    for name, content in zip(names, (whole[:-300], b"", b"{}"), strict=True):
        (folder / f"{name}.npz").write_bytes(content)
    nothing = stored["weights"] * np.nan
    changes = {
        "foreign": {"hands": np.zeros(3)},
        "format": stored | {"format": np.array(9)},
        "fewer": stored | {"weights": stored["weights"][1:]},
        "other": stored | {"bias": stored["bias"][1:]},
        "nan": stored | {"weights": nothing},
        "pickled": stored | {"expressions": stored["expressions"].astype(object)},
        "more": stored | {"further": np.zeros(1)},
    }
    for name, content in changes.items():
        np.savez(folder / f"{name}.npz", allow_pickle=True, **content)
    return [folder / f"{name}.npz" for name in (*names, *changes, "missing")]


def test_a_damaged_or_foreign_file_is_refused_in_one_line(
    reader: ExpressionReader, tmp_path: Path
) -> None:
    for file in broken_files(reader, tmp_path):
        with pytest.raises(ModelError, match=f"{file.name} is not a read") as caught:
            ExpressionReader.open(file)
        assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_written_is_said(
    reader: ExpressionReader, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot write"):
        reader.save(tmp_path / "file" / FILE)


def copied(run: Path, to: Path) -> Path:
    to.mkdir()
    for name in ("model.onnx", "model.json", FILE):
        shutil.copy(run / name, to)
    return to


def test_a_run_reads_the_expressions_of_its_training_clips(
    finished_run: Path, clip: Clip
) -> None:
    recogniser = Recogniser.open(finished_run)
    assert recogniser.expressions
    assert recogniser.expressions.clips.sum() == 16, "P03 is held out"
    found = recogniser.recognise(clip).expression
    assert found
    assert found.probability == max(found.probabilities.values())
    assert found.probabilities[found.label] == found.probability
    assert set(found.probabilities) == set(recogniser.card.expressions)
    assert recogniser.recognise(hide_face(clip)).expression is None


def test_a_model_without_expressions_reads_none(
    finished_run: Path, clip: Clip, tmp_path: Path
) -> None:
    folder = copied(finished_run, tmp_path / "model")
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    del card["expressions"]
    (folder / "model.json").write_text(json.dumps(card), encoding="utf-8")
    assert Recogniser.open(folder).recognise(clip).expression is None


def test_a_file_of_another_model_is_refused(
    finished_run: Path, reader: ExpressionReader, tmp_path: Path
) -> None:
    folder = copied(finished_run, tmp_path / "model")
    reader.save(folder / FILE)
    with pytest.raises(ModelError, match="copy both files of the same model"):
        Recogniser.open(folder)


def test_the_shipped_model_reads_five_expressions() -> None:
    folder = find_model(DEFAULT_MODEL)
    recogniser = Recogniser.open(folder)
    assert recogniser.expressions
    assert set(recogniser.expressions.expressions) == set(EXPRESSIONS)
    motion = next(iter(Dataset.open(folder / "motions.parquet")))
    assert recogniser.recognise(motion).expression


def test_a_score_is_held_against_the_commonest_of_training_and_of_test() -> None:
    truth = ("sad", "sad", "happy", None, "question")
    read = ("sad", None, "sad", "sad", "question")
    score = score_expressions(truth, ExpressionPredictions(read, "happy"))
    assert score
    assert (score.clips, score.faceless, score.top1) == (4, 1, 0.5)
    assert (score.commonest_of_training, score.training_guess) == ("happy", 0.25)
    assert (score.commonest_of_test, score.test_guess) == ("sad", 0.5)
    assert score.top1_ci95[0] < 0.5 < score.top1_ci95[1]
    assert score_expressions(truth, None) is None
    assert score_expressions((None,), ExpressionPredictions(("sad",), "sad")) is None


def test_the_report_shows_the_score_beside_both_guesses() -> None:
    def judged(read: ExpressionPredictions | None) -> Evaluation:
        table = np.full((2, 2), 0.5, np.float32)
        return evaluate(
            Predictions(
                names=("a", "b"),
                vocabulary=("A", "B"),
                probabilities=table,
                glosses=("A", "B"),
                signers=("S1", "S1"),
                sessions=("1", "1"),
                expressions=("sad", "happy"),
                held_out="session 1",
                read_expressions=read,
            )
        )

    page = section(judged(ExpressionPredictions(("sad", None), "question")))
    assert page.count("<tr>") == 4
    assert "(question)" in page
    assert "session 1" in page
    assert judged(ExpressionPredictions(("sad", None), "question")).to_json()[
        "expression"
    ]["top1"] == pytest.approx(0.5)
    assert section(judged(None)) == ""
    with pytest.raises(DatasetError, match="1 faces read for 2 clips"):
        judged(ExpressionPredictions(("sad",), "question"))
