"""Parts of collecting signs, in node: lists, order, time, numbers, the file."""

import base64
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from node import needs_node, run_node
from signnet.formats import read
from signnet.skeleton import JOINT_COUNT, PARTS
from signnet.synthetic import make_corpus

pytestmark = needs_node

KEPT = PARTS["right_hand"].stop


def read_words(text: str, *, is_table: bool = False) -> list[str]:
    code = """
    import { readWords } from "./collect/wordlist.js";
    say(readWords(given.text, given.isTable));
    """
    return run_node(code, {"text": text, "isTable": is_table})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("পানি\r\n\n  GOOD  MORNING \nপানি\n", ["পানি", "GOOD MORNING"]),
        ("yes, sir\nno", ["yes, sir", "no"]),
        ("\ufefffile,Gloss\na.mp4,পানি\nb.mp4,'a'", ["পানি", "'a'"]),
        ('শব্দ;note\n"a;b";c', ["a;b"]),
    ],
)
def test_a_list_is_lines_or_a_column(text: str, words: list[str]) -> None:
    assert read_words(text) == words


def test_a_table_without_a_header_gives_its_first_column() -> None:
    assert read_words("পানি,water\nনদী,river", is_table=True) == ["পানি", "নদী"]


def test_words_are_asked_for_in_rounds_but_for_what_is_recorded_or_skipped() -> None:
    code = """
    import { openPrompts, promptsOf } from "./collect/prompts.js";
    const session = { words: ["a", "b"], repetitions: 2, skipped: ["1 b"] };
    const keys = (prompts) => prompts.map(({ key }) => key);
    say([keys(promptsOf(session)), keys(openPrompts(session, new Set(["1 a"])))]);
    """
    assert run_node(code) == [["1 a", "1 b", "2 a", "2 b"], ["2 a", "2 b"]]


def test_numbers_become_the_nearest_float16() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate(
        [
            rng.normal(0, 1, 300),
            rng.normal(0, 1e-5, 300),
            [0, -1, 2**-24, 2**-25, 65504, 65519, 65520, 1e30, np.nan],
            1 + np.arange(64) * 2**-12,  # ties among them
        ]
    ).astype(np.float32)
    code = """
    import { encodeHalf } from "./collect/half.js";
    const bytes = Uint8Array.from(Buffer.from(given, "base64"));
    say(encodeHalf(new Float32Array(bytes.buffer)));
    """
    text = run_node(code, base64.b64encode(values.tobytes()).decode())
    with np.errstate(over="ignore"):
        expected = values.astype("<f2")
    found = np.frombuffer(base64.b64decode(text), "<f2")
    np.testing.assert_array_equal(found, expected)


def test_a_session_is_exported_as_signnet_reads_it(tmp_path: Path) -> None:
    clip = make_corpus(1, 1, 0)[0]
    marks = clip.landmarks[:30].copy()
    marks[:, KEPT:] = np.nan
    marks[10] = np.nan  # the camera gave no frame then
    code = """
    import { compact, nameOf } from "./collect/keptclip.js";
    import { write } from "./collect/sessionfile.js";
    const bytes = Uint8Array.from(Buffer.from(given.landmarks, "base64"));
    const landmarks = new Float32Array(bytes.buffer);
    const kept = compact({ landmarks, frames: 30, fps: 30 });
    const name = nameOf(given.session, { gloss: "he/she", repetition: 3 });
    const labels = { name, gloss: "he/she", repetition: 3, recorded: "now" };
    say(write(given.session, [{ ...labels, aspect: 1.5, ...kept }]));
    """
    consent = {"version": "1", "text": "?", "accepted": "now", "video": False}
    session = {"signer": "S__1", "session": "a", "id": "1f", "handedness": "both"}
    landmarks = base64.b64encode(marks.tobytes()).decode()
    given = {"landmarks": landmarks, "session": session | {"consent": consent}}
    (tmp_path / "a.json").write_text(run_node(code, given), "utf-8")
    [found] = read(tmp_path, "collected")
    assert found.name == "he-she__S-1__a__3_1f"
    labels = (found.gloss, found.signer, found.session, found.repetition)
    assert labels == ("he/she", "S__1", "a", "3")
    assert found.expression is None, "the name has no fifth part that would be one"
    times = np.delete(np.arange(30) / 30, 10)
    np.testing.assert_allclose(found.times, times, atol=1e-5)
    expected = np.delete(marks, 10, axis=0)
    assert expected.shape == (29, JOINT_COUNT, 3)
    np.testing.assert_allclose(found.landmarks, expected, atol=2e-3)


def test_the_version_of_a_consent_is_its_own_or_a_hash() -> None:
    code = """
    import { versionOf } from "./collect/consent.js";
    const own = ["yes", "হ্যাঁ"];
    const asked = [["হ্যাঁ", "x"], ["no", " 2 "], ["no", ""]];
    const versions = asked.map(([text, typed]) => versionOf(text, typed, own));
    say(await Promise.all(versions));
    """
    first, second, third = run_node(code)
    assert (first, second) == ("1 (2026-11)", "2")
    assert third == "sha256 9390298f3fb0"


