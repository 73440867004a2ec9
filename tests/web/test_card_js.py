"""A sign that was recognised wrongly is mended where it stands."""

from typing import Any

import pytest

from node import needs_node, run_node

pytestmark = needs_node

CORRECT = """
    import { Correction } from "./views/correction.js";
    const words = [..."ABC"].map((gloss) => ({ gloss }));
    const said = ["before"];
    const transcript = {
      add: ({ gloss }) => said.push(gloss) - 1,
      replace: (position, { gloss }) => (said[position] = gloss),
    };
    const correction = new Correction(transcript, words[given.recognised] ?? null);
    said.push(...given.then);
    const steps = [correction.isCorrected];
    for (const index of given.chosen) {
      correction.choose(words[index]);
      steps.push(correction.isCorrected);
    }
    say([said, steps]);
"""

SIGN, UNSURE = 0, None
"""Index of the word that was recognised."""


@pytest.mark.parametrize(
    ("recognised", "chosen", "then", "expected"),
    [
        (SIGN, [], [], [["before", "A"], [False]]),
        (SIGN, [1], ["Z"], [["before", "B", "Z"], [False, True]]),
        (SIGN, [1, 0], [], [["before", "A"], [False, True, False]]),
        (SIGN, [0], [], [["before", "A"], [False, False]]),
        (UNSURE, [], [], [["before"], [False]]),
        (UNSURE, [1, 2], [], [["before", "C"], [False, True, True]]),
    ],
)
def test_the_word_that_is_chosen_stands_in_the_sign_s_place(
    recognised: int | None, chosen: list[int], then: list[str], expected: Any
) -> None:
    given = {"recognised": recognised, "chosen": chosen, "then": then}
    assert run_node(CORRECT, given) == expected


def test_guesses_that_would_read_0_percent_are_left_out() -> None:
    code = """
    const { worthShowing } = await import("./views/recognised.js");
    say(worthShowing(given.map((probability) => ({ probability }))).length);
    """
    assert run_node(code, [0.9, 0.005, 0.0049, 0]) == 2


def test_the_very_clip_that_decided_a_sign_is_found_again() -> None:
    code = """
    globalThis.document = { baseURI: "http://site/" };
    const { Engine } = await import("./recognise/engine.js");
    const answers = [[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]];
    globalThis.URL.createObjectURL = () => "";
    globalThis.Worker = class {
      postMessage({ task, id }) {
        const result = task === "classify"
          ? { probabilities: Float32Array.from(answers.shift()), embedding: [1] } : {};
        queueMicrotask(() => this.onmessage({ data: { id, result } }));
      }
    };
    globalThis.OffscreenCanvas = class {};
    const engine = new Engine({}, { rate: 15 }, {}, { axes: [1], weights: [1] });
    await engine.open(() => {});
    const found = [];
    for (const mark of [1, 2, 3]) await engine.classify(Float32Array.of(mark), 1);
    const event = (kind, index, probability) =>
      ({ kind, predictions: [{ index, probability: Math.fround(probability) }] });
    const events = [event("sign", 0, 0.8), event("unsure", 1, 0.7),
      event("sign", 0, 0.5), event("guess", 0, 0.8)];
    say(events.map((one) => engine.clipOf(one)?.landmarks[0] ?? null));
    """
    assert run_node(code) == [2, 3, None, None]
