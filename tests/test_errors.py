"""What a user is told who has not installed an extra."""

import sys
from collections.abc import Callable

import pytest

from signnet.errors import SettingsError, needs_extra
from signnet.extraction.cluster import run_on_ray
from signnet.training.logs import import_wandb


def start_ray() -> object:
    return next(iter(run_on_ray([], lambda _: pytest.fail("no job"), workers=1)))


@pytest.mark.parametrize(
    ("module", "use", "told"),
    [
        ("wandb", import_wandb, "--wandb needs wandb.*signnet.wandb."),
        ("ray", start_ray, "--engine ray needs ray.*signnet.ray."),
    ],
)
def test_a_missing_extra_is_named_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch, module: str, use: Callable[[], object], told: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=told):
        use()


def test_a_missing_part_of_our_own_is_no_extra() -> None:
    with pytest.raises(ModuleNotFoundError), needs_extra("train"):
        import signnet.nothing  # noqa: F401  # pyright: ignore[reportMissingImports]
