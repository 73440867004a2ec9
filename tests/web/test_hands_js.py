"""A body that was found earlier follows the hands that are found now."""

import pytest

from node import run_node

CODE = """
const { followHands } = await import("./capture/hands.js");
const body = Float32Array.from({ length: 99 }, (_, at) => at / 100);
const right = new Float32Array(63);
[right[0], right[1]] = [0.9, 0.1];
const moved = followHands(body, { left: null, right });
const joint = (points, one) => [...points.subarray(3 * one, 3 * one + 3)];
say([12, 14, 15, 16, 18, 22].map((one) => [joint(body, one), joint(moved, one)]));
"""


def test_a_wrist_and_its_fingers_move_to_the_hand_and_nothing_else_does() -> None:
    shoulder, elbow, other, wrist, finger, thumb = run_node(CODE)
    for before, after in (shoulder, elbow, other):
        assert after == before
    assert wrist[1] == pytest.approx([0.9, 0.1, wrist[0][2]])
    for before, after in (finger, thumb):
        step = [0.9 - wrist[0][0], 0.1 - wrist[0][1], 0]
        assert after == pytest.approx(
            [a + b for a, b in zip(before, step, strict=True)]
        )
