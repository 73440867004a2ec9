"""taught.json as the page reads and writes it, and what it makes of several of them."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessons import JOINTS, a_clip, a_skeleton, a_word, floats
from lessons import a_file as a_whole_file
from node import needs_node, run_node
from signnet.recognise.exemplars import Kernel
from signnet.recognise.taught_file import read_taught, write_taught
from signnet.recognise.teaching import Taught
from signnet.web.motions import MOTION_JOINTS, MOTION_SCALE

pytestmark = needs_node

MODEL: dict[str, Any] = {
    "sha256": "abc",
    "name": "bdsl55",
    "axes": 2,
    "glosses": ["বই", "মা", "দিন"],
}


def a_file(**other: Any) -> dict[str, Any]:
    return a_whole_file(**{"forgotten": ["মা"], **other})


READ = """
    import { read } from "./engine/exchange.js";
    const answer = (text) => {
      try { const { words, forgotten } = read(text, given.model);
        return [words.map(({ clips }) => clips.length), forgotten]; }
      catch (error) { if (!error.code) throw error; return error.code; }
    };
    say(given.texts.map(answer));
    """


def read(*contents: Any, **model: Any) -> list[Any]:
    """Count the clips of each word in files and name the forgotten, or the problem."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in contents]
    return run_node(READ, {"texts": texts, "model": MODEL | model})


def test_a_file_is_written_as_it_was_read() -> None:
    bare = a_clip(embedding=floats(1, 2), skeleton=None, signer=None, added=None)
    content = a_file(words=[a_word(clips=[a_clip(), bare]), a_word(gloss="নদী")])
    code = """
    import { read, write } from "./engine/exchange.js";
    say(JSON.parse(write(read(given.text, given.model), given.model)));
    """
    text = json.dumps(content, ensure_ascii=False)
    assert run_node(code, {"text": text, "model": MODEL}) == json.loads(text)


def test_the_command_line_reads_what_the_page_exports_and_writes_the_same(
    tmp_path: Path,
) -> None:
    code = """
    import { read, write } from "./engine/exchange.js";
    say(write(read(given.text, given.model), given.model));
    """
    text = json.dumps(a_file(words=[a_word(clips=[a_clip(), a_clip(name="b")])]))
    exported = run_node(code, {"text": text, "model": MODEL})
    (tmp_path / "page.json").write_text(exported, "utf-8")
    model = Taught(
        glosses=tuple(MODEL["glosses"]),
        kernel=Kernel((2,), (1.0,)),
        anchors=np.zeros((0, 2), np.float32),
    )
    taught = read_taught(tmp_path / "page.json", model, MODEL["sha256"])
    write_taught(taught, tmp_path / "python.json", MODEL["name"], MODEL["sha256"])
    written = json.loads((tmp_path / "python.json").read_text("utf-8"))
    assert written == json.loads(exported)
    assert len(taught.clips) == 1, "the same embedding is one clip"


def test_a_base_has_clips_without_scores() -> None:
    content = a_file(words=[a_word(clips=[a_clip(scores="")])], forgotten=[])
    assert read(content, glosses=[]) == [[[1], []]]
    assert read(content) == ["damagedTaughtFile"]


def clip(**other: Any) -> dict[str, Any]:
    return a_file(words=[a_word(clips=[a_clip(**other)])])


def thinned(**other: Any) -> dict[str, Any]:
    return clip(skeleton=a_skeleton() | other)


TAKEN = [[1], ["মা"]]
FILES: list[tuple[Any, Any]] = [
    (a_file(), TAKEN),
    (a_file(words=[]), [[], ["মা"]]),
    (a_file(words=[a_word(), a_word(gloss=" পাখি ")]), TAKEN),
    (a_file(words=[a_word(gloss="x" * 60)]), TAKEN),
    (a_file(words=[a_word(gloss="🙂" * 60)]), TAKEN),
    (clip(skeleton=a_skeleton(16)), TAKEN),
    (a_file(format="diary"), "notTaughtFile"),
    (a_file(version=3), "notTaughtFile"),
    (a_file(version="2"), "notTaughtFile"),
    ([], "notTaughtFile"),
    (None, "notTaughtFile"),
    ("[" * 1_000_000, "notTaughtFile"),
    (json.dumps(a_file())[:-9], "notTaughtFile"),
    (a_file(version=1), "earlierTaughtFile"),
    (a_file(version=1, forgotten=None, words=None), "earlierTaughtFile"),
    (a_file(model={"name": "other", "sha256": "abd"}), "otherModel"),
    (a_file(model=None), "otherModel"),
]


