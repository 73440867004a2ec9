"""Landmark models are fetched by `signnet models` alone."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import signnet
from signnet.errors import ModelError
from signnet.extraction import extract_folder, landmarkers, warm_up


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "films" / "film.mp4"
    path.parent.mkdir()
    made = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    for _ in range(5):
        made.write(np.zeros((48, 64, 3), np.uint8))
    made.release()
    return path


USES: dict[str, Callable[[Path], object]] = {
    "extract": lambda film: extract_folder(film.parent, film.parent / "out"),
    "predict": lambda film: signnet.load("bdsl55")(film),
    "serve": lambda _film: warm_up(),
}


@pytest.mark.parametrize("use", USES)
def test_missing_landmark_models_are_named_and_not_fetched(
    use: str, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[object]()

    def fetch(*given: object) -> list[str]:
        asked.append(given)
        raise ModelError("went to fetch them")

    monkeypatch.setattr(landmarkers, "_fetch", fetch)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no-cache"))
    with pytest.raises(ModelError, match="run `signnet models` to fetch it"):
        USES[use](film)
    assert not asked
    assert not (tmp_path / "no-cache").exists()
