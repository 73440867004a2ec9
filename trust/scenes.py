"""An invented person before the camera of the live page, who signs when told.

The page's tracker is replaced by the landmarks of what is played, at twice the speed of
life, and the camera by a drawing of them, so that pictures show a face and hands.
"""

import base64
import json
from typing import Any

import numpy as np

from recorded_streams import joined, motion_stream
from signnet.clip import Landmarks
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["WORDS", "play", "put_person_before"]

WORDS = ("আমি", "বই", "তুমি", "ধন্যবাদ", "নাম")
"""Glosses of the shipped model that the person can sign."""

_KEPT = PARTS["right_hand"].stop
_ASPECT = 16 / 9

_TRACKER = """
export class Tracker {
  async open() {}
  async reset() {}
  close() {}
  async track({ picture }) {
    picture.close();
    return scene.look();
  }
}
"""

_SCENE = """(() => {
  const films = FILMS, KEPT = 75, ALL = ALL_JOINTS, PACE = 60, ASPECT = 16 / 9;
  const decode = (text) => new Float32Array(
    Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
  const canvas = Object.assign(document.createElement('canvas'),
    { width: 960, height: 540 });
  const pen = canvas.getContext('2d');
  let film = decode(films.rest), began = 0;
  const now = () => {
    const frame = Math.floor(((performance.now() - began) / 1000) * PACE);
    const last = film.length / (3 * KEPT) - 1;
    return film.subarray(3 * KEPT * Math.min(frame, last));
  };
  const at = (joints, one) => [joints[3 * one] * 540, joints[3 * one + 1] * 540];
  const line = (joints, path, width, colour) => {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.beginPath();
    for (const one of path) pen.lineTo(...at(joints, one));
    pen.stroke();
  };
  const drawPerson = (joints) => {
    const [skin, shirt] = ['#b9835f', '#46617f'];
    const [x, y] = at(joints, 0), [ear] = at(joints, 7);
    pen.lineCap = pen.lineJoin = 'round';
    pen.fillStyle = shirt;
    pen.beginPath();
    for (const one of [11, 12, 24, 23]) pen.lineTo(...at(joints, one));
    pen.fill();
    line(joints, [11, 12, 24, 23, 11], 40, shirt);
    for (const arm of [[11, 13, 15], [12, 14, 16]]) line(joints, arm, 34, shirt);
    pen.fillStyle = skin;
    pen.beginPath();
    pen.ellipse(x, y - 10, Math.max(44, Math.abs(ear - x)), 62, 0, 0, 7);
    pen.fill();
    pen.fillStyle = '#2b211c';
    for (const eye of [2, 5]) pen.fillRect(at(joints, eye)[0] - 4, y - 24, 8, 6);
    pen.fillRect(x - 14, y + 22, 28, 4);
    for (const hand of [33, 54]) {
      if (!Number.isFinite(joints[3 * hand])) continue;
      for (let tip = 4; tip < 21; tip += 4)
        line(joints, [0, tip - 3, tip - 2, tip].map((one) => hand + one), 11, skin);
    }
  };
  const draw = () => {
    // A canvas that is not drawn to sends no picture.
    const wall = Date.now() % 2 ? '#d8d2c6' : '#d7d1c5';
    pen.fillStyle = scene.isDark ? '#080808' : wall;
    pen.fillRect(0, 0, 960, 540);
    if (scene.people && !scene.isDark) drawPerson(now());
    if (scene.people > 1) {
      pen.translate(310, 20);
      drawPerson(decode(films.rest));
      pen.resetTransform();
    }
  };
  setInterval(draw, 33);
  globalThis.scene = {
    isDark: false,
    people: 1,
    refusal: null,
    play(name) {
      [film, began] = [decode(films[name]), performance.now()];
    },
    look() {
      const joints = new Float32Array(ALL * 3).fill(NaN);
      if (scene.people) joints.set(now().subarray(0, 3 * KEPT));
      return { joints, people: scene.people, brightness: scene.isDark ? 0.04 : 0.6 };
    },
  };
  navigator.mediaDevices.getUserMedia = async () => {
    if (scene.refusal) throw new DOMException('', scene.refusal);
    return canvas.captureStream(30);
  };
})()"""


def put_person_before(page: Any) -> None:
    """Let the page's camera and tracker see an invented person, who rests at first."""
    films = {word: motion_stream(word, pause=0.3).landmarks for word in WORDS}
    films["unknown"] = _centred(joined("POINT-APART").landmarks)
    films["rest"] = films["বই"][:1]
    films["raised"] = _middle(films["ধন্যবাদ"])
    stored = json.dumps({name: _text(film) for name, film in films.items()})
    script = _SCENE.replace("FILMS", stored).replace("ALL_JOINTS", str(JOINT_COUNT))
    page.add_init_script(script)
    answer = {"body": _TRACKER, "content_type": "text/javascript"}
    page.route("**/capture/tracker.js", lambda route: route.fulfill(**answer))


def play(page: Any, name: str) -> None:
    """Let the person sign one of WORDS, or "unknown"; "raised" holds a sign."""
    page.evaluate("(name) => scene.play(name)", name)


def _middle(landmarks: Landmarks) -> Landmarks:
    """Give the middle one of the frames that show a hand."""
    seen = np.flatnonzero(np.isfinite(landmarks[:, 33:75, 0]).any(axis=1))
    return landmarks[seen[len(seen) // 2]][None]


def _centred(landmarks: Landmarks) -> Landmarks:
    """Move a signer into the middle of a wide picture."""
    middle = np.nanmean(landmarks[:, 11:13, 0])
    return landmarks + np.array([_ASPECT / 2 - middle, 0, 0], np.float32)


def _text(landmarks: Landmarks) -> str:
    return base64.b64encode(landmarks[:, :_KEPT].astype("<f4").tobytes()).decode()