def test_only_files_of_this_very_model_are_taken() -> None:
    expected = [answer for _, answer in FILES]
    assert read(*(content for content, _ in FILES)) == expected


DAMAGED: list[Any] = [
    a_file(forgotten=None),
    a_file(forgotten=["নদী"]),
    a_file(forgotten=[["মা"]]),
    a_file(skeleton=None),
    a_file(skeleton={"joints": [0, 1], "scale": MOTION_SCALE}),
    a_file(skeleton={"joints": JOINTS, "scale": 1}),
    a_file(words={}),
    a_file(words=[None]),
    a_file(words=[a_word(gloss="  ")]),
    a_file(words=[a_word(english=None)]),
    a_file(words=[a_word(gloss="x" * 61)]),
    a_file(words=[a_word(clips=[])]),
    a_file(words=[a_word(clips=[None])]),
    clip(name=None),
    clip(name="x" * 201),
    clip(signer=7),
    clip(session="x" * 201),
    clip(added=["2026-11-25"]),
    clip(embedding=floats(1)),
    clip(embedding=floats(1, 2, 3)),
    clip(embedding=floats(1, float("nan"))),
    clip(embedding=floats(1, float("inf"))),
    clip(embedding=floats(1, 100)),
    clip(embedding=[1, 2]),
    clip(embedding=floats(1, 2)[:-1] + "!"),
    clip(embedding=floats(1, 2)[:-1] + "\n"),
    clip(scores=floats(1, 2)),
    clip(scores=floats(1, 2, -1e30)),
    clip(scores=None),
    thinned(frames=17),
    thinned(frames=0),
    thinned(frames=1),
    thinned(frames=1.5),
    thinned(frames=1e9),
    thinned(fps=0),
    thinned(fps=None),
    thinned(fps="7"),
    thinned(fps=1e9),
    thinned(points=a_skeleton(3)["points"]),
    thinned(points=None),
    clip(skeleton=[]),
    clip(skeleton=0),
]


def test_a_damaged_file_is_not_taken() -> None:
    answers = zip(DAMAGED, read(*DAMAGED), strict=True)
    assert [one for one, answer in answers if answer != "damagedTaughtFile"] == []


def test_a_clip_without_a_label_is_not_taken() -> None:
    keys = [*a_clip()]
    contents = [clip() for _ in keys]
    for content, key in zip(contents, keys, strict=True):
        del content["words"][0]["clips"][0][key]
    assert read(*contents) == ["damagedTaughtFile"] * 7


@pytest.mark.parametrize("kind", ["Float32", "Int16"])
def test_numbers_survive_as_text(kind: str) -> None:
    code = """
    import { decode, encode } from "./browser/base64.js";
    const text = encode(given.values, given.kind);
    say([text, Array.from(decode(text, given.kind, given.values.length))]);
    """
    python = "<f4" if kind == "Float32" else "<i2"
    for count in (0, 1, 2, 3, 5000):
        values = np.linspace(-3000, 3000, count).astype(python)
        given = {"values": values.tolist(), "kind": kind}
        expected = base64.b64encode(values.tobytes()).decode()
        assert run_node(code, given) == [expected, values.tolist()]


THIN = """
    import { motionOf, thin } from "./figure/thinned.js";
    const landmarks = new Float32Array(given.frames * 553 * 3).fill(NaN);
    const put = (frame, joint, x) => landmarks.fill(x, (frame * 553 + joint) * 3,
      (frame * 553 + joint) * 3 + 2);
    for (const frame of given.pose) put(frame, 11, frame / 100);
    for (const frame of given.hands) put(frame, 40, frame / 100);
    const clip = thin({ landmarks, frames: given.frames, fps: 30 });
    const of = (x) => Number.isNaN(x) ? null : x;
    say(clip && [clip.frames, clip.fps, motionOf(clip).frames.map((joints) =>
      [of(joints[11 * 3]), of(joints[40 * 3])])]);
    """


