"""Whether the graphics processor takes over from the processor."""

import pytest

from node import run_node

CODE = """
const { Trial } = await import("./capture/rival.js");
const hand = (shift) => ({
  points: [{ x: 0.4 + shift, y: 0.5 }, { x: 0.6 + shift, y: 0.7 }],
});
const judged = (ours, theirs, before, after) => {
  const trial = new Trial();
  for (let count = 1; count <= 200; count++) {
    const verdict = trial.judge(
      { found: ours.map(hand), milliseconds: before },
      { found: theirs.map(hand), milliseconds: count < 4 ? 900 : after },
    );
    if (verdict !== null) return [verdict, count];
  }
};
say([
  judged([0], [0.01], 40, 20),
  judged([0], [0.01], 40, 36),
  judged([0], [0.05], 40, 20),
  judged([0, 0.3], [0.3, 0], 40, 20),
  judged([0, 0.3], [0], 40, 20),
  judged([], [], 40, 20),
  judged([0], [0], 40, 400),
  judged([0], [NaN], 40, 20),
]);
"""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, list[object]]:
    kinds = (
        "quick",
        "slow",
        "elsewhere",
        "swapped",
        "fewer",
        "nobody",
        "hopeless",
        "broken",
    )
    return dict(zip(kinds, run_node(CODE), strict=True))


def test_it_is_taken_where_it_finds_the_same_sooner(
    verdicts: dict[str, list[object]],
) -> None:
    assert verdicts["quick"] == [True, 13], "ten pictures after three to warm up"
    assert verdicts["swapped"][0] is True, "hands come in any order"


@pytest.mark.parametrize("kind", ["slow", "elsewhere", "fewer", "broken"])
def test_it_is_left_where_it_is_slow_or_finds_something_else(
    verdicts: dict[str, list[object]], kind: str
) -> None:
    assert verdicts[kind] == [False, 13]


def test_a_hopeless_one_is_left_early(verdicts: dict[str, list[object]]) -> None:
    assert verdicts["hopeless"] == [False, 6]


def test_it_is_left_where_nobody_comes(verdicts: dict[str, list[object]]) -> None:
    assert verdicts["nobody"] == [False, 90]
