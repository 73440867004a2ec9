"""What the page still has to load, and what it says when that fails."""

from typing import Any

import pytest

from node import needs_node, run_node

pytestmark = needs_node

SETUP = """
    globalThis.document = { baseURI: "http://site/" };
    const stored = given.stored && {
      match: async (path) => given.stored.includes(path) || undefined,
    };
    globalThis.caches = { open: async () => stored };
"""


@pytest.mark.parametrize(
    ("stored", "expected"),
    [([], 12), (["a"], 7), (["a", "b"], 0), (None, 12)],
    ids=["nothing", "a part", "all", "no store"],
)
def test_only_what_is_not_stored_has_still_to_be_loaded(
    stored: list[str] | None, expected: int
) -> None:
    code = """
    const { missingBytes } = await import("./browser/loader.js");
    const files = { one: { path: "a", bytes: 5 }, two: { path: "b", bytes: 7 } };
    say(await missingBytes(files));
    """
    assert run_node(SETUP + code, {"stored": stored}) == expected


def test_a_file_that_cannot_be_loaded_is_a_problem_and_is_asked_for_again() -> None:
    code = """
    const { loaderOf } = await import("./browser/loader.js");
    let asked = 0;
    globalThis.fetch = async () => { asked += 1; throw new Error("offline"); };
    const load = loaderOf({ path: "m", bytes: 1, sha256: "" }, () => {});
    const codes = [];
    for (const _ of [1, 2]) codes.push(await load().then(() => "", ({ code }) => code));
    say([codes, asked]);
    """
    found: Any = run_node(SETUP + code, {"stored": []})
    assert found == [["network", "network"], 2]