def thin(frames: int, hands: list[int], pose: list[int] | None = None) -> Any:
    seen = [*range(frames)] if pose is None else pose
    return run_node(THIN, {"frames": frames, "hands": hands, "pose": seen})


def test_a_clip_is_thinned_over_the_time_in_which_a_hand_is_seen() -> None:
    count, fps, joints = thin(100, [*range(10, 86)])
    assert (count, fps) == (16, pytest.approx(30 * 15 / 75))
    expected = np.linspace(10, 85, 16).round() / 100
    for joint in (0, 1):
        found = [frame[joint] for frame in joints]
        np.testing.assert_allclose(found, expected, atol=0.51 / MOTION_SCALE)


def test_frames_that_the_camera_left_out_are_not_taken() -> None:
    seen = [*range(0, 60, 3)]
    count, fps, joints = thin(60, seen, seen)
    assert (count, fps) == (16, pytest.approx(30 * 15 / 57))
    assert all(hand is not None for _, hand in joints)


def test_a_single_frame_is_shown_twice_and_no_hand_gives_no_figure() -> None:
    count, fps, joints = thin(9, [4])
    assert (count, fps, len(joints)) == (1, 30, 2)
    assert thin(9, []) is None


def test_a_skeleton_has_the_joints_of_a_figure_without_the_face() -> None:
    code = 'import { SKELETON } from "./figure/thinned.js"; say(SKELETON);'
    assert run_node(code) == {"joints": [*JOINTS], "scale": MOTION_SCALE}
    assert MOTION_JOINTS[: len(JOINTS)] == JOINTS


COMBINE = """
    import { combine } from "./engine/lesson.js";
    const { known, taught } = given;
    const { vocabulary, lesson } = combine(known.map((gloss) => ({ gloss })), taught);
    say([vocabulary.map(({ gloss }) => gloss), lesson && [lesson.glossCount,
      lesson.forgotten, lesson.points.map(({ index }) => index)]]);
    """


def taught(words: dict[str, int], *forgotten: str) -> dict[str, Any]:
    clip = {"embedding": [0], "scores": []}
    listed = [{"gloss": one, "clips": [clip] * count} for one, count in words.items()]
    return {"words": listed, "forgotten": forgotten}


@pytest.mark.parametrize(
    ("site", "own", "expected"),
    [
        (taught({}), taught({}), [["B", "A"], None]),
        (
            taught({"\ue000": 1, "😀": 2}),
            taught({"z": 1, "A": 1, "😀": 1}),
            [["B", "A", "z", "\ue000", "😀"], [5, [], [3, 4, 4, 2, 1, 4]]],
        ),
        (taught({}, "B"), taught({}), [["A"], [2, [0], []]]),
        (taught({}, "B"), taught({"B": 1}), [["B", "A"], [2, [], [0]]]),
        (taught({}, "B"), taught({"n": 1}, "A"), [["n"], [3, [0, 1], [2]]]),
    ],
)
def test_the_words_of_the_model_the_site_and_the_pupil_are_one_vocabulary(
    site: dict[str, Any], own: dict[str, Any], expected: Any
) -> None:
    assert run_node(COMBINE, {"known": ["B", "A"], "taught": [site, own]}) == expected


def test_a_prefix_stands_before_the_longer_gloss_as_in_python() -> None:
    glosses = ["ab", "a", "abc", "aa", "b", "😀", "\uff5e", "😀a", ""]
    code = COMBINE
    given = {"known": [], "taught": [taught(dict.fromkeys(glosses, 1))]}
    assert run_node(code, given)[0] == sorted(glosses)


MERGE: dict[str, tuple[Callable[[], tuple[Any, Any]], Any]] = {
    "new": (lambda: ([word("a", 1)], [word("b", 2)]), {"a": [1], "b": [2]}),
    "more": (lambda: ([word("a", 1)], [word("a", 2)]), {"a": [1, 2]}),
    "same": (lambda: ([word("a", 1, 2)], [word("a", 2, 3, 3)]), {"a": [1, 2, 3]}),
}


