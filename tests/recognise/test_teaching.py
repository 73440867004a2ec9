"""What is taught and forgotten, as numbers: no model is needed for it."""

from dataclasses import replace

import numpy as np
import pytest

from signnet.errors import DatasetError, ModelError
from signnet.recognise import teaching
from signnet.recognise.doubts import find_doubts, refuse_doubts
from signnet.recognise.exemplars import SHARPNESS, Kernel
from signnet.recognise.familiarity import HANDICAP
from signnet.recognise.teaching import (
    NEW_RIDGE,
    OLD_RIDGE,
    Taught,
    TaughtClip,
    correction,
)

KERNEL = Kernel((2, 1), (0.5, 0.5))
GLOSSES = ("A", "B", "C")


def clip_of(
    name: str,
    gloss: str,
    embedding: list[float] | np.ndarray,
    scores: list[float] | np.ndarray = (0.0, 0.0, 0.0),  # type: ignore[assignment]
) -> TaughtClip:
    return TaughtClip(
        name=name,
        gloss=gloss,
        embedding=np.array(embedding, np.float32),
        scores=np.array(scores, np.float32),
    )


def untaught(
    glosses: tuple[str, ...] = GLOSSES, kernel: Kernel = KERNEL, anchors: int = 12
) -> Taught:
    rng = np.random.default_rng(1)
    points = rng.normal(0, 0.5, (anchors, kernel.size)).astype(np.float32)
    return Taught(glosses=glosses, kernel=kernel, anchors=points)


@pytest.fixture
def model() -> Taught:
    return untaught()


@pytest.fixture
def base() -> Taught:
    """Give a model that knows no word and has no anchors."""
    return untaught((), Kernel((3,), (1.0,)), anchors=0)


def own(probabilities: list[float], scores: list[float]) -> tuple[np.ndarray, ...]:
    return np.array(probabilities, np.float32), np.array(scores, np.float32)


def answer(
    taught: Taught, probabilities: list[float], at: list[float], scores: list[float]
) -> dict[str, float]:
    """Give the probability of each gloss that is answered."""
    graph = own(probabilities, scores)
    found = taught.probabilities(graph[0], np.array(at, np.float32), graph[1])
    return dict(zip(taught.vocabulary, found.tolist(), strict=True))


def test_a_correction_without_anchors_is_ridge_regression_on_the_clips() -> None:
    """One clip: (1 + ridge)⁻¹ of what is missing; two clips as solved by hand."""
    kernel, none = Kernel((1,), (1.0,)), np.zeros((0, 1))
    found = correction(kernel, none, np.zeros((1, 1)), np.array([[0.5, -0.2]]))
    np.testing.assert_allclose(found, [[0.5 / 1.01, -0.2 / 1.01]])
    points, missing = np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])
    found = correction(kernel, none, points, missing)
    diagonal, beside = 1 + NEW_RIDGE, np.exp(-1)
    determinant = diagonal**2 - beside**2
    np.testing.assert_allclose(
        found, [[diagonal / determinant], [-beside / determinant]]
    )


def test_a_correction_adds_what_is_missing_and_nothing_at_the_anchors() -> None:
    rng = np.random.default_rng(0)
    anchors, points = rng.normal(0, 2, (5, 3)), rng.normal(0, 2, (4, 3))
    missing = rng.normal(0, 1, (4, 2))
    weights = correction(KERNEL, anchors, points, missing)
    every = np.concatenate([anchors, points])
    ridge = np.repeat([OLD_RIDGE, NEW_RIDGE], [5, 4])
    reached = KERNEL.similarity(every, every) @ weights + ridge[:, None] * weights
    np.testing.assert_allclose(reached[:5], 0, atol=1e-9)
    np.testing.assert_allclose(reached[5:], missing, atol=1e-9)