def test_an_archive_is_read_by_others() -> None:
    code = """
    import { zip } from "./collect/archive.js";
    const file = (name, text) => ({ name, content: new Blob([text]) });
    const archive = await zip([file("পানি.webm", "aaa"), file("index.csv", "")]);
    say(Buffer.from(await archive.arrayBuffer()).toString("base64"));
    """
    with ZipFile(BytesIO(base64.b64decode(run_node(code)))) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["পানি.webm", "index.csv"]
        assert opened.read("পানি.webm") == b"aaa"


SIMULATION = """
import { Recording } from "./collect/recording.js";
let now = 0, due = null;
globalThis.performance.now = () => now;
globalThis.setTimeout = (run, wait) => (due = { run, wait }, 1);
globalThis.clearTimeout = () => (due = null);
const told = [], kept = new Map();
const store = {
  keys: async () => [...kept.keys()],
  putClip: async (clip) => kept.set(clip.key, clip),
  deleteClip: async (_, key) => kept.delete(key),
  putSession: async () => {},
};
const live = {
  ensureCamera: async () => !given.hasNoCamera,
  restartStream: () => {},
  release: () => told.push("off"),
};
const landmarks = new Float32Array(553 * 3).fill(0.5);
const model = { clipOf: () => ({ landmarks, frames: 1, fps: 30 }) };
const video = { videoWidth: 4, videoHeight: 3 };
const recording = new Recording({ live, model, store, video }, () => {});
const words = given.words ?? ["a", "b", "c"];
const consent = { video: false };
const [signer, session, id] = ["S1", "a", "1f"];
const labels = { signer, session, id, consent };
await recording.open({ ...labels, words, repetitions: 1, waits: false, skipped: [] });
const settle = async () => { for (let turn = 0; turn < 20; turn++) await null; };
const passPause = async () => {
  now += due.wait;
  const { run } = due;
  due = null;
  run();
  await settle();
};
const sign = async (milliseconds = 2000) => {
  now += milliseconds;
  recording.onEvent({ kind: "start" });
  recording.onEvent({ kind: "sign" });
  recording.onEvent({ kind: "rest" });
  await settle();
};
const word = () => recording.coming[0]?.gloss ?? null;
"""


def simulate(code: str, **given: Any) -> Any:
    return run_node(SIMULATION + code, given)


def test_sixty_words_take_far_less_than_fifteen_minutes() -> None:
    code = """
    recording.toggle();
    await settle();
    for (let count = 0; count < 60; count++) { await passPause(); await sign(4000); }
    say([recording.step, kept.size, now / 1000, told, recording.progress.seconds]);
    """
    words = [f"w{number}" for number in range(60)]
    step, count, seconds, told, left = simulate(code, words=words)
    assert (step, count, left) == ("complete", 60, 0)
    assert seconds - 60 * 4 <= 3 + 59 * 1, "the flow costs a second a word"
    assert seconds < 15 * 60 / 2
    assert told == ["off"], "the camera is turned off at the end"


def test_a_word_is_recorded_again_skipped_and_dropped() -> None:
    code = """
    const seen = [];
    recording.toggle(); await settle(); await passPause();
    await sign(); await passPause(); seen.push(word());
    recording.again(); await settle(); await passPause(); seen.push(word());
    await sign(); seen.push(word());
    await recording.skip(); await settle(); seen.push(word());
    recording.pause(); seen.push(recording.step, recording.isCalm);
    const [first, second] = recording.prompts;
    await recording.drop(first); seen.push(kept.size);
    await recording.choose(second); seen.push(word());
    say(seen);
    """
    assert simulate(code) == ["b", "a", "b", "c", "paused", True, 0, "b"]


def test_nothing_goes_on_without_a_camera_or_after_a_pause() -> None:
    code = """
    recording.toggle(); await settle();
    const without = [recording.isRunning, recording.isCalm];
    say([...without, kept.size]);
    """
    assert simulate(code, hasNoCamera=True) == [False, True, 0]
    code = """
    recording.toggle(); await settle(); await passPause();
    recording.pause();
    await sign();
    say([recording.step, kept.size, told]);
    """
    assert simulate(code) == ["paused", 0, ["off"]]
    code = code.replace("recording.pause()", "recording.onEvent({kind: 'interrupted'})")
    assert simulate(code) == ["paused", 0, ["off"]]


def test_what_cannot_be_kept_stops_the_session_and_is_said() -> None:
    code = """
    store.putClip = () => Promise.reject({ code: "notKept" });
    recording.toggle(); await settle(); await passPause();
    await sign();
    say([word(), recording.isRunning, recording.problem.code]);
    """
    assert simulate(code) == ["a", False, "notKept"]