def word(gloss: str, *embeddings: int) -> dict[str, Any]:
    texts = {"gloss": gloss, "transliteration": "", "english": "e" * len(embeddings)}
    return {**texts, "clips": [{"embedding": [one, 0]} for one in embeddings]}


@pytest.mark.parametrize("kind", MERGE)
def test_a_clip_is_the_same_if_its_embedding_is(kind: str) -> None:
    make, expected = MERGE[kind]
    code = """
    import { merge } from "./engine/lesson.js";
    const merged = merge(...given);
    say(Object.fromEntries(merged.map(({ gloss, clips }) =>
      [gloss, clips.map(({ embedding }) => embedding[0])])));
    """
    assert run_node(code, make()) == expected


def test_an_imported_clip_that_belongs_to_the_site_is_not_the_pupils() -> None:
    code = """
    import { without } from "./engine/lesson.js";
    say(without(...given).map(({ gloss, clips }) => [gloss, clips.length]));
    """
    mine, sites = [word("a", 1, 2), word("b", 1)], [word("a", 1), word("b", 1)]
    assert run_node(code, [mine, sites]) == [["a", 1]]


CHANGES = """
    import { TaughtWords } from "./engine/taught.js";
    const stored = new Map();
    globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null,
      setItem: (key, text) => stored.set(key, text) };
    globalThis.document = { baseURI: "http://localhost/" };
    globalThis.addEventListener = () => {};
    const teach = () => new Promise((done) => setTimeout(done, 1));
    const none = { words: [], forgotten: [] };
    const open = () => new TaughtWords(given.model, [], none, teach);
    const clip = { name: "a", added: null, signer: null, session: null, skeleton: null,
      embedding: new Float32Array([1, 2]), scores: new Float32Array(3) };
    const word = (gloss) => ({ gloss, transliteration: "", english: "" });
    const glosses = ({ words }) => words.map(({ gloss }) => gloss);
    const [one, other] = [open(), open()];
    await one.add(word("A"), [clip]);
"""


def change(code: str) -> Any:
    return run_node(CHANGES + code, {"model": MODEL})


def test_changes_at_once_and_in_another_window_lose_nothing() -> None:
    code = """
    await other.add(word("B"), [clip]);
    await Promise.all([one.add(word("C"), [clip]), one.drop("বই"), one.forget("A")]);
    say([glosses(one), one.forgotten]);
    """
    assert change(code) == [["B", "C"], ["বই"]]


def test_a_word_is_given_back_without_what_else_was_taught() -> None:
    code = """
    const { state } = one;
    await one.forget("A");
    await one.drop("মা");
    await one.add(word("B"), [clip]);
    await one.putBack("A", state);
    const forgotten = one.forgotten;
    await one.putBack("মা", state);
    await one.putBack("B", state);
    say([glosses(one), forgotten, one.forgotten]);
    """
    assert change(code) == [["A"], ["মা"], []]


def test_a_recorded_clip_is_kept_with_a_name_and_without_a_person() -> None:
    code = """
    import { clipOf } from "./engine/lesson.js";
    const recorded = { landmarks: new Float32Array(2 * 553 * 3).fill(0.5), frames: 2,
      fps: 30, embedding: [1], modelScores: [2], scores: [3], probabilities: [1] };
    const [one, other] = [clipOf(recorded), clipOf(recorded)];
    say([Object.keys(one), one.name !== other.name, one.signer, one.scores, one.added,
      one.skeleton.frames]);
    """
    keys = "name added signer session embedding scores skeleton".split()
    found, differs, signer, scores, added, frames = run_node(code)
    assert (found, differs, signer, scores, frames) == (keys, True, None, [2], 2)
    assert np.datetime64(added) <= np.datetime64("today") + 1


def test_a_word_is_stored_without_what_makes_it_too_long_to_be_read() -> None:
    code = """
    import { cleanWord } from "./engine/lesson.js";
    say(cleanWord({ gloss: given, transliteration: " a  b ", english: null }));
    """
    found = run_node(code, "\u09df" * 60)  # NFC writes each as two characters
    assert found["gloss"] == "\u09af\u09bc" * 30
    assert (found["transliteration"], found["english"]) == ("a b", "")
