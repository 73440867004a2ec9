"""What was taught is kept: storage that lasts, a reminder that does not nag."""

from typing import Any

from node import needs_node, run_node

pytestmark = needs_node

SETUP = """
    import { Keeping } from "./teach/keeping.js";
    const stored = new Map();
    globalThis.localStorage = {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, text) => stored.set(key, text),
    };
    let asked = 0, listener = () => {};
    const storage = { persist: async () => (asked += 1, true) };
    const taught = {
      words: [],
      keyOf: (what) => `my ${what}`,
      onChange: (one) => (listener = one),
    };
    const model = { taught, save: () => "{}",
      restore: async (names) => (teach("FILE", ...names), 1) };
    function teach(gloss, ...names) {
      const clips = names.map((name) => ({ name }));
      taught.words = [...taught.words, { gloss, clips }];
      listener();
    }
    const names = (count) => Array.from({ length: count }, (_, one) => `clip ${one}`);
"""


def run(code: str) -> Any:
    return run_node(SETUP + code)


def test_storage_is_asked_to_last_once_and_only_when_something_is_taught() -> None:
    code = """
    taught.words = [{ gloss: "A", clips: [{ name: "a" }] }];   // of an earlier visit
    new Keeping(model, storage);
    const counts = [asked];
    listener();
    counts.push(asked);
    teach("B", "b");
    counts.push(asked);
    teach("C", "c");
    taught.words = [];
    listener();
    say([...counts, asked]);
    """
    assert run(code) == [0, 0, 1, 1]


def test_a_browser_that_cannot_promise_to_keep_is_no_fault() -> None:
    code = """
    new Keeping(model, { persist: async () => { throw new Error("no"); } });
    teach("A", "a");
    new Keeping(model, undefined);
    teach("B", "b");
    await null;
    say("fine");
    """
    assert run(code) == "fine"


def test_words_that_are_in_no_file_are_due_until_they_are_dismissed_or_many_more() -> (
    None
):
    code = """
    const keeping = new Keeping(model, storage);
    const due = [keeping.isDue];
    teach("A", "a");
    due.push(keeping.isDue);
    keeping.dismiss();
    due.push(keeping.isDue, new Keeping(model, storage).isDue);
    teach("B", ...names(9));
    due.push(keeping.isDue);
    teach("C", "c");
    due.push(keeping.isDue);
    say([due, keeping.unsaved]);
    """
    due = [False, True, False, False, False, True]
    assert run(code) == [due, ["A", "B", "C"]]


def test_what_is_in_a_file_is_not_due() -> None:
    code = """
    const keeping = new Keeping(model, storage);
    let shown;
    keeping.onChange(() => (shown = keeping.isDue));
    await keeping.import(["imported"]);
    const afterImport = keeping.isDue || shown;
    teach("A", "a");
    keeping.markSaved(["a"]);
    const afterExport = [keeping.isDue, new Keeping(model, storage).isDue];
    teach("B", "b");
    say([afterImport, ...afterExport, keeping.isDue, keeping.unsaved]);
    """
    assert run(code) == [False, False, False, True, ["B"]]


def test_a_damaged_note_counts_as_none() -> None:
    code = """
    stored.set("my saved", '{"saved": 3, "dismissed": "x"}');
    const keeping = new Keeping(model, storage);
    teach("A", "a");
    say(keeping.isDue);
    """
    assert run(code) is True
