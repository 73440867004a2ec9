"""Signs found in a running stream of landmarks, at any frame rate from five a second.

A sign runs from rest to rest: the hands rise or begin to move, and go down again or
stay still. Where signing goes on without pauses, windows over the last seconds are
asked and the words kept that together explain most of the time. Everything counts in
seconds, never in frames. `web/live/stream.js` is the same, line by line; a test feeds
both the same streams.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32

from signnet.clip import Landmarks
from signnet.skeleton import FINGERTIPS, JOINT_COUNT, PARTS, index

__all__ = ["Classify", "Event", "StreamSettings", "StreamingRecogniser"]

Joints = Float32[np.ndarray, "joint 3"]
Probabilities = Float32[np.ndarray, " gloss"]
Classify = Callable[[Landmarks], Probabilities]
"""Gives the probability of each gloss for landmarks at a constant frame rate."""


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """When hands sign and when they rest; written beside the model for the browser."""

    raised: float = 1.0
    """A hand is up if its wrist is less than this below the shoulders (in shoulder
    widths; hips lie at 1.3 to 1.5)."""

    lowered: float = 1.15
    """A hand that is up goes down where it is more than this below the shoulders."""

    moving: float = 0.8
    """Shoulder widths a second with which a raised hand starts a sign."""

    still: float = 0.4
    """Shoulder widths a second below which a hand is held still."""

    speed_seconds: float = 0.15
    """Speed is measured over at least this time."""

    lost_seconds: float = 0.5
    """A raised arm counts this long after its hand was seen last."""

    still_seconds: float = 0.4
    """A sign whose hands are still for this long may be decided,"""

    rest_seconds: float = 1.2
    """and is given up after this time if the model abstains."""

    down_seconds: float = 0.1
    """Hands that are down for this long have ended the sign."""

    lead_seconds: float = 0.5
    """How much from before the first movement belongs to a sign at most."""

    shortest_seconds: float = 0.4
    """A movement shorter than this is no sign."""

    hop_seconds: float = 0.25
    """Time between guesses, and between the possible limits of words."""

    window_seconds: tuple[float, float] = (0.75, 2.5)
    """The shortest and the longest word in signing without pauses."""

    split_seconds: float = 1.8
    """Signing that lasts longer than this may be several words."""

    settle_seconds: float = 0.5
    """A word in running signing is said this long after its end."""

    gap_seconds: float = 1.0
    """A longer time without any frame ends the stream."""

    rate: float = 30.0
    """Frames a second of what the model is given; between frames it is NaN."""

    abstain_below: float = 0.5
    """The model's threshold, from its card."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a stream; times in seconds of the stream."""

    kind: Literal["start", "guess", "sign", "unsure", "rest"]
    time: float
    start: float | None = None
    end: float | None = None
    index: int | None = None
    probability: float | None = None
    predictions: tuple[tuple[int, float], ...] | None = None
    """Index in the vocabulary and probability of the five best, best first."""

    def as_json(self) -> dict[str, Any]:
        """Give the object that the browser's version has, without what is empty."""
        fields = {key: value for key, value in vars(self).items() if value is not None}
        if self.predictions is not None:
            fields["predictions"] = [
                {"index": place, "probability": probability}
                for place, probability in self.predictions
            ]
        return fields


@dataclass(frozen=True)
class _Frame:
    """A frame of the stream and what its hands do."""

    time: float
    joints: Joints
    depth: float
    """How far the higher active hand is below the shoulders; infinite without one."""

    speed: float
    """Shoulder widths a second of the faster active hand."""

    hands: bool
    """Whether any hand is seen."""


@dataclass(frozen=True)
class _Word:
    start: float
    end: float
    chances: Probabilities
    score: float


_SPAN = (0, *FINGERTIPS)
_SIDES = tuple(
    (PARTS[f"{side}_hand"].start, index(f"{side}_wrist")) for side in ("left", "right")
)
_SHOULDERS = index("left_shoulder"), index("right_shoulder")
_HANDS_PER_SHOULDER = 4.0
"""Shoulder width by palm length, where no body is seen."""


def _apart(first: Joints, one: int, second: Joints, other: int) -> float:
    x = float(first[one, 0]) - float(second[other, 0])
    y = float(first[one, 1]) - float(second[other, 1])
    return math.sqrt(x * x + y * y)


