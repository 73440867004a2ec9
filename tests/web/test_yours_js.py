"""Making the page yours: the order of words, how far one has come, the gain."""

from typing import Any

from node import needs_node, run_node

pytestmark = needs_node

PLAN = """
    import { Plan } from "./teach/plan.js";
    const stored = new Map(Object.entries(given.stored ?? {}));
    globalThis.localStorage = {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, text) => stored.set(key, text),
    };
    const taught = { words: given.taught.map((gloss) => ({ gloss })),
      keyOf: (what) => `my ${what}` };
    const plan = new Plan(given.words, taught);
    const glosses = (words) => words.map(({ gloss }) => gloss);
"""


def words(*glosses: str) -> list[dict[str, str]]:
    return [{"gloss": gloss} for gloss in glosses]


def plan(code: str, *glosses: str, taught: tuple[str, ...] = (), **other: Any) -> Any:
    return run_node(PLAN + code, {"words": words(*glosses), "taught": taught, **other})


def test_words_of_every_day_come_first_whatever_the_script() -> None:
    given = [
        {"gloss": "ভূগোল", "english": "geography"},
        {"gloss": "নাম", "english": "name"},
        {"gloss": "আমি", "english": "I"},
        {"gloss": "WATER"},
        {"gloss": "রাগ", "english": "anger"},
    ]
    found = run_node(PLAN + "say(glosses(plan.words));", {"words": given, "taught": []})
    assert found == ["আমি", "নাম", "WATER", "ভূগোল", "রাগ"]


def test_words_that_are_put_off_come_after_the_others_in_turn() -> None:
    code = """
    const asked = [];
    for (const answer of ["putOff", "putOff", "answerSame", "putOff", "answerSame"]) {
      asked.push(plan.next.gloss);
      plan[answer](plan.next);
    }
    say([asked, plan.next.gloss, glosses(plan.done), plan.isComplete]);
    """
    expected = [["A", "B", "C", "A", "B"], "A", ["B", "C"], False]
    assert plan(code, "A", "B", "C") == expected


def test_what_was_answered_and_what_was_taught_is_done_on_another_day() -> None:
    code = """
    plan.answerSame({ gloss: "A" });
    const again = new Plan(given.words, taught);
    say([glosses(again.done), again.next.gloss, again.isShown({ gloss: "B" })]);
    """
    assert plan(code, "A", "B", "C", taught=("B",)) == [["A", "B"], "C", True]


def test_damaged_answers_count_as_none_and_a_forgotten_word_is_asked_again() -> None:
    code = "say([plan.done.length, plan.next.gloss]);"
    for text in ("{", '{"A": 1}', "null"):
        assert plan(code, "A", stored={"my yours": text}) == [0, "A"]


TRIAL = """
    import { choose, Trial } from "./teach/trial.js";
    const trial = new Trial();
"""


def test_a_sign_is_named_by_the_model_as_it_came_and_as_it_was_taught() -> None:
    code = """
    trial.begin([{ gloss: "A" }, { gloss: "B" }, { gloss: "NEW" }]);
    const clip = (...glosses) => {
      const [ownPredictions, predictions] = glosses.map((gloss) => [{ gloss }]);
      return { ownPredictions, predictions };
    };
    const results = [trial.take(clip("B", "A")), trial.take(clip("B", "C"))];
    const { left } = trial;
    trial.skip();
    say([results, left, trial.word, trial.score]);
    """
    results = [
        {"gloss": "A", "guess": "A", "before": False, "now": True},
        {"gloss": "B", "guess": "C", "before": True, "now": False},
    ]
    score = {"all": 2, "before": 1, "now": 1}
    assert run_node(TRIAL + code) == [results, 1, None, score]


def test_a_second_trial_asks_for_other_words_and_adds_up() -> None:
    code = """
    say([0, 1].map((trial) => choose([..."abcdefghij"], 5, trial).join(""))
      .concat(choose(["x"], 5, 3).join("")));
    """
    assert run_node(TRIAL + code) == ["acegi", "bdfhj", "x"]


def test_the_facts_name_people_clips_and_shares_or_say_what_was_not_measured() -> None:
    code = """
    import { factsOf } from "./views/facts.js";
    const { setLanguage } = await import("./text/i18n.js");
    const card = { vocabulary: Array(55), clips: 546, people: 2,
      metrics: { new_signer: 0.359, new_signer_shown_once: 0.929 } };
    const plain = { vocabulary: Array(9), clips: 83, people: 0 };
    const english = [factsOf(card).slice(0, 3), factsOf(plain).slice(0, 2)];
    setLanguage("bn");
    say([...english, factsOf(card)[2]]);
    """
    measured, plain, bangla = run_node(code)
    assert measured == [
        "It knows 55 words, learnt from 546 recordings of 2 people.",
        "For a person it has never seen, its first guess is right about 36 times in "
        "100.",
        "After that person has shown each word once, it is right about 93 times in "
        "100.",
    ]
    assert plain == [
        "It knows 9 words, learnt from 83 recordings of people who are not named.",
        "It is not known how often it is right for a person it has never seen.",
    ]
    assert "৯৩" in bangla
