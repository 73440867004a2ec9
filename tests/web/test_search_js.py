"""The search for words takes what people type, not only what is written in the list."""

import json
from typing import Any

import pytest

from node import needs_node, run_node
from signnet.recognise.recogniser import find_model

pytestmark = needs_node

SEARCH = """
    import { search } from "./text/search.js";
    const glosses = (words) => words.map(({ gloss }) => gloss);
    say(given.queries.map((query) => glosses(search(given.words, query))));
    """


def search(*queries: str, words: list[dict[str, str]] | None = None) -> list[Any]:
    """Search the shipped words, unless others are given."""
    if words is None:
        content = json.loads((find_model("bdsl55") / "words.json").read_text("utf-8"))
        words = [{"gloss": gloss, **word} for gloss, word in content.items()]
    return run_node(SEARCH, {"queries": queries, "words": words})


FIRST = {
    "কী": "কি",
    "thanks": "ধন্যবাদ",
    "Thank you!": "ধন্যবাদ",
    "sad": "দুঃখ",
    "maths": "গণিত",
    "গনিত": "গণিত",
    "dhonyobad": "ধন্যবাদ",
    "dhanyabad": "ধন্যবাদ",
    "dhonnobaad": "ধন্যবাদ",
    "prithivi": "পৃথিবী",
    "পৃথিবি": "পৃথিবী",
    "bondu": "বন্ধু",
    "shundar": "সুন্দর",
    "sundor": "সুন্দর",
    "kee": "কি",
    "দুখ": "দুঃখ",
    "পড়া": "পড়া",
    "সময়": "সময়",
    "জল খাবার": "খাওয়া",
    "angry": "রাগ",
    "অঙ্ক": "গণিত",
    "সম\u09df": "সময়",  # composed
    "প\u09dcা": "পড়া",
    "শোকাল": "সকাল",
    "বন্দু": "বন্ধু",
    "khabar": "খাওয়া",
    "kosto": "দুঃখ",
    "anondo": "খুশি",
    "apni": "তুমি",
    "bisshobiddaloy": "বিশ্ববিদ্যালয়",
    "help me": "সাহায্য",
    "good morning": "সকাল",
    "thnks": "ধন্যবাদ",
    "kompyutar": "কম্পিউটার",
    "geografy": "ভূগোল",
    "frend": "বন্ধু",
    "water": None,
    "zzz": None,
    "?": None,
}


def test_what_people_type_finds_the_word_they_mean() -> None:
    found = search(*FIRST)
    firsts = [one[0] if one else None for one in found]
    assert dict(zip(FIRST, firsts, strict=True)) == FIRST


def test_a_word_that_is_found_as_it_stands_hides_those_that_merely_sound_alike() -> (
    None
):
    assert search("boi", "BOOK", "বই", "হ") == [["বই"], ["বই"], ["বই"], search("হ")[0]]
    assert len(search("sh")[0]) == 15
    assert len(search("")[0]) == 55


@pytest.mark.parametrize("query", ["sorrow", "grief", "কষ্ট"])
def test_meanings_are_compared_by_whole_words(query: str) -> None:
    words = [
        {"gloss": "SADDLE", "english": "saddle"},
        {"gloss": "GLUM", "english": "very sad"},
    ]
    assert search(query, words=words) == [["GLUM"]]


def test_better_matches_come_first() -> None:
    glosses = ("A BIRD", "BIRDS", "BIRD")
    words = [{"gloss": gloss} for gloss in glosses]
    assert search("bird", words=words) == [["BIRD", "BIRDS", "A BIRD"]]


def test_a_misspelt_word_is_told_from_another_word() -> None:
    pairs = [("frend", "friend"), ("hlep", "help"), ("geogarphy", "geography")]
    pairs += [("cat", "car"), ("help", "held up"), ("friend", "frown")]
    code = """
    import { isNear } from "./text/sound.js";
    say(given.map(([one, other]) => isNear(one, other)));
    """
    assert run_node(code, pairs) == [True, True, True, False, False, False]
