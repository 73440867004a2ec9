"""A base as a folder: written, read again from its graph, and refused if damaged."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper

from signnet.config import preset
from signnet.config.base import BaseConfig
from signnet.errors import ModelError, SettingsError
from signnet.models.base import BaseEncoder
from signnet.recognise.model_card import ModelCard
from signnet.recognise.recogniser import DEFAULT_MODEL, Recogniser, find_model
from signnet.training import base_file
from signnet.training.base_file import (
    TOLERANCE,
    base_graph_of,
    open_base,
    write_base,
)
from signnet.training.graph import (
    base_parity,
    example_landmarks,
    read_base_weights,
)

torch.set_num_threads(1)

HALVED = 4096
"""Numbers from which on a weight is stored in half precision."""

Made = tuple[Path, BaseEncoder]


@pytest.fixture
def copied(small_base: Made, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_base[0], tmp_path / "copy"))


def spoilt(folder: Path, spoil: Callable[[dict[str, Any]], object]) -> Path:
    card = json.loads((folder / "model.json").read_text("utf-8"))
    spoil(card)
    (folder / "model.json").write_text(json.dumps(card), "utf-8")
    return folder


def refusal_of(base: Path) -> str:
    with pytest.raises(ModelError) as caught:
        open_base(base)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_weights_in_the_graph_are_those_of_the_encoder(small_base: Made) -> None:
    folder, encoder = small_base
    found = read_base_weights(folder / "model.onnx")
    expected = {
        name: one
        for name, one in encoder.state_dict().items()
        if not name.startswith("front.")
    }
    assert set(found) == set(expected)
    halved = {name for name, one in expected.items() if one.numel() >= HALVED}
    assert halved, "the tiny base has no weight that is large enough"
    for name, one in expected.items():
        kept = one.half() if name in halved else one
        assert found[name].dtype == kept.dtype, name
        assert torch.equal(found[name], kept), name


def test_an_opened_base_embeds_as_its_graph_does(small_base: Made) -> None:
    folder, encoder = small_base
    opened = open_base(folder).encoder
    assert not opened.training
    assert base_parity(opened, folder / "model.onnx") <= TOLERANCE
    clip = torch.from_numpy(example_landmarks(30))[None][:, :, opened.front.joints]
    with torch.inference_mode():
        one, other = opened(clip), encoder(clip)
    torch.testing.assert_close(one, other, atol=5e-3, rtol=0)  # half precision
    torch.testing.assert_close(one.norm(dim=-1), torch.ones(1))


def test_parity_finds_another_base(small_base: Made) -> None:
    folder, _ = small_base
    other = BaseEncoder.from_state(
        BaseConfig().input, read_base_weights(folder / "model.onnx")
    )
    other.leave.bias.data += 0.3
    assert base_parity(other, folder / "model.onnx") > TOLERANCE


def test_its_card_says_what_it_learnt(small_base: Made) -> None:
    card = ModelCard.read(small_base[0] / "model.json")
    assert (card.name, card.vocabulary) == ("small", ())
    assert card.embedding == {"axes": [8], "weights": [1.0]}
    assert card.base == {"words": 12, "clips": 72}
    assert len(card.trained_on) == 72
    assert card.held_out == "nothing"
    base = open_base(small_base[0])
    assert (base.facts["name"], base.facts["words"]) == ("small", 12)
    assert len(base.facts["sha256"]) == 64


def test_the_recogniser_embeds_with_it_and_knows_no_word(small_base: Made) -> None:
    base = Recogniser.open(small_base[0])
    assert (base.vocabulary, base.can_be_taught) == ((), True)
    assert base.taught.kernel.size == 8
    assert len(base.taught.anchors) == 0
    seen = base.see(example_landmarks(30))
    assert seen.embedding.shape == (8,)
    assert (len(seen.probabilities), len(seen.scores)) == (0, 0)
    with pytest.raises(ModelError, match=r"knows no word yet; teach it some with"):
        base.classify(example_landmarks(30))


def test_only_a_shipped_base_is_found_by_the_facts_on_a_card(
    small_base: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = open_base(small_base[0]).facts
    assert base_graph_of(facts) is None
    assert base_graph_of({}) is None
    monkeypatch.setattr(base_file, "shipped_models", lambda: {"small": small_base[0]})
    assert base_graph_of(facts) == small_base[0] / "model.onnx"
    assert base_graph_of(facts | {"sha256": "0"}) is None


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no model at" in refusal_of(tmp_path / "nowhere")


def test_a_model_of_words_is_no_base() -> None:
    said = refusal_of(find_model(DEFAULT_MODEL))
    assert "is a model of 55 glosses, not a base; make a base with" in said


def test_what_knows_glosses_is_no_base_whatever_it_was_learnt_with(
    copied: Path,
) -> None:
    said = refusal_of(spoilt(copied, lambda card: card.update(vocabulary=["a", "b"])))
    assert "is a model of 2 glosses, not a base" in said


def test_a_card_without_an_input_is_of_no_base(copied: Path) -> None:
    said = refusal_of(spoilt(copied, lambda card: card.update(recipe={})))
    assert "is a model of 0 glosses, not a base" in said


@pytest.mark.parametrize(
    "change", [{"fancy": 1}, {"frames": "many"}, {"streams": ["tail"]}]
)
@pytest.mark.usefixtures("without_shape_checks")
def test_a_base_with_settings_of_another_version_is_named(
    copied: Path, change: dict[str, Any]
) -> None:
    spoilt(copied, lambda card: card["recipe"]["input"].update(change))
    assert "holds a base of another signnet version" in refusal_of(copied)


def test_weights_of_another_input_are_refused(copied: Path) -> None:
    spoilt(copied, lambda card: card["recipe"]["input"].update(streams=["hands"]))
    assert "weights of the base do not fit its encoder" in refusal_of(copied)


@pytest.mark.parametrize("content", [b"", b"hello", None])
def test_a_damaged_graph_is_one_line(copied: Path, content: bytes | None) -> None:
    graph = copied / "model.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[: len(whole) // 2] if content is None else content)
    said = refusal_of(copied)
    assert "cannot be read" in said or "holds no base" in said


def test_a_graph_without_the_weights_of_a_base_is_named(copied: Path) -> None:
    graph = onnx.load(copied / "model.onnx")
    for one in graph.graph.initializer:
        one.name = one.name.replace("base.", "other.")
    onnx.save(graph, copied / "model.onnx")
    assert "model.onnx holds no base; make one with" in refusal_of(copied)


@pytest.mark.parametrize("name", ["leave.bias", "enter_bias", "recurrent.bias_ih_l0"])
def test_a_graph_that_lacks_a_weight_is_refused(copied: Path, name: str) -> None:
    graph = onnx.load(copied / "model.onnx")
    for one in graph.graph.initializer:
        if one.name == f"base.{name}":
            one.name = "base.other"
    onnx.save(graph, copied / "model.onnx")
    assert "do not fit its encoder" in refusal_of(copied)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"streams": ("pose",)}, "streams"),
        ({"frames": 32, "trim": False}, "frames, trim"),
        ({"distances": False}, "distances"),
        ({"depth": True}, "depth"),
    ],
)
def test_a_recipe_with_another_input_is_told_what_differs(
    small_base: Made, changes: dict[str, Any], named: str
) -> None:
    base = open_base(small_base[0])
    model = preset("default").model
    base.check(model)
    with pytest.raises(
        SettingsError, match=rf"base small reads another {named} than .* --base none"
    ):
        base.check(type(model)(**{**vars(model), **changes}))


def test_what_the_front_end_does_not_read_may_differ(small_base: Made) -> None:
    model = preset("default").model
    changed = type(model)(**{**vars(model), "width": 64, "exemplars": 3.0})
    open_base(small_base[0]).check(changed)


def test_a_base_that_differs_from_its_graph_is_not_written(
    small_base: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, encoder = small_base

    def write_another(_base: BaseEncoder, path: Path) -> None:
        shutil.copyfile(folder / "model.onnx", path)

    def parity_of_nan(_base: BaseEncoder, _path: Path) -> float:
        return float("nan")

    monkeypatch.setattr(base_file, "write_base_graph", write_another)
    monkeypatch.setattr(base_file, "base_parity", parity_of_nan)
    facts: dict[str, Any] = {"seed": 0, "words": ["a/b"], "clips": []}
    with pytest.raises(ModelError, match=r"differs from PyTorch by nan .* nothing"):
        write_base(encoder, BaseConfig(), tmp_path, **facts)
    assert list(tmp_path.iterdir()) == []


def identity(inputs: int, path: Path) -> None:
    """Write a graph that is none of a base."""
    shape = [1, inputs]
    values = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name in ("landmarks", "embedding")
    ]
    node = helper.make_node("Identity", ["landmarks"], ["embedding"])
    graph = helper.make_graph([node], "none", values[:1], values[1:])
    onnx.save(helper.make_model(graph), path)


def test_an_input_of_another_version_of_the_graph_is_named(
    on_base: Path, tmp_path: Path
) -> None:
    from signnet.models.checkpoint import Checkpoint
    from signnet.training.composed import write_composed

    identity(3, tmp_path / "base.onnx")
    predictor = Checkpoint.load(on_base / "checkpoint.pt").predictor()
    with pytest.raises(ModelError, match=r"gives embedding, expected embedding, feat"):
        write_composed(tmp_path / "base.onnx", predictor, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_the_base_names_no_file_of_the_machine_that_made_it(small_base: Made) -> None:
    graph = (small_base[0] / "model.onnx").read_bytes()
    for name in (b"site-packages", b"signnet/models", str(Path.home()).encode()):
        assert name not in graph
    assert np.isfinite(
        Recogniser.open(small_base[0]).see(example_landmarks(1)).embedding
    ).all()