def test_with_nothing_taught_the_probabilities_are_the_graph_s(model: Taught) -> None:
    graph = [0.7, 0.2999, 0.0001]
    found = answer(model, graph, [0.1, 0.2, 0.3], [0.4, 0.1, -0.2])
    assert list(found.values()) == pytest.approx(graph, rel=1e-5)
    scores = np.array([[0.4, 0.1, -0.2]])
    np.testing.assert_array_equal(model.scores(np.zeros((1, 3)), scores), scores)


def test_the_probabilities_of_a_taught_model_are_those_of_its_evidence(
    model: Taught,
) -> None:
    """Evidence: log p + log Σ exp(12 s) + 12 c of the model's glosses, 12 c of others.

    One clip and no anchors, so that c is the similarity times what is missing / 1.01;
    of a new word, at least its similarity in the last part / 1.01, less a handicap.
    """
    bare = replace(model, anchors=model.anchors[:0])
    taught = bare.with_clips([clip_of("a", "NEW", [0, 0, 0], [0.25, 0.5, 0])])
    p, s = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.0, -0.1])
    similar = 0.5 * np.exp(-1) + 0.5
    change = similar * np.array([-0.25, -0.5, 0, 1]) / (1 + NEW_RIDGE)
    change[3] = max(change[3], 1 / (1 + NEW_RIDGE) - HANDICAP)
    evidence = SHARPNESS * change
    evidence[:3] += np.log(p) + np.log(np.exp(SHARPNESS * s).sum())
    expected = np.exp(evidence) / np.exp(evidence).sum()
    found = answer(taught, p.tolist(), [1, 0, 0], s.tolist())
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-5)


def test_a_probability_of_zero_is_no_error(model: Taught) -> None:
    taught = model.with_clips([clip_of("a", "NEW", [0, 0, 0])])
    found = answer(taught, [1.0, 0.0, 0.0], [3, 3, 3], [1.0, 0, 0])
    assert all(np.isfinite(one) for one in found.values())
    assert found["A"] > 0.99


def test_a_taught_clip_is_named_and_far_away_nothing_changes(model: Taught) -> None:
    taught = model.with_clips([clip_of("a", "NEW", [5, 0, 0], [0.2, 0.1, 0.1])])
    assert answer(taught, [0.5, 0.3, 0.2], [5, 0, 0], [0.2, 0.1, 0.1])["NEW"] > 0.99
    graph, scores = [0.9, 0.07, 0.03], [0.9, 0.05, 0.05]
    far = answer(taught, graph, [-5, 9, -9], scores)
    assert [far[one] for one in GLOSSES] == pytest.approx(graph, rel=1e-3)


def test_a_base_without_anchors_is_taught_words(base: Taught) -> None:
    clips = [clip_of("a", "X", [1, 0, 0], []), clip_of("b", "Y", [-1, 0, 0], [])]
    taught = base.with_clips(clips)
    assert taught.vocabulary == ("X", "Y")
    for at, gloss in (([1, 0, 0], "X"), ([-0.9, 0.1, 0], "Y")):
        found = answer(taught, [], at, [])
        assert max(found, key=lambda one: found[one]) == gloss
    middle = list(answer(taught, [], [0, 0, 0], []).values())
    assert middle[0] == pytest.approx(middle[1])


@pytest.mark.parametrize("words", ["X", "XY"])
def test_a_base_names_no_taught_word_for_another_sign(base: Taught, words: str) -> None:
    """One word must not be sure of everything; near its clip it still is."""
    clips = [clip_of(one, one, [row, 0, 0], []) for row, one in enumerate(words)]
    taught = base.with_clips(clips)
    assert sum(answer(taught, [], [0, 9, 0], []).values()) < 0.1
    assert answer(taught, [], [-0.3, 0, 0], [])["X"] > taught.sure_above


def test_a_word_of_many_clips_needs_a_higher_score(base: Taught) -> None:
    """P = s / (1 + s), s = exp(16 (score - 0.21 - 0.1 log2 clips))."""
    clips = [clip_of(f"{row}", "X", [row / 9, 0, 0], []) for row in range(4)]
    for some in (clips[:1], clips):
        taught = base.with_clips(some)
        score = taught.scores(np.array([[0.2, 0.9, 0]]), np.zeros((1, 0)))[0, 0]
        raised = np.exp(16 * (score - 0.21 - 0.1 * np.log2(len(some))))
        found = answer(taught, [], [0.2, 0.9, 0], [])["X"]
        assert found == pytest.approx(raised / (1 + raised), rel=1e-4)


