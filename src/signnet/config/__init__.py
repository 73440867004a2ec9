"""Settings: what they are, the presets, and recipe files.

Nothing here needs torch, so that the command line can list presets at once. A saved
run stores `dataclasses.asdict` of a `Recipe`; an unknown key is refused when it is
read back.
"""

from signnet.config.presets import PRESETS, SUMMARIES, PresetName, preset
from signnet.config.recipes import (
    changed,
    choose_recipe,
    read_recipe,
    recipe_from_dict,
    recipe_to_toml,
)
from signnet.config.settings import (
    STREAMS,
    AugmentConfig,
    ModelConfig,
    Recipe,
    TrainConfig,
)

__all__ = [
    "PRESETS",
    "STREAMS",
    "SUMMARIES",
    "AugmentConfig",
    "ModelConfig",
    "PresetName",
    "Recipe",
    "TrainConfig",
    "changed",
    "choose_recipe",
    "preset",
    "read_recipe",
    "recipe_from_dict",
    "recipe_to_toml",
]
