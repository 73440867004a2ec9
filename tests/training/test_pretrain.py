"""A base learns from several corpora, keeps promises about words, and continues."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.api.pretrain import pretrain
from signnet.clip import Clip
from signnet.config.base import BaseConfig, EncoderConfig, PretrainConfig
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SettingsError
from signnet.models.base import BaseEncoder
from signnet.training.base_file import open_base
from signnet.training.corpora import is_held_out, make_bank
from signnet.training.pretrain import (
    BaseReport,
    PretrainSettings,
    angular_loss,
    pretrain_base,
)

SMALL = BaseConfig(
    encoder=EncoderConfig(width=32, layers=1, embedding=16, dropout=0.0),
    pretrain=PretrainConfig(
        epochs=4, batch_size=16, learning_rate=1e-2, variants=2, hold_out=0
    ),
)


@pytest.fixture(scope="module")
def words(corpus: list[Clip]) -> Dataset:
    return Dataset.of_clips(corpus, "first")


@pytest.fixture
def without_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the export, which takes half a minute; it has tests of its own."""

    def write(_base: object, _config: object, out: Path, **_facts: object) -> float:
        (out / "model.json").write_text("{}")
        return 0.0

    monkeypatch.setattr("signnet.training.pretrain.write_base", write)


def relabelled(data: Dataset, gloss: str, name: str) -> Dataset:
    """Add a copy of the first clip under another word."""
    copy = replace(data[0], gloss=gloss, name=name)
    return Dataset.of_clips([*data, copy], data.path)


@given(st.text(min_size=1, max_size=20))
@settings(deadline=None)
def test_what_is_held_out_depends_on_the_gloss_alone(gloss: str) -> None:
    assert is_held_out(gloss, 3) == is_held_out(gloss, 3)
    assert is_held_out(gloss, 1)
    assert not is_held_out(gloss, 0)


def test_composed_and_decomposed_glosses_are_held_out_alike() -> None:
    assert is_held_out("caf\u00e9", 7) == is_held_out("cafe\u0301", 7)


def test_the_same_gloss_of_two_corpora_is_two_words(words: Dataset) -> None:
    first, second = words.at(range(0, 72, 2)), words.at(range(1, 72, 2))
    bank = make_bank([("a", first), ("b", second)], SMALL, 0)
    glosses = set(first.require_glosses()) & set(second.require_glosses())
    assert glosses
    assert {f"{name}/{gloss}" for name in "ab" for gloss in glosses} <= {*bank.names}


def test_a_recording_under_two_words_is_dropped_and_the_words_mask_each_other(
    words: Dataset,
) -> None:
    other = next(one for one in words.require_glosses() if one != words[0].gloss)
    bank = make_bank([("a", relabelled(words, other, "copy"))], SMALL, 0)
    first, second = (bank.names.index(f"a/{one}") for one in (words[0].gloss, other))
    assert bank.twins[first, second]
    assert bank.twins[second, first]
    assert bank.twins.sum() == 2
    assert bank.dropped == 2


def test_the_first_variant_is_the_clip_and_the_body_is_lost_in_others(
    words: Dataset,
) -> None:
    always = replace(SMALL, pretrain=replace(SMALL.pretrain, body_drop=1.0))
    bank = make_bank([("a", words)], always, 0)
    fresh = bank.features[..., -3:]
    assert (fresh[0, ..., 0] > 0).any()
    assert not (fresh[1:, ..., 0] > 0).any()
    assert (fresh[1:, ..., 1:] > 0).any()


def test_words_held_out_are_not_in_the_bank(words: Dataset) -> None:
    some = replace(SMALL, pretrain=replace(SMALL.pretrain, hold_out=3))
    bank = make_bank([("a", words)], some, 0)
    glosses = set(words.require_glosses())
    assert {name.removeprefix("a/") for name in bank.names} == {
        gloss for gloss in glosses if not is_held_out(gloss, 3)
    }


def test_a_corpus_with_one_word_is_refused(words: Dataset) -> None:
    gloss = words[0].gloss
    one = Dataset.of_clips([clip for clip in words if clip.gloss == gloss], "one")
    with pytest.raises(DatasetError, match="1 word is left to learn from"):
        make_bank([("a", one)], SMALL, 0)


def test_the_margin_asks_for_more_and_twins_cost_nothing() -> None:
    embedding = torch.eye(3)[:1]
    directions = torch.nn.functional.normalize(
        torch.tensor([[1.0, 0.2, 0], [0.9, 0.4, 0], [0, 0, 1]]), dim=-1
    )
    words, none = torch.tensor([0]), torch.zeros(1, 3, dtype=torch.bool)
    twin = torch.tensor([[False, True, False]])

    def loss(margin: float, twins: torch.Tensor) -> float:
        found = angular_loss(
            embedding, directions, words, twins, scale=10.0, margin=margin
        )
        return float(found)

    assert loss(0.3, none) > loss(0.0, none) > loss(0.0, twin)


