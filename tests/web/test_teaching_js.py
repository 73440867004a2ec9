"""What the page computes of taught clips, against numpy; and which files it takes."""

import json
from typing import Any

import numpy as np
import pytest

from node import needs_node, run_node
from signnet.recognise.doubts import ANOTHER_WORD, UNLIKE
from signnet.recognise.exemplars import SHARPNESS
from signnet.recognise.teaching import ABSTAIN_BELOW, NEW_RIDGE, OLD_RIDGE

pytestmark = needs_node


def likeness(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.exp(-((some[:, None] - others[None]) ** 2).sum(-1))


def test_the_constants_are_those_of_the_command_line() -> None:
    code = """
    import * as all from "./recognise/teaching.js";
    say([all.OLD_RIDGE, all.NEW_RIDGE, all.SHARPNESS, all.ABSTAIN_BELOW,
      all.ANOTHER_WORD, all.UNLIKE]);
    """
    own = [OLD_RIDGE, NEW_RIDGE, SHARPNESS, ABSTAIN_BELOW, ANOTHER_WORD, UNLIKE]
    assert run_node(code, None) == own


@pytest.mark.parametrize("seed", range(6))
def test_the_page_fits_what_numpy_fits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    known, new = int(rng.integers(2, 9)), int(rng.integers(0, 3))
    anchors, points, asked = (
        rng.normal(0, rng.uniform(0.1, 0.6), (count, 16))
        for count in (int(rng.integers(0, 60)), int(rng.integers(1, 12)), 5)
    )
    own, own_asked = (rng.uniform(-0.2, 1, (len(x), known)) for x in (points, asked))
    right = rng.integers(0, known + new, len(points))

    every = np.concatenate([anchors, points])
    missing = np.eye(known + new)[right] - np.pad(own, ((0, 0), (0, new)))
    wanted = np.concatenate([np.zeros((len(anchors), known + new)), missing])
    ridge = np.repeat([OLD_RIDGE, NEW_RIDGE], [len(anchors), len(points)])
    added = np.linalg.solve(likeness(every, every) + np.diag(ridge), wanted)
    scores = np.pad(own_asked, ((0, 0), (0, new))) + likeness(asked, every) @ added
    raised = np.exp(SHARPNESS * (scores - scores.max(1, keepdims=True)))
    chances = raised / raised.sum(1, keepdims=True)

    code = """
    import { correction, probabilitiesOf, TaughtModel } from "./recognise/teaching.js";
    const { anchors, points, missing, glossCount, asked } = given;
    const embedded = points.map(({ embedding }) => embedding);
    const taught = new TaughtModel(anchors, points, glossCount);
    const scores = asked.map(({ embedding, own }) => taught.scores(embedding, own));
    say([correction(anchors, embedded, missing).map((row) => Array.from(row)),
      scores.map((row) => Array.from(row)),
      scores.map((row) => Array.from(probabilitiesOf(row)))]);
    """
    given = {
        "anchors": anchors.tolist(),
        "points": [
            {"embedding": x.tolist(), "scores": s.tolist(), "index": int(i)}
            for x, s, i in zip(points, own, right, strict=True)
        ],
        "missing": missing.tolist(),
        "glossCount": known + new,
        "asked": [
            {"embedding": x.tolist(), "own": s.tolist()}
            for x, s in zip(asked, own_asked, strict=True)
        ],
    }
    found = run_node(code, given)
    for one, expected in zip(found, (added, scores, chances), strict=True):
        np.testing.assert_allclose(np.asarray(one), expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    ("index", "said", "places", "earlier", "expected"),
    [
        (-1, [[0.1, 0.2]] * 3, [0, 0.1, 0.2], [], []),
        (1, [[0.1, 0.9]] * 3, [0, 0.1, 0.2], [], []),
        (0, [[0.1, 0.9]] + [[0.9, 0.1]] * 2, [0, 0, 0], [], [("another", 0, 1)]),
        (-1, [[0.1, 0.2]] * 3, [0, 0.1, 3], [], [("unlike", 2, None)]),
        (0, [[0.1, 0.2]] * 3, [0, 0.1, 3], [3.2], []),
        (0, [[0.1, 0.2]], [0], [], []),
        (0, [[0.1, 0.2]], [0], [3], [("unlike", 0, None)]),
    ],
)
def test_what_speaks_against_clips_is_said(
    index: int,
    said: list[list[float]],
    places: list[float],
    earlier: list[float],
    expected: list[Any],
) -> None:
    code = """
    import { doubtsOf } from "./recognise/teaching.js";
    const found = doubtsOf(given.clips, given.gloss, given.earlier);
    say(found.map(({ kind, clip, gloss }) => [kind, clip, gloss ?? null]));
    """
    clips = [
        {"embedding": [place, 0], "scores": one}
        for place, one in zip(places, said, strict=True)
    ]
    given = {"clips": clips, "gloss": index, "earlier": [[x, 0] for x in earlier]}
    assert run_node(code, given) == [list(one) for one in expected]


def a_word(**other: Any) -> dict[str, Any]:
    point = {"embedding": [0.1, -0.2], "scores": [0.5, 0.1, 0.0]}
    texts = {"gloss": "পাখি", "transliteration": "pakhi", "english": "bird"}
    return {**texts, "points": [point], **other}


def a_file(**other: Any) -> dict[str, Any]:
    return {
        "format": "signnet taught",
        "version": 1,
        "model": {"name": "bdsl55", "sha256": "abc"},
        "words": [a_word()],
        **other,
    }


def point(**other: Any) -> list[dict[str, Any]]:
    return [{**a_word()["points"][0], **other}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (a_file(), 1),
        (a_file(words=[]), 0),
        (a_file(words=[a_word(), a_word(gloss=" পাখি ")]), 1),
        (a_file(format="diary"), "notTaughtFile"),
        (a_file(version=2), "notTaughtFile"),
        ([], "notTaughtFile"),
        (None, "notTaughtFile"),
        (a_file(model={"name": "other", "sha256": "abd"}), "otherModel"),
        (a_file(model=None), "otherModel"),
        (a_file(words={}), "damagedTaughtFile"),
        (a_file(words=[None]), "damagedTaughtFile"),
        (a_file(words=[a_word(gloss="  ")]), "damagedTaughtFile"),
        (a_file(words=[a_word(english=None)]), "damagedTaughtFile"),
        (a_file(words=[a_word(gloss="x" * 61)]), "damagedTaughtFile"),
        (a_file(words=[a_word(points=[])]), "damagedTaughtFile"),
        (a_file(words=[a_word(points=point(embedding=[1]))]), "damagedTaughtFile"),
        (
            a_file(words=[a_word(points=point(embedding=[1, None]))]),
            "damagedTaughtFile",
        ),
        (a_file(words=[a_word(points=point(embedding=[1, "2"]))]), "damagedTaughtFile"),
        (
            a_file(words=[a_word(points=point(embedding=[1, 1e30]))]),
            "damagedTaughtFile",
        ),
        (
            a_file(words=[a_word(points=point(scores=[1, 2, 3, 4]))]),
            "damagedTaughtFile",
        ),
    ],
)
def test_only_whole_files_of_this_very_model_are_taken(
    content: Any, expected: int | str
) -> None:
    code = """
    import { read } from "./teach/exchange.js";
    try { say(read(given, { sha256: "abc", axes: 2 }, 3).length); }
    catch ({ code }) { say(code); }
    """
    assert run_node(code, json.dumps(content)) == expected


def test_a_cut_file_is_not_taken() -> None:
    code = """
    import { read } from "./teach/exchange.js";
    try { say(read(given, { sha256: "abc", axes: 2 }, 3).length); }
    catch ({ code }) { say(code); }
    """
    assert run_node(code, json.dumps(a_file())[:-9]) == "notTaughtFile"
