"""The similarity of embedded clips, part by part, and the anchors beside a model."""

from math import exp
from pathlib import Path

import numpy as np
import pytest

from signnet.errors import ModelError
from signnet.recognise.exemplars import Kernel, read_anchors

POINTS = np.array([[0.0, 0.0, 1.0], [1.0, 2.0, 1.0]])
OTHERS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 3.0], [1.0, 0.0, 0.0]])


def test_parts_are_compared_apart_and_weighted() -> None:
    found = Kernel((2, 1), (0.75, 0.25)).similarity(POINTS, OTHERS)
    expected = [
        [1.0, 0.75 * exp(-1) + 0.25 * exp(-4), 0.75 * exp(-1) + 0.25 * exp(-1)],
        [
            0.75 * exp(-5) + 0.25,
            0.75 * exp(-2) + 0.25 * exp(-4),
            0.75 * exp(-4) + 0.25 * exp(-1),
        ],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_without_a_card_s_embedding_all_axes_are_one_part() -> None:
    kernel = Kernel.of({}, 3)
    assert (kernel.axes, kernel.weights, kernel.size) == ((3,), (1.0,), 3)
    assert kernel.similarity(POINTS, OTHERS)[1, 1] == pytest.approx(exp(-6))


def test_a_card_s_embedding_names_the_parts() -> None:
    kernel = Kernel.of({"axes": [1, 2], "weights": [0.5, 0.5]}, 3)
    assert (kernel.axes, kernel.weights, kernel.size) == ((1, 2), (0.5, 0.5), 3)


def test_a_clip_is_not_more_than_the_same_as_itself() -> None:
    points = np.random.default_rng(0).normal(0, 30, (40, 9)).astype(np.float32)
    same = np.diag(Kernel((4, 5), (0.5, 0.5)).similarity(points, points))
    assert (same <= 1).all()


def test_a_model_without_anchors_has_none(tmp_path: Path) -> None:
    assert read_anchors(tmp_path / "anchors.npy", 5).shape == (0, 5)


def test_anchors_are_read_in_single_precision(tmp_path: Path) -> None:
    stored = np.arange(6, dtype=np.float16).reshape(2, 3)
    np.save(tmp_path / "anchors.npy", stored)
    found = read_anchors(tmp_path / "anchors.npy", 3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, stored)


@pytest.mark.parametrize(
    "stored",
    [
        np.zeros((4, 7), np.float16),
        np.zeros(3, np.float16),
        np.zeros((2, 3, 1), np.float16),
        np.full((2, 3), np.nan, np.float16),
        np.full((2, 3), np.inf, np.float16),
    ],
)
def test_anchors_of_another_model_are_refused_in_one_line(
    stored: np.ndarray, tmp_path: Path
) -> None:
    np.save(tmp_path / "anchors.npy", stored)
    with pytest.raises(ModelError, match=r"holds no anchors of this model") as caught:
        read_anchors(tmp_path / "anchors.npy", 3)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_of_anchors_is_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "anchors.npy").write_bytes(content)
    with pytest.raises(ModelError, match=r"anchors.npy cannot be read") as caught:
        read_anchors(tmp_path / "anchors.npy", 3)
    assert "\n" not in str(caught.value)


def test_anchors_that_are_python_objects_are_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "anchors.npy", np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(ModelError, match="cannot be read"):
        read_anchors(tmp_path / "anchors.npy", 1)
