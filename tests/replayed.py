"""A signer before the camera of the page's tests: recorded signs, again and again."""

import base64
from typing import Any

from recorded_streams import FPS, SIGNS, joined
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["replay_signs"]

_KEPT = PARTS["right_hand"].stop

_TRACKER = """
const bytes = Uint8Array.from(atob("%s"), (character) => character.charCodeAt(0));
const values = new Float32Array(bytes.buffer);
const size = %d * 3;
const frames = values.length / size;
let began = null;

export class Tracker {
  async open() {}
  async reset() {}
  close() {}
  async track({ picture }, seconds) {
    picture.close();
    began ??= seconds;
    const frame = Math.floor((seconds - began) * %g) %% frames;
    const joints = new Float32Array(%d * 3).fill(NaN);
    joints.set(values.subarray(frame * size, (frame + 1) * size));
    return { joints, people: 1, brightness: 0.5 };
  }
}
"""

_HASTE = 1.5
"""How much faster than recorded, so that tests are short."""

_SIGNS = joined(*SIGNS, pause=2.0)
"""Hands are down for 1.3 s after each: the page waits for 1 s before the next word."""


def replay_signs(page: Any) -> None:
    """Let the page's tracker find a signer who signs and rests in turn."""
    landmarks = _SIGNS.landmarks[:, :_KEPT].astype("<f4")
    stored = base64.b64encode(landmarks.tobytes()).decode()
    code = _TRACKER % (stored, _KEPT, _HASTE * FPS, JOINT_COUNT)
    answer = {"body": code, "content_type": "text/javascript"}
    page.route("**/capture/tracker.js", lambda route: route.fulfill(**answer))
