"""The card of a model: read, checked with one clear line a fault, written."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from signnet.config.pace import EVERY_PICTURE
from signnet.errors import ModelError
from signnet.recognise.model_card import CARD, ModelCard
from signnet.recognise.recogniser import Recogniser, shipped_models

GOOD: dict[str, Any] = {
    "format": 1,
    "vocabulary": ["a", "b"],
    "trained_on": [["clip", "S01", None]],
    "abstain_below": 0.5,
}


@pytest.mark.parametrize("name", shipped_models())
def test_a_shipped_card_stays_as_it_is_on_disk(name: str) -> None:
    file = shipped_models()[name] / CARD
    written = json.loads(json.dumps(ModelCard.read(file).to_json()))
    assert written == json.loads(file.read_text("utf-8"))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    card = ModelCard.from_json(
        GOOD
        | {
            "expressions": ["sad", "happy"],
            "embedding": {"axes": [128, 256], "weights": [0.5, 0.5]},
            "base": {"name": "base", "sha256": "ab", "words": 3},
        }
    )
    card.write(tmp_path / CARD)
    assert ModelCard.read(tmp_path / CARD) == card
    assert card.embedding == {"axes": [128, 256], "weights": [0.5, 0.5]}
    assert card.base["words"] == 3


def test_what_a_model_has_not_is_not_on_its_card() -> None:
    optional = {"expressions", "embedding", "base", "enrolled"}
    assert not optional & {*ModelCard.from_json(GOOD).to_json()}


def test_a_base_knows_no_gloss_and_says_how_it_embeds() -> None:
    base = GOOD | {"vocabulary": [], "embedding": {"axes": [8], "weights": [1.0]}}
    card = ModelCard.from_json(base)
    assert card.vocabulary == ()
    assert ModelCard.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_a_model_looks_at_films_as_often_as_it_needs() -> None:
    bangla, base = (
        ModelCard.read(shipped_models()[name] / CARD) for name in ("bdsl55", "base")
    )
    assert 5 < bangla.pace.rate < 25
    assert 0 < bangla.pace.face < bangla.pace.rate  # for the expression
    assert base.pace == replace(bangla.pace, face=0.0)
    model = {"frames": 16, "streams": ["pose", "face"]}
    assert replace(bangla, recipe={"model": model}).pace.face == math.inf
    model = {"frames": 60, "streams": ["pose", "hands"]}
    assert replace(bangla, recipe={"model": model}).pace.rate == math.inf


@pytest.mark.parametrize(
    "recipe",
    [{}, {"model": []}, {"model": {"frames": "16", "streams": ["pose"]}}],
)
def test_a_model_of_an_unknown_recipe_looks_at_every_picture(
    recipe: dict[str, Any],
) -> None:
    card = ModelCard.read(shipped_models()["bdsl55"] / CARD)
    assert replace(card, recipe=recipe).pace == EVERY_PICTURE


def test_unknown_keys_of_a_later_version_are_ignored() -> None:
    assert ModelCard.from_json(GOOD | {"colour": "red"}) == ModelCard.from_json(GOOD)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "format 2, expected 1"),
        ({"format": True}, "format True, expected 1"),
        ({"format": None}, "no format, expected 1"),
        ({"vocabulary": "ab"}, 'vocabulary is "ab", expected a list'),
        ({"vocabulary": []}, "vocabulary is .* one or more"),
        ({"vocabulary": ["a", 1]}, "vocabulary is"),
        ({"vocabulary": ["a", "a"]}, "has a twice"),
        ({"vocabulary": None}, "vocabulary is null"),
        ({"trained_on": [["clip", "S01"]]}, "trained_on is"),
        ({"trained_on": [[1, None, None]]}, "trained_on is"),
        ({"trained_on": ["abc"]}, "trained_on is"),
        ({"abstain_below": "0.5"}, "abstain_below is .* expected a number"),
        ({"abstain_below": float("nan")}, "abstain_below is"),
        ({"abstain_below": True}, "abstain_below is true"),
        ({"metrics": {"top1": "high"}}, "metrics is"),
        ({"parameters": -1}, "parameters is -1"),
        ({"expressions": [1]}, "expressions is"),
        ({"embedding": [1]}, "embedding is .* axes and weights of as many parts"),
        ({"embedding": {"axes": [1]}}, "embedding is"),
        ({"embedding": {"axes": [], "weights": []}}, "embedding is"),
        ({"embedding": {"axes": [1, 2], "weights": [1.0]}}, "embedding is"),
        ({"embedding": {"axes": [0], "weights": [1.0]}}, "embedding is"),
        ({"embedding": {"axes": [1.5], "weights": [1.0]}}, "embedding is"),
        ({"embedding": {"axes": [-1, 2], "weights": [1, 1]}}, "embedding is"),
        ({"embedding": {"axes": [1], "weights": ["1"]}}, "embedding is"),
        ({"embedding": {"axes": [1], "weights": [float("inf")]}}, "embedding is"),
        ({"base": "base"}, "base is .* facts about the base"),
    ],
)
def test_each_fault_is_one_line_that_names_it(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    (tmp_path / CARD).write_text(json.dumps(GOOD | changes))
    with pytest.raises(ModelError, match=said) as caught:
        ModelCard.read(tmp_path / CARD)
    assert str(caught.value).startswith(str(tmp_path / CARD))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "[" * 100_000, "\xff", "[]", "1"])
def test_what_is_no_json_object_is_one_line(content: str, tmp_path: Path) -> None:
    (tmp_path / CARD).write_bytes(content.encode("latin-1"))
    with pytest.raises(ModelError, match=CARD) as caught:
        ModelCard.read(tmp_path / CARD)
    assert "\n" not in str(caught.value)


def test_an_embedding_of_another_length_than_the_graph_s_is_refused() -> None:
    folder = shipped_models()["bdsl55"]
    card = ModelCard.read(folder / CARD)
    wrong = replace(card, embedding={"axes": [3, 4], "weights": [0.5, 0.5]})
    with pytest.raises(ModelError, match=r"model\.json of 7; copy both files"):
        Recogniser(wrong, folder / "model.onnx")


def test_a_graph_of_words_is_no_base() -> None:
    folder = shipped_models()["bdsl55"]
    card = replace(ModelCard.read(folder / CARD), vocabulary=())
    with pytest.raises(ModelError, match=r"has 55 glosses and model\.json 0; copy"):
        Recogniser(card, folder / "model.onnx")


def test_fewer_glosses_than_the_graph_are_refused() -> None:
    folder = shipped_models()["bdsl55"]
    card = ModelCard.from_json(GOOD)
    with pytest.raises(ModelError, match=r"has 55 glosses and model\.json 2; copy"):
        Recogniser(card, folder / "model.onnx")