def test_new_glosses_follow_the_model_s_own_in_the_order_of_code_points(
    model: Taught,
) -> None:
    words = ["é", "Z", "পানি", "a", "B"]
    taught = model.with_clips(
        [clip_of(f"{row}", word, [row, 0, 0]) for row, word in enumerate(words)]
    )
    assert taught.new == ("Z", "a", "é", "পানি")
    assert taught.vocabulary == (*GLOSSES, "Z", "a", "é", "পানি")


def test_neither_order_nor_the_number_of_lessons_matters(model: Taught) -> None:
    rng = np.random.default_rng(2)
    clips = [
        clip_of(f"{row}", "NXYA"[row % 4], rng.normal(0, 1, 3), rng.normal(0, 1, 3))
        for row in range(8)
    ]
    at_once, steps = model.with_clips(clips), model
    for clip in clips[::-1]:
        steps = steps.with_clips([clip])
    assert steps.vocabulary == at_once.vocabulary
    asked, scores = rng.normal(0, 1, (5, 3)), rng.normal(0, 1, (5, 3))
    np.testing.assert_allclose(
        steps.scores(asked, scores), at_once.scores(asked, scores), atol=1e-9
    )


def test_a_forgotten_gloss_is_not_answered_and_the_others_share_its_part(
    model: Taught,
) -> None:
    forgot = model.without("B")
    assert (forgot.vocabulary, forgot.forgotten) == (("A", "C"), ("B",))
    assert not forgot.is_empty
    found = answer(forgot, [0.6, 0.2, 0.2], [0, 0, 0], [0.3, 0, 0])
    assert found == pytest.approx({"A": 0.75, "C": 0.25}, rel=1e-5)
    taught = forgot.with_clips([clip_of("a", "NEW", [0, 0, 0])])
    assert taught.vocabulary == ("A", "C", "NEW")
    assert set(answer(taught, [0.6, 0.2, 0.2], [9, 9, 9], [0.3, 0, 0])) == {
        *taught.vocabulary
    }


def test_a_forgotten_gloss_is_answered_again_when_it_is_taught(model: Taught) -> None:
    again = model.without("B").with_clips([clip_of("a", "B", [5, 0, 0])])
    assert (again.vocabulary, again.forgotten, again.new) == (GLOSSES, (), ())
    assert answer(again, [0.5, 0.1, 0.4], [5, 0, 0], [0, 0, 0])["B"] > 0.99
    assert again.without("B").vocabulary == GLOSSES


def test_what_was_taught_is_forgotten_first_then_what_was_known(model: Taught) -> None:
    taught = model.with_clips([clip_of("a", "A", [5, 0, 0])])
    once = taught.without("A")
    assert once.is_empty
    assert once.without("A").vocabulary == ("B", "C")


def test_forgetting_takes_a_gloss_in_any_spelling_of_unicode(model: Taught) -> None:
    taught = model.with_clips([clip_of("a", "caf\u00e9", [0, 0, 0])])
    assert taught.without("cafe\u0301").is_empty


def test_two_glosses_of_the_model_are_kept(model: Taught) -> None:
    with pytest.raises(ModelError, match="without C one gloss is left; two are needed"):
        model.without("A").without("C")


def test_two_glosses_are_kept_if_they_are_taught_ones(model: Taught) -> None:
    taught = model.with_clips([clip_of("d", "D", [5, 0, 0])]).without("A").without("B")
    assert taught.vocabulary == ("C", "D")
    with pytest.raises(ModelError, match="without D one gloss is left; two are needed"):
        taught.without("D")


