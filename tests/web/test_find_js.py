"""The dictionary by signing: five words, of which one teaches the sign just made."""

from node import needs_node, run_node

pytestmark = needs_node

FIND = """
    class Element extends EventTarget {
      children = []; dataset = {}; attributes = {};
      append(...more) { this.children.push(...more); }
      prepend(...more) { this.children.unshift(...more); }
      replaceChildren(...more) {
        this.children = more;
        for (const one of more) one.isConnected = true;
      }
      setAttribute(name, value) { this.attributes[name] = value; }
      focus() {}
    }
    const elements = new Map();
    globalThis.document = {
      baseURI: "http://site/",
      createElement: () => new Element(),
      getElementById: (id) =>
        elements.get(id) ?? elements.set(id, new Element()).get(id),
    };
    globalThis.cancelAnimationFrame = () => {};
    globalThis.IntersectionObserver = class { observe() {} disconnect() {} };
    globalThis.matchMedia = () => ({ matches: true, addEventListener() {} });
    const { Find } = await import("./views/find.js");
    const words = [..."ABCDEF"].map((gloss) => ({ gloss }));
    const kept = [], clip = { mark: 1 };
    const glosses = words.map(({ gloss }) => gloss);
    const teaching = {
      remember: async ({ gloss }, one) => {
        if (given.isFull) throw { code: "tooMany" };
        kept.push([gloss, one.mark]);
      },
      explain: ({ code }) => code,
    };
    const { nearestOf } = await import("./engine/gallery.js");
    const nearest = async (_, count) =>
      nearestOf(given.gallery ?? [], [9, 0, 0], count, glosses);
    const model = { words, skeleton: {}, clipOf: () => clip, motion: async () => null,
      nearest };
    const find = new Find(model, given.canTeach ? teaching : null);
    const says = () => document.getElementById("find-says").textContent;
    const items = () => document.getElementById("finds").children;
    const shown = () =>
      items().map(({ children: [text] }) => text.children[0].textContent);
    const buttons = () => items().map(({ children }) => children[1] ?? null);
    const predictions = [3, 1, 5, 0, 2].map((index) => words[index]);
    find.show();
"""


def test_the_third_word_is_taught_the_very_sign_that_was_made() -> None:
    code = """
    find.onEvent({ kind: "start" });
    find.onEvent({ kind: "unsure", predictions });
    const found = shown();
    const third = buttons()[2];
    third.dispatchEvent(new Event("click"));
    const isShut = buttons().every((one) => one === null);
    third.dispatchEvent(new Event("click"));
    await null; await null;
    say([found, third.attributes["aria-label"], kept, says(), isShut]);
    """
    found, label, kept, says, is_shut = run_node(FIND + code, {"canTeach": True})
    assert found == ["D", "B", "F", "A", "C"]
    assert (label, kept) == ("It was this one: F", [["F", 1]])
    assert says == "Your sign is kept for F. Sign another word, or stop here."
    assert is_shut, "once is enough, however long it takes"


def test_what_could_not_be_kept_is_said_and_a_model_may_not_be_taught() -> None:
    code = """
    find.onEvent({ kind: "sign", predictions });
    buttons()[0]?.dispatchEvent(new Event("click"));
    await null; await null;
    say([says(), buttons().length]);
    """
    given = {"canTeach": True, "isFull": True}
    assert run_node(FIND + code, given) == ["tooMany", 5]
    plain = run_node(FIND + code, {"canTeach": False})
    assert plain[0].startswith("These words are most similar")


def test_a_base_without_words_leads_to_teaching() -> None:
    code = """
    find.onEvent({ kind: "unsure", predictions: [] });
    say(says());
    """
    assert run_node(FIND + code, {"canTeach": True}).startswith("Teach a word first")


def test_words_of_a_gallery_follow_with_figures_the_nearest_first_unless_known() -> (
    None
):
    code = """
    find.onEvent({ kind: "unsure", predictions });
    for (let wait = 0; wait < 9; wait++) await null;
    const more = document.getElementById("gallery").children;
    more[1].children.at(-1).dispatchEvent(new Event("click"));
    await null; await null;
    const glossOf = ({ children: [_figure, text] }) => text.children[0].textContent;
    say([more.map(glossOf), kept,
      document.getElementById("finds-more").hidden]);
    """
    points = {"FAR": [2, 2], "A": [0, 0], "NEAR": [0.1, 0], "NEXT": [0, 1]}
    gallery = [{"gloss": one, "point": at, "motion": 1} for one, at in points.items()]
    found = run_node(FIND + code, {"canTeach": True, "gallery": gallery})
    assert found == [["NEAR", "NEXT", "FAR"], [["NEXT", 1]], False]
