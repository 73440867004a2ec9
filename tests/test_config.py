"""Settings: what is refused, and that they survive being saved."""

import json
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from signnet.config import (
    PRESETS,
    AugmentConfig,
    ModelConfig,
    Recipe,
    TrainConfig,
    preset,
    recipe_from_dict,
)
from signnet.errors import SettingsError


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json(name: str) -> None:
    saved = json.loads(json.dumps(preset(name).to_dict()))
    assert recipe_from_dict(saved) == preset(name)


@pytest.mark.parametrize("name", PRESETS)
def test_floats_are_floats_in_every_preset(name: str) -> None:
    recipe = preset(name)
    for part in (recipe.model, recipe.augment, recipe.train):
        for one in fields(part):
            if one.type is float:
                assert type(getattr(part, one.name)) is float, one.name


@pytest.mark.usefixtures("without_shape_checks")
def test_whole_numbers_may_stand_for_floats() -> None:
    config = AugmentConfig(rotation=20, time_scale=(1, 2))
    assert type(config.rotation) is float
    assert [type(end) for end in config.time_scale] == [float, float]
    assert type(TrainConfig(clip_norm=1).clip_norm) is float


def test_the_plan_s_presets_are_there() -> None:
    assert set(PRESETS) >= {"default", "baseline", "optimized", "multimodal", "spoter"}
    assert preset("baseline").model.streams == ("pose",)
    assert preset("multimodal").model.streams == ("pose", "hands", "face")


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"unknown preset best.*default, baseline"):
        preset("best")


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"streams": ()}, "streams are empty"),
        ({"streams": ("pose", "feet")}, "feet; choose from pose,hands,face"),
        ({"heads": 7}, "width 128 is no multiple of 7 heads"),
        ({"frames": 30}, "multiple of 4"),
        ({"frames": 0}, "frames is 0; it should be 1 or more"),
        ({"dropout": 1.5}, "dropout is 1.5; it should be between 0 and 0.99"),
        ({"architecture": "gcn"}, "architecture is gcn; choose one of: signnet"),
    ],
)
def test_a_network_that_cannot_be_built_is_refused(
    changes: dict[str, object], message: str
) -> None:
    config = ModelConfig(width=128, stream_width=64, heads=4, frames=32)
    with pytest.raises(SettingsError, match=message):
        replace(config, **changes)


@pytest.mark.parametrize(
    "changes",
    [{"streams": ("pose",)}, {"width": 180}, {"velocities": True}, {"depth": True}],
)
def test_spoter_is_taken_as_published_or_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="spoter reads x and y of pose and hands"):
        replace(preset("spoter").model, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mirror": 1.5}, "mirror is 1.5"),
        ({"noise": -0.1}, "noise is -0.1; it should be 0 or more"),
        ({"time_scale": (1.2, 0.8)}, "give low and high"),
        ({"time_scale": (0.0, 0.8)}, "give low and high"),
    ],
)
def test_a_variation_without_meaning_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        replace(AugmentConfig(), **changes)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs is 0; it should be 1 or more"),
        ({"batch_size": -1}, "batch_size is -1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"ema": 2.0}, "ema is 2.0; it should be between 0 and 1"),
        ({"schedule": "step"}, "choose one of: onecycle, cosine"),
        ({"balance": "word"}, "choose one of: none, gloss, signer"),
    ],
)
def test_a_training_without_meaning_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        replace(TrainConfig(), **changes)


@pytest.mark.parametrize("part", ["model", "augment", "train"])
def test_a_setting_of_another_version_is_refused_by_name(part: str) -> None:
    saved = Recipe().to_dict()
    saved[part]["fancy"] = 1
    with pytest.raises(SettingsError, match=f"{part} settings have fancy"):
        recipe_from_dict(saved)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        preset("default").train.epochs = 3  # type: ignore[misc]