def test_everything_taught_to_a_base_can_be_forgotten(base: Taught) -> None:
    clips = [clip_of("a", "X", [1, 0, 0], []), clip_of("b", "Y", [0, 0, 0], [])]
    assert base.with_clips(clips).without("X").without("Y").is_empty


def test_what_is_unknown_or_forgotten_already_cannot_be_forgotten(
    model: Taught,
) -> None:
    with pytest.raises(ModelError, match="does not know NOTHING"):
        model.without("NOTHING")
    with pytest.raises(ModelError, match="does not know A"):
        model.without("A").without("A")


def test_no_clip_is_too_few(model: Taught) -> None:
    with pytest.raises(DatasetError, match="no clips to teach"):
        model.with_clips([])


def test_names_are_taught_once(model: Taught) -> None:
    first = clip_of("a", "X", [0, 0, 0])
    with pytest.raises(DatasetError, match="a was taught to this model before"):
        model.with_clips([first]).with_clips([replace(first, gloss="Y")])
    with pytest.raises(DatasetError, match="two clips are called a; rename one"):
        model.with_clips([first, replace(first, gloss="Y")])


def test_the_number_of_clips_is_limited(
    model: Taught, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "MOST_CLIPS", 2)
    clips = [clip_of(f"{row}", "X", [row, 0, 0]) for row in range(3)]
    taught = model.with_clips(clips[:2])
    with pytest.raises(DatasetError, match="3 clips to teach; at most 2, train"):
        taught.with_clips(clips[2:])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gloss": "x" * 61}, r"the gloss x{30}\.\.\. has 61 characters; at most 60"),
        ({"name": "x" * 201}, "the name .* has 201 characters; at most 200"),
        ({"signer": "x" * 201}, "the signer .* has 201 characters"),
        ({"session": "x" * 201}, "the session .* has 201 characters"),
        ({"name": "a\udcff"}, r"'a\\udcff' is not Unicode"),
    ],
)
def test_labels_that_no_file_can_hold_are_refused(
    changes: dict[str, str], said: str, model: Taught
) -> None:
    clip = clip_of("a", "X", [0, 0, 0])
    with pytest.raises(DatasetError, match=said) as caught:
        model.with_clips([replace(clip, **changes)])
    assert "\n" not in str(caught.value)


def test_a_clip_that_looks_like_another_word_is_doubted(model: Taught) -> None:
    wrong = model.with_clips([clip_of("w", "X", [0, 0, 0], [0.1, 0.8, 0.0])])
    with pytest.raises(DatasetError, match=r"w \(X\) looks like B\n") as caught:
        refuse_doubts(wrong, 0)
    assert "--yes" in str(caught.value)
    own = model.with_clips([clip_of("w", "B", [0, 0, 0], [0.1, 0.8, 0.0])])
    assert find_doubts(own) == []


def test_a_clip_may_look_like_a_word_that_was_forgotten(model: Taught) -> None:
    instead = clip_of("w", "X", [0, 0, 0], [0.1, 0.8, 0.0])
    assert find_doubts(model.without("B").with_clips([instead])) == []


def test_a_clip_that_looks_like_a_word_taught_before_is_doubted(
    model: Taught,
) -> None:
    first = model.with_clips([clip_of("a", "X", [5, 0, 0])])
    both = first.with_clips([clip_of("b", "Y", [5, 0.1, 0])])
    assert find_doubts(both, 1) == [
        "b (Y) looks like X",
        "b (Y) is the same as a (X)",
    ]


def test_clips_of_a_word_that_are_unlike_each_other_are_doubted(
    base: Taught,
) -> None:
    near = [clip_of("a", "X", [0, 0, 0], []), clip_of("b", "X", [0.5, 0, 0], [])]
    assert find_doubts(base.with_clips(near)) == []
    far = [*near, clip_of("c", "X", [0, 9, 0], [])]
    assert find_doubts(base.with_clips(far)) == [
        "c (X) is unlike the other clips of its word"
    ]


def test_nothing_taught_leaves_no_doubt(model: Taught, base: Taught) -> None:
    assert find_doubts(model) == find_doubts(base) == []