class _Body:
    """Follows where the shoulders are and what the hands do."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self._unit = self._middle = math.nan
        self._seen = [-math.inf, -math.inf]

    def frame(self, time: float, joints: Joints, before: _Frame | None) -> _Frame:
        """Describe a frame; `before` is an earlier one to measure speed with."""
        self._follow_shoulders(joints)
        depth, speed = math.inf, 0.0
        for side, (hand, wrist) in enumerate(_SIDES):
            if math.isfinite(joints[hand, 0]):
                self._seen[side] = time
            if time - self._seen[side] > self._settings.lost_seconds:
                continue
            depth = min(depth, self._depth(joints, hand, wrist))
            if before is not None:
                path = _path(joints, before.joints, hand, wrist) / self._unit
                speed = max(speed, path / (time - before.time))
        return _Frame(time, joints, depth, speed, time in self._seen)

    def _follow_shoulders(self, joints: Joints) -> None:
        left, right = _SHOULDERS
        width = _apart(joints, left, joints, right)
        if math.isfinite(width):
            self._middle = (float(joints[left, 1]) + float(joints[right, 1])) / 2
        elif math.isnan(self._middle):
            palms = [_apart(joints, hand, joints, hand + 9) for hand, _ in _SIDES]
            known = [palm for palm in palms if math.isfinite(palm)]
            width = max(known) * _HANDS_PER_SHOULDER if known else math.nan
        if math.isfinite(width):
            fresh = math.isnan(self._unit)
            width = max(width, 0.05)  # a signer in profile
            self._unit = width if fresh else 0.9 * self._unit + 0.1 * width

    def _depth(self, joints: Joints, hand: int, wrist: int) -> float:
        if math.isnan(self._middle):
            return 0.0  # a hand without a body is taken as raised
        joint = wrist if math.isfinite(joints[wrist, 1]) else hand
        depth = (float(joints[joint, 1]) - self._middle) / self._unit
        return depth if math.isfinite(depth) else math.inf


def _path(now: Joints, then: Joints, hand: int, wrist: int) -> float:
    """Give how far a hand, or else its wrist, has moved since an earlier frame."""
    steps = [_apart(now, hand + joint, then, hand + joint) for joint in _SPAN]
    path = sum(steps) / len(steps)
    if not math.isfinite(path):
        path = _apart(now, wrist, then, wrist)
    return path if math.isfinite(path) else 0.0


class StreamingRecogniser:
    """Turns frames of landmarks into words as they are signed.

    Parameters
    ----------
    classify
        Asked about float32[time, 553, 3], in picture heights, NaN where unseen.
    settings
        See `StreamSettings`.
    """

    def __init__(
        self, classify: Classify, settings: StreamSettings | None = None
    ) -> None:
        self._classify = classify
        self._settings = settings or StreamSettings()
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next frame begins a new stream."""
        self._body = _Body(self._settings)
        self._frames: list[_Frame] = []
        self._start: float | None = None
        self._consumed = -math.inf
        self._still_since = self._up_until = self._next_hop = math.inf
        self._limits: list[float] = []
        self._asked: dict[tuple[float, float], Probabilities] = {}
        self._has_word = False

    def push(self, seconds: float, joints: Joints) -> list[Event]:
        """Take a frame and tell what happened.

        Parameters
        ----------
        seconds
            When it was taken; a frame that is not later than the last is ignored.
        joints
            float32[553, 3] in picture heights, NaN where unseen.
        """
        events = list[Event]()
        if self._frames:
            pause = seconds - self._frames[-1].time
            if pause <= 0:
                return events
            if pause > self._settings.gap_seconds:
                events = self.flush()
                self.reset()
        self._frames.append(self._body.frame(seconds, joints, self._earlier(seconds)))
        self._forget(seconds)
        if self._start is None:
            return events + self._at_rest(self._frames[-1])
        return events + self._signing(self._frames[-1])

    def flush(self) -> list[Event]:
        """End the stream and with it the sign that is being made."""
        if self._start is None:
            return []
        return self._end(self._frames[-1].time, self._frames[-1].time)

    def _earlier(self, seconds: float) -> _Frame | None:
        """Give the latest frame that is old enough to measure speed with."""
        latest = seconds - self._settings.speed_seconds
        earlier = [frame for frame in self._frames if frame.time <= latest]
        return earlier[-1] if earlier else None

    def _forget(self, seconds: float) -> None:
        oldest = seconds - self._settings.lead_seconds - 1
        if self._start is not None:
            oldest = min(oldest, self._start)
        self._frames = [frame for frame in self._frames if frame.time >= oldest]

    def _at_rest(self, frame: _Frame) -> list[Event]:
        settings = self._settings
        if frame.depth > settings.raised or frame.speed < settings.moving:
            return []
        self._start = self._first_of_sign(frame)
        self._still_since = math.inf
        self._up_until = frame.time
        self._next_hop = frame.time + settings.hop_seconds
        self._limits, self._asked = [self._start], {}
        self._has_word = False
        return [Event("start", frame.time)]

    def _first_of_sign(self, now: _Frame) -> float:
        """Go back to where the hand rose, or to where it was held still."""
        settings, start = self._settings, now.time
        for frame in reversed(self._frames):
            is_held = frame.depth <= settings.raised and frame.speed < settings.still
            too_early = frame.time < now.time - settings.lead_seconds
            if is_held or too_early or frame.time <= self._consumed:
                break
            start = frame.time
        return start

    def _signing(self, frame: _Frame) -> list[Event]:
        settings = self._settings
        if frame.depth <= settings.lowered:
            self._up_until = frame.time
        if frame.speed >= settings.still:
            self._still_since = math.inf
        elif math.isinf(self._still_since):
            self._still_since = frame.time
        if frame.time - self._up_until >= settings.down_seconds:
            return self._end(self._before_lowering(), frame.time)
        calm = frame.time - self._still_since
        if calm >= settings.rest_seconds:
            return self._end(frame.time, frame.time)
        if frame.time < self._next_hop:
            return []
        self._next_hop = frame.time + settings.hop_seconds
        self._limits.append(frame.time)
        return self._hop(frame.time, calm >= settings.still_seconds)

    def _before_lowering(self) -> float:
        """Go back from where the hands are down to where they began to sink."""
        frames = [frame for frame in self._frames if frame.time <= self._up_until]
        last = len(frames) - 1
        while last > 0 and frames[last - 1].depth < frames[last].depth:
            last -= 1
        return frames[last].time

    def _hop(self, now: float, is_calm: bool) -> list[Event]:
        """Guess, and say the words that will not change any more."""
        settings, start = self._settings, self._start or 0.0
        if is_calm:
            words = self._words(now)
            if words:
                self._consumed = now
                self._start = None
                return [self._said(word, now) for word in words]
        elif now - start > settings.split_seconds:
            words = self._words(now)
            settled = now - settings.settle_seconds
            words = [word for word in words if word.end <= settled]
            if words:
                self._go_on_after(words[-1].end)
                return [self._said(word, now) for word in words]
        begin = max(start, now - settings.window_seconds[1])
        best = _best(self._ask(begin, now))
        return [Event("guess", now, predictions=best)]

    def _go_on_after(self, end: float) -> None:
        self._start = self._consumed = end
        self._limits = [limit for limit in self._limits if limit >= end]
        self._has_word = True

    def _end(self, end: float, now: float) -> list[Event]:
        """Decide about a sign that is over, and rest."""
        start = self._start or 0.0
        events = list[Event]()
        if end - start >= self._settings.shortest_seconds and self._has_hands(end):
            self._limits = [limit for limit in self._limits if limit < end] + [end]
            words = self._words(end)
            events = [self._said(word, now) for word in words]
            if not words and not self._has_word:
                begin = max(start, end - self._settings.window_seconds[1])
                best = _best(self._ask(begin, end))
                events = [Event("unsure", now, start, end, predictions=best)]
        self._start, self._consumed = None, now
        return [*events, Event("rest", now)]

    def _has_hands(self, end: float) -> bool:
        start = self._start or 0.0
        return any(f.hands for f in self._frames if start <= f.time <= end)

    def _words(self, end: float) -> list[_Word]:
        """Find the words between the start and `end` that explain most of the time."""
        start = self._start or 0.0
        if end - start <= self._settings.split_seconds:
            word = self._word(start, end)
            return [word] if word else []
        limits = self._limits
        best: list[tuple[float, list[_Word]]] = [(0.0, [])]
        for last in range(1, len(limits)):
            found = best[last - 1]
            for first in range(last):
                word = self._word(limits[first], limits[last])
                if word and best[first][0] + word.score > found[0]:
                    found = best[first][0] + word.score, [*best[first][1], word]
            best.append(found)
        return best[-1][1]

    def _word(self, start: float, end: float) -> _Word | None:
        """Ask about a window; None if the model abstains or the length is no word's."""
        shortest, longest = self._settings.window_seconds
        is_whole = start == self._start and end - start <= self._settings.split_seconds
        if not (is_whole or shortest <= end - start <= longest):
            return None
        chances = self._ask(start, end)
        chance = float(chances.max())
        if chance < self._settings.abstain_below:
            return None
        return _Word(start, end, chances, (end - start) * (chance - 0.5))

    def _ask(self, start: float, end: float) -> Probabilities:
        known = self._asked.get((start, end))
        if known is None:
            known = self._classify(self._even(start, end))
            self._asked[start, end] = known
        return known

    def _even(self, start: float, end: float) -> Landmarks:
        """Put the frames of a span on an even beat; what lies between is NaN."""
        frames = [frame for frame in self._frames if start <= frame.time <= end]
        rate, first = self._settings.rate, frames[0].time
        places = [math.floor((f.time - first) * rate + 0.5) for f in frames]
        even = np.full((places[-1] + 1, JOINT_COUNT, 3), np.nan, np.float32)
        for place, frame in zip(places, frames, strict=True):
            even[place] = frame.joints
        return even

    def _said(self, word: _Word, now: float) -> Event:
        best = _best(word.chances)
        place, chance = best[0]
        return Event("sign", now, word.start, word.end, place, chance, best)


def _best(chances: Probabilities) -> tuple[tuple[int, float], ...]:
    order = np.argsort(-chances, kind="stable")[:5]
    return tuple((int(place), float(chances[place])) for place in order)
