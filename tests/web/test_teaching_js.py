"""What the page computes of taught clips, against numpy."""

from typing import Any

import numpy as np
import pytest

from lessons import (
    added_weights,
    new_word_scores,
    similarities,
    taught_answers,
    taught_base_answers,
)
from node import needs_node, run_node
from signnet.recognise.doubts import ANOTHER_WORD, UNLIKE
from signnet.recognise.exemplars import SHARPNESS
from signnet.recognise.familiarity import (
    HANDICAP,
    SURE_ABOVE,
    UNRELATED,
    UNRELATED_PER_DOUBLING,
    WORD_SHARPNESS,
)
from signnet.recognise.teaching import ABSTAIN_BELOW, NEW_RIDGE, OLD_RIDGE

pytestmark = needs_node

PARTS = [
    {"axes": [16], "weights": [1.0]},
    {"axes": [5, 11], "weights": [0.5, 0.5]},
    {"axes": [9, 7], "weights": [0.3, 0.9]},
]


def test_the_constants_are_those_of_the_command_line() -> None:
    code = """
    import * as all from "./recognise/teaching.js";
    say([all.OLD_RIDGE, all.NEW_RIDGE, all.SHARPNESS, all.ABSTAIN_BELOW,
      all.ANOTHER_WORD, all.UNLIKE, all.WORD_SHARPNESS, all.UNRELATED,
      all.UNRELATED_PER_DOUBLING, all.HANDICAP, all.SURE_ABOVE]);
    """
    own = [OLD_RIDGE, NEW_RIDGE, SHARPNESS, ABSTAIN_BELOW, ANOTHER_WORD, UNLIKE]
    own += [WORD_SHARPNESS, UNRELATED, UNRELATED_PER_DOUBLING, HANDICAP, SURE_ABOVE]
    assert run_node(code, None) == own


