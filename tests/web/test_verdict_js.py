"""Practising says whether a sign is the one asked for, and how sure that is."""

from typing import Any

import pytest

from node import needs_node, run_node

pytestmark = needs_node

JUDGE = """
    import { judge } from "./views/verdict.js";
    say(given.map(([event, metrics]) => judge(event, "7", metrics ?? undefined)));
"""


def event(kind: str, *ranked: tuple[int, float]) -> dict[str, Any]:
    predictions = [{"gloss": str(word), "probability": one} for word, one in ranked]
    gloss = predictions[0]["gloss"] if kind == "sign" else None
    return {"kind": kind, "gloss": gloss, "predictions": predictions}


RIGHT = {"verdict": "right", "gloss": "7"}
CASES = [
    (event("sign", (7, 0.9), (2, 0.1)), None, RIGHT),
    (event("sign", (2, 0.8), (7, 0.1)), None, RIGHT),
    (event("unsure", (2, 0.3), (7, 0.2)), None, RIGHT),
    (event("sign", (2, 0.8), (7, 0.09)), None, {"verdict": "other", "gloss": "2"}),
    (event("sign", (2, 0.9), (3, 0.1)), None, {"verdict": "other", "gloss": "2"}),
    (event("unsure", (2, 0.3), (3, 0.2)), None, {"verdict": "unseen", "gloss": "2"}),
    (event("unsure", (7, 0.09), (3, 0.08)), None, {"verdict": "unseen", "gloss": "3"}),
    (event("sign", (2, 0.8), (7, 0.05)), {"check_limit": 0.05}, RIGHT),
    (event("guess", (7, 0.9)), None, None),
]


def test_a_sign_is_right_if_its_word_is_probable_enough() -> None:
    given = [(one, metrics) for one, metrics, _ in CASES]
    assert run_node(JUDGE, given) == [expected for *_, expected in CASES]


SHARES = {
    "check_missed_new_signer": 0.592,
    "check_passed_new_signer": 0.017,
    "check_missed_shown_once": 0.056,
    "check_passed_shown_once": 0.003,
}


@pytest.mark.parametrize(
    ("metrics", "is_shown", "expected"),
    [
        (SHARES, False, ["misses about 59", "accepts at most 2."]),
        (SHARES, True, ["misses about 6", "accepts at most 1."]),
        ({}, True, ["not known how often that happens"]),
    ],
)
def test_the_check_says_how_often_it_is_mistaken(
    metrics: dict[str, float], is_shown: bool, expected: list[str]
) -> None:
    code = """
    import { doubtOf } from "./views/verdict.js";
    say(doubtOf(given.metrics, given.isShown));
    """
    said = run_node(code, {"metrics": metrics, "isShown": is_shown})
    assert all(part in said for part in expected), said
