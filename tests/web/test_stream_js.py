"""The browser's stream.js and hands.js against Python, on the same recorded streams."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorded_streams import STREAMS, Recorded
from signnet.clip import Clip, Landmarks
from signnet.extraction.hands import assign_sides
from signnet.recognise.events import Event
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.stream import StreamingRecogniser, StreamSettings
from signnet.skeleton import JOINT_COUNT
from strategies import generators

pytestmark = pytest.mark.slow

DRIVER = Path(__file__).parent / "live_driver.mjs"


class Node:
    """The browser's modules, running in node."""

    def __init__(self) -> None:
        program = shutil.which("node")
        if program is None:
            pytest.skip("node is not installed")
        self._process = subprocess.Popen(
            [program, str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def _say(self, content: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(content).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def ask(self, question: dict[str, Any], model: Recogniser | None = None) -> Any:
        """Ask a question; a model answers what the modules ask back."""
        reply = self._say(question)
        while "ask" in reply:
            assert model
            landmarks = decoded(reply["ask"]).reshape(reply["frames"], JOINT_COUNT, 3)
            reply = self._say([float(chance) for chance in classify(model, landmarks)])
        return reply["answer"]

    def close(self) -> None:
        """End the process, which must have had no fault."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"{}\n")
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(10) == 0


def encoded(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, np.float32).tobytes()).decode()


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)


def classify(model: Recogniser, landmarks: Landmarks) -> np.ndarray:
    return model.probabilities(Clip(name="", landmarks=landmarks, fps=30.0))


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


def with_hand(event: Event) -> dict[str, Any]:
    """Write an event as the page has it: with the hand of a sign that is over."""
    is_over = event.kind in ("sign", "unsure")
    return event.as_json() | ({"hand": event.hand} if is_over else {})


@pytest.mark.parametrize("name", STREAMS)
def test_every_event_agrees(node: Node, name: str) -> None:
    recorded: Recorded = STREAMS[name]()
    model = Recogniser.open()
    chosen = StreamSettings(abstain_below=0.4, floor=0.1)
    python = StreamingRecogniser(lambda landmarks: classify(model, landmarks), chosen)
    expected = [
        with_hand(event)
        for time, joints in zip(recorded.times, recorded.landmarks, strict=True)
        for event in python.push(time, joints)
    ]
    expected += [with_hand(event) for event in python.flush()]
    question = {
        "kind": "stream",
        "settings": asdict(chosen),
        "times": recorded.times,
        "landmarks": encoded(recorded.landmarks),
    }
    assert node.ask(question, model) == expected
    assert {event["kind"] for event in expected} >= recorded.kinds


@given(generators(), st.integers(0, 2), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_hands_go_to_the_same_sides(
    node: Node, rng: np.random.Generator, count: int, posed: bool, near: bool
) -> None:
    landmarks = np.full((1, JOINT_COUNT, 3), np.nan, np.float32)
    if posed:
        landmarks[0, :33] = rng.uniform(0, 1, (33, 3))
    hands = np.full((1, 2, 21, 3), np.nan, np.float32)
    hands[0, :count] = rng.uniform(0, 1, (count, 1, 3)) + rng.normal(
        0, 0.05, (count, 21, 3)
    )
    if posed and near and count:  # at a wrist, as true hands are
        hands[0, 0] += landmarks[0, rng.choice([15, 16])] - hands[0, 0, 0]
    if near and count == 2:
        hands[0, 1] = hands[0, 0] + np.float32(0.01)
    leftness = np.full((1, 2), np.nan, np.float32)
    leftness[0, :count] = rng.uniform(0, 1, count)
    sides = assign_sides(hands, leftness, landmarks)[0]
    answer = node.ask(
        {
            "kind": "hands",
            "pose": encoded(landmarks[0, :33]) if posed else None,
            "hands": [
                {
                    "landmarks": encoded(hands[0, slot]),
                    "label": "Left" if leftness[0, slot] > 0.5 else "Right",
                    "score": float(max(leftness[0, slot], 1 - leftness[0, slot])),
                }
                for slot in range(count)
            ],
        }
    )
    for side, expected in zip(("left", "right"), sides, strict=True):
        if np.isnan(expected).all():
            assert answer[side] is None
        else:
            np.testing.assert_array_equal(
                decoded(answer[side]).reshape(21, 3), expected
            )