class Lesson:
    """A random model, clips taught to it, and clips to be answered."""

    def __init__(self, seed: int, parts: dict[str, Any], *, known: int | None) -> None:
        rng = np.random.default_rng(seed)
        self.parts = parts
        self.known = int(rng.integers(2, 9)) if known is None else known
        self.glosses = self.known + int(rng.integers(0 if self.known else 2, 4))
        few = 0 if seed % 3 == 0 else int(rng.integers(1, 60))
        self.anchors, self.points, self.asked = (
            rng.normal(0, rng.uniform(0.1, 0.6), (count, 16))
            for count in (few, int(rng.integers(1, 12)), 5)
        )
        self.scores, self.asked_scores = (
            rng.uniform(-0.2, 1, (len(one), self.known))
            for one in (self.points, self.asked)
        )
        self.probabilities = rng.dirichlet(np.full(self.known or 1, 0.1), 5)
        self.probabilities = self.probabilities[:, : self.known]
        self.right = rng.integers(0, self.glosses, len(self.points))
        new = self.right >= self.known  # each new word has a clip
        words, self.right[new] = np.unique(self.right[new], return_inverse=True)
        self.right[new] += self.known
        self.glosses = self.known + len(words)
        gone = rng.permutation(self.known)[: self.known // 3]
        self.forgotten = [int(gloss) for gloss in gone if gloss not in self.right]

    @property
    def missing(self) -> np.ndarray:
        """Subtract the model's scores from 1 for the right gloss and 0 for others."""
        known = np.pad(self.scores, ((0, 0), (0, self.glosses - self.known)))
        return np.eye(self.glosses)[self.right] - known

    @property
    def added(self) -> np.ndarray:
        """Solve the ridge regression."""
        return added_weights(self.anchors, self.points, self.missing, self.parts)

    def answers(self) -> tuple[np.ndarray, np.ndarray]:
        """Compute scores and probabilities of all glosses, 0 of the forgotten ones."""
        every = np.concatenate([self.anchors, self.points])
        change = similarities(self.asked, every, self.parts) @ self.added
        if self.known and len(self.parts["axes"]) > 1:
            fresh = self.right >= self.known
            change[:, self.known :] = np.maximum(
                change[:, self.known :],
                new_word_scores(
                    self.points[fresh],
                    self.right[fresh] - self.known,
                    self.asked,
                    self.glosses - self.known,
                    self.parts["axes"][-1],
                ),
            )
        own = np.pad(self.asked_scores, ((0, 0), (0, self.glosses - self.known)))
        if not self.known:
            clips = np.bincount(self.right, minlength=self.glosses)
            return change, taught_base_answers(change, clips)
        given = (self.asked_scores, self.probabilities, self.forgotten)
        return own + change, taught_answers(change, *given)

    def for_the_page(self) -> dict[str, Any]:
        """Give everything as the page's modules take it."""
        points = zip(self.points, self.scores, self.right, strict=True)
        asked = zip(self.asked, self.asked_scores, self.probabilities, strict=True)
        return {
            "model": {"anchors": self.anchors.tolist(), "parts": self.parts},
            "lesson": {
                "points": [
                    {"embedding": x.tolist(), "scores": s.tolist(), "index": int(i)}
                    for x, s, i in points
                ],
                "glossCount": self.glosses,
                "forgotten": self.forgotten,
            },
            "missing": self.missing.tolist(),
            "asked": [
                {
                    "embedding": x.tolist(),
                    "scores": s.tolist(),
                    "probabilities": p.tolist(),
                }
                for x, s, p in asked
            ],
        }


@pytest.mark.parametrize("known", [None, 0], ids=["model", "base"])
@pytest.mark.parametrize("parts", PARTS, ids=["one", "two", "uneven"])
@pytest.mark.parametrize("seed", range(4))
def test_the_page_answers_what_numpy_answers(
    seed: int, parts: dict[str, Any], known: int | None
) -> None:
    lesson = Lesson(seed, parts, known=known)
    code = """
    import { correction, TaughtModel } from "./recognise/teaching.js";
    const { model, lesson, missing, asked } = given;
    const embeddings = lesson.points.map(({ embedding }) => embedding);
    const added = correction(model.anchors, embeddings, missing, model.parts);
    const taught = new TaughtModel(model, lesson);
    const answers = asked.map((clip) => taught.answer(clip));
    const listed = (rows) => rows.map((row) => Array.from(row));
    say([listed(added), listed(answers.map(({ scores }) => scores)),
      listed(answers.map(({ probabilities }) => probabilities))]);
    """
    kept = [g for g in range(lesson.glosses) if g not in lesson.forgotten]
    scores, probabilities = lesson.answers()
    found = run_node(code, lesson.for_the_page())
    for one, expected in zip(
        found, (lesson.added, scores[:, kept], probabilities[:, kept]), strict=True
    ):
        np.testing.assert_allclose(np.asarray(one), expected, atol=1e-6, rtol=1e-6)


def test_an_embedding_is_one_part_if_the_card_names_none() -> None:
    lesson = Lesson(1, PARTS[0], known=None)
    given = lesson.for_the_page()
    del given["model"]["parts"]
    code = """
    import { TaughtModel } from "./recognise/teaching.js";
    const taught = new TaughtModel(given.model, given.lesson);
    say(given.asked.map((clip) => Array.from(taught.answer(clip).probabilities)));
    """
    kept = [g for g in range(lesson.glosses) if g not in lesson.forgotten]
    expected = lesson.answers()[1][:, kept]
    np.testing.assert_allclose(run_node(code, given), expected, atol=1e-6)


def test_forgetting_alone_keeps_what_the_network_says_of_the_others() -> None:
    code = """
    import { TaughtModel } from "./recognise/teaching.js";
    const lesson = { points: [], glossCount: 3, forgotten: [1] };
    const taught = new TaughtModel({ anchors: [[0, 1]] }, lesson);
    const own = { scores: [0.1, 0.9, 0.2], probabilities: [0.1, 0.6, 0.3] };
    const clip = { embedding: [0, 0], ...own };
    const { scores, probabilities } = taught.answer(clip);
    say([Array.from(scores), Array.from(probabilities)]);
    """
    scores, probabilities = run_node(code)
    assert scores == [0.1, 0.2]
    np.testing.assert_allclose(probabilities, [0.25, 0.75], rtol=1e-6)


GLOSSES = ["A", "B"]


@pytest.mark.parametrize(
    ("gloss", "scores", "points", "earlier", "expected"),
    [
        ("C", [[0.1, 0.2]] * 3, [0, 0.1, 0.2], [], []),
        ("B", [[0.1, 0.9]] * 3, [0, 0.1, 0.2], [], []),
        ("A", [[0.1, 0.9]] + [[0.9, 0.1]] * 2, [0, 0, 0], [], [("another", 0, "B")]),
        ("C", [[0.1, 0.2]] * 3, [0, 0.1, 3], [], [("unlike", 2, None)]),
        ("A", [[0.1, 0.2]] * 3, [0, 0.1, 3], [3.2], []),
        ("A", [[0.1, 0.2]], [0], [], []),
        ("A", [[0.1, 0.2]], [0], [3], [("unlike", 0, None)]),
        ("C", [[]], [0], [], []),
    ],
)
def test_what_speaks_against_clips_is_said(
    gloss: str,
    scores: list[list[float]],
    points: list[float],
    earlier: list[float],
    expected: list[Any],
) -> None:
    code = """
    import { doubtsOf } from "./recognise/teaching.js";
    const found = doubtsOf(given.clips, given.gloss, given.earlier, given.parts);
    say(found.map(({ kind, clip, gloss }) => [kind, clip, gloss ?? null]));
    """
    clips = [
        {"embedding": [point, 0], "scores": one, "glosses": GLOSSES[: len(one)]}
        for point, one in zip(points, scores, strict=True)
    ]
    given = {"clips": clips, "gloss": gloss, "earlier": [[x, 0] for x in earlier]}
    for parts in (None, {"axes": [1, 1], "weights": [0.95, 0.05]}):
        given_parts = given | ({"parts": parts} if parts else {})
        assert run_node(code, given_parts) == [list(one) for one in expected]