def similarity_of_signers(base: torch.nn.Module, data: Dataset) -> float:
    """Give the share of clips whose nearest clip by another signer shows their word."""
    bank = make_bank([("a", data)], SMALL, 0)
    with torch.no_grad():
        points = base.embed(torch.from_numpy(bank.features[0]).float()).numpy()  # type: ignore[operator]
    signers = np.array(data.column("signer"))
    alike = points @ points.T - 9.0 * (signers[:, None] == signers)
    return float((bank.words[alike.argmax(1)] == bank.words).mean())


@pytest.mark.slow
def test_a_base_places_the_same_sign_of_other_signers_close(
    words: Dataset, tmp_path: Path
) -> None:
    recipe = replace(SMALL.pretrain, epochs=60, ema=0.9, variants=8, learning_rate=5e-3)
    longer = replace(SMALL, pretrain=recipe)
    reports = list[BaseReport]()
    pretrain([words], out=tmp_path / "base", config=longer, watch=reports.append)
    assert [one.epoch for one in reports] == list(range(1, 61))
    assert reports[-1].loss < reports[0].loss / 2
    base = open_base(tmp_path / "base").encoder
    assert similarity_of_signers(base, words) > 0.8


@pytest.mark.usefixtures("without_export")
def test_continuing_equals_never_having_stopped(words: Dataset, tmp_path: Path) -> None:
    asked = PretrainSettings(config=SMALL, threads=1)
    whole = pretrain_base([("a", words)], asked, tmp_path / "whole")

    class Stopped(Exception):
        pass

    def stop(report: BaseReport) -> None:
        if report.epoch == 2:
            raise Stopped

    with pytest.raises(Stopped):
        pretrain_base([("a", words)], asked, tmp_path / "again", stop)
    with pytest.raises(ModelError, match="is an unfinished base; finish it with"):
        open_base(tmp_path / "again")
    again = replace(asked, resume=True)
    continued = pretrain_base([("a", words)], again, tmp_path / "again")
    for name, weights in whole.state_dict().items():
        torch.testing.assert_close(
            continued.state_dict()[name], weights, rtol=0, atol=0
        )


@pytest.mark.usefixtures("without_export")
def test_another_pretraining_is_not_continued(words: Dataset, tmp_path: Path) -> None:
    asked = PretrainSettings(config=SMALL, threads=1, resume=True)
    pretrain_base([("a", words)], asked, tmp_path / "base")
    with pytest.raises(ModelError, match="already holds a base"):
        pretrain_base([("a", words)], asked, tmp_path / "base")
    (tmp_path / "base" / "model.json").unlink()
    with pytest.raises(ModelError, match="another seed"):
        pretrain_base([("a", words)], replace(asked, seed=1), tmp_path / "base")


def test_mistakes_are_one_line(words: Dataset, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no corpus"):
        pretrain([], out=tmp_path / "base")
    with pytest.raises(SettingsError, match="two corpora are called first"):
        pretrain([words, words], out=tmp_path / "base")


@pytest.mark.parametrize("name", ["model.onnx", "model.json", "last.pt"])
def test_files_of_somebody_else_are_not_replaced(
    name: str, words: Dataset, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("mine")
    asked = PretrainSettings(config=SMALL, threads=1)
    with pytest.raises(ModelError, match=rf"holds {name} but no base\.json"):
        pretrain_base([("a", words)], asked, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_whitening_makes_the_variation_within_words_even() -> None:
    """Two words whose clips differ along one axis far more than along the other."""
    torch.manual_seed(0)
    words = torch.arange(400) % 2
    spread = torch.tensor([1.0, 0.05, 0.05])
    points = torch.randn(400, 3) * spread + 3.0 * words[:, None]
    encoder = BaseEncoder(SMALL.input, EncoderConfig(width=4, layers=1, embedding=3))
    encoder.whiten(points, words)
    moved = (points - encoder.centre) @ encoder.whitening
    torch.testing.assert_close(encoder.centre, points.mean(0))
    inside = torch.cat(
        [moved[words == one] - moved[words == one].mean(0) for one in (0, 1)]
    )
    before = points[words == 0].std(0)
    assert float(before.max() / before.min()) > 15
    assert float(inside.std(0).max() / inside.std(0).min()) < 4
