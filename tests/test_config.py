"""Settings: what is refused, and that they survive being saved."""

import json
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from signnet.config import (
    PRESETS,
    SUMMARIES,
    AugmentConfig,
    ModelConfig,
    Recipe,
    TrainConfig,
    changed,
    choose_recipe,
    preset,
    read_recipe,
    recipe_from_dict,
    recipe_to_toml,
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
    with pytest.raises(
        SettingsError,
        match=r"unknown preset best.*default, exemplars, network, baseline",
    ):
        preset("best")


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"streams": ()}, "streams are empty"),
        ({"streams": ("pose", "feet")}, "feet; choose from pose,hands,face"),
        ({"heads": 7}, "width 128 is not a multiple of 7 heads"),
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


def test_a_strange_setting_is_named_in_one_line() -> None:
    saved: dict[Any, Any] = Recipe().to_dict()
    saved["train"] |= {"a\nb": 1, 7: 2}
    with pytest.raises(SettingsError, match="have 7, a b, unknown"):
        recipe_from_dict(saved)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_written_as_toml_is_read_back_as_it_was(
    name: str, tmp_path: Path
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_to_toml(preset(name)), "utf-8")
    assert read_recipe(file) == preset(name)


def test_values_that_toml_writes_in_its_own_way_survive(tmp_path: Path) -> None:
    train = TrainConfig(clip_norm=float("inf"), learning_rate=1e-7, epochs=1)
    recipe = Recipe(train=train, model=ModelConfig(depth=True, streams=("face",)))
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_to_toml(recipe), "utf-8")
    assert read_recipe(file) == recipe


def test_every_setting_of_a_written_recipe_is_explained() -> None:
    lines = recipe_to_toml(preset("default")).splitlines()
    assert "# One of: signnet, spoter, conv_transformer, bilstm, none." in lines
    assert lines[lines.index("batch_size = 16") - 1] == "# Clips per step."
    settings = [number for number, line in enumerate(lines) if " = " in line]
    assert len(settings) > 40
    assert all(lines[number - 1].startswith("# ") for number in settings)


def test_a_recipe_file_may_leave_out_what_default_has(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text("[train]\nepochs = 7\n", "utf-8")
    default = preset("default")
    expected = replace(default, train=replace(default.train, epochs=7))
    assert read_recipe(file) == expected


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[train", "recipe.toml is not a recipe: Expected"),
        ("[trane]\nepochs = 1", "recipe.toml: unknown setting trane"),
        ("epochs = 1", "unknown setting epochs; did you mean train.epochs"),
        ("[train]\nepoch = 1", "unknown setting train.epoch; did you mean train.epo"),
        ("[train]\nepochs = 'many'", "train.epochs is 'many'; it should be a whole"),
        ("[train]\nepochs = 1.5", "train.epochs is 1.5; it should be a whole number"),
        ("[train]\nepochs = true", "train.epochs is True; it should be a whole"),
        ("[model]\ndepth = 1", "model.depth is 1; it should be true or false"),
        ("[model]\nstreams = 'pose'", "model.streams is 'pose'; it should be a list"),
        ("[model]\nstreams = [1]", "model.streams is 1; it should be a text"),
        ("[augment]\ntime_scale = [1.0]", "time_scale has 1 values; it should have 2"),
    ],
)
def test_a_wrong_recipe_file_is_refused_in_one_line(
    text: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as refused:
        read_recipe(file)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_recipe_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"none\.toml is not a recipe: No such file"
    ):
        read_recipe(tmp_path / "none.toml")


@pytest.mark.usefixtures("without_shape_checks")
def test_settings_are_changed_by_name() -> None:
    recipe = changed(
        preset("default"),
        [
            "train.learning_rate=1e-4",
            "train.batch_size = 12",
            "model.architecture=bilstm",
            "model.streams=pose,face",
            "model.depth=true",
            "augment.time_scale=0.9,1.1",
            "augment.rotation=20",
        ],
    )
    assert (recipe.train.learning_rate, recipe.train.batch_size) == (1e-4, 12)
    assert (recipe.model.architecture, recipe.model.depth) == ("bilstm", True)
    assert recipe.model.streams == ("pose", "face")
    assert recipe.augment.time_scale == (0.9, 1.1)
    assert recipe.augment.rotation == 20.0
    assert recipe.train.epochs == preset("default").train.epochs


def test_settings_that_only_fit_together_are_changed_together() -> None:
    recipe = changed(preset("default"), ["model.width=90", "model.heads=2"])
    assert (recipe.model.width, recipe.model.heads) == (90, 2)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train.learning_rat=1", "unknown setting train.learning_rat; did you mean tr"),
        ("learning_rate=1", "did you mean train.learning_rate?"),
        ("train.qqq=1", "signnet presets default` lists them all"),
        ("train.epochs", "train.epochs changes no setting; write table.name=value"),
        ("train.epochs=many", "train.epochs is 'many'; it should be a whole number"),
        ("model.architecture=signet", "did you mean signnet? choose one of: signnet"),
        ("model.architecture=none", "model.architecture none needs exemplars"),
    ],
)
def test_a_wrong_change_names_what_is_known(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        changed(Recipe(), [text])
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train.learning_rate=inf", "train.learning_rate is inf; it should be 1,000,"),
        ("augment.noise=1e400", "augment.noise is inf; it should be 1,000,"),
        ("augment.time_scale=1,inf", "time_scale is (1.0, inf); give low and high"),
        (f"train.learning_rate=1{'0' * 400}", "it should be a number"),
        (f"train.epochs={'9' * 5000}", "it should be a whole number"),
        (f"train.epochs={10**30}", "it should be 1,000,000,000 or less"),
        ("model.width=4096000", "model.width is 4096000; it should be 8,192 or less"),
        ("model.streams=pose,pose", "streams are pose,pose; name each stream once"),
        (f"model.streams={'[' * 9000}", "it should be a list"),
    ],
)
def test_endless_numbers_and_lists_are_refused_in_a_short_line(
    text: str, message: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        changed(Recipe(), [text])
    assert message in str(refused.value)
    assert len(str(refused.value)) < 200


def test_a_recipe_file_may_come_from_another_editor(tmp_path: Path) -> None:
    file = tmp_path / "recipe.TOML"
    file.write_text("[train]\r\nepochs = 3\r\n", "utf-8-sig", newline="")
    assert choose_recipe(file).train.epochs == 3


def test_a_deeply_nested_recipe_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(f"[model]\nstreams = {'[' * 9000}")
    with pytest.raises(SettingsError, match="is not a recipe: "):
        choose_recipe(file)


def test_a_model_without_network_needs_exemplars() -> None:
    with pytest.raises(SettingsError, match="architecture none needs exemplars"):
        ModelConfig(architecture="none")
    assert preset("exemplars").model.architecture == "none"


def test_a_base_needs_exemplars() -> None:
    with pytest.raises(SettingsError, match=r"a base works through the exemplars"):
        ModelConfig(base=True)
    assert preset("default").model == replace(preset("exemplars").model, base=True)
    assert not preset("network").model.base


def test_every_preset_says_what_it_is_in_one_line() -> None:
    assert list(SUMMARIES) == list(PRESETS)
    assert all(text and "\n" not in text for text in SUMMARIES.values())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        preset("default").train.epochs = 3  # type: ignore[misc]
