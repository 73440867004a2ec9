"""Signs found in a running stream of landmarks, at any frame rate from five a second.

A sign runs from rest to rest: the hands rise or begin to move, and go down again or
stay still. Where signing goes on without pauses, windows over the last seconds are
asked and the words kept that together explain most of the time. Everything counts in
seconds, never in frames. `web/page/recognise/stream.js` is the same, line by line; a
test feeds both the same streams.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32

from signnet.clip import Landmarks
from signnet.recognise.activity import Activity, Frame, Joints, StreamSettings
from signnet.skeleton import JOINT_COUNT

__all__ = ["Classify", "Event", "StreamSettings", "StreamingRecogniser"]

Probabilities = Float32[np.ndarray, " gloss"]
Classify = Callable[[Landmarks], Probabilities]
"""Gives the probability of each gloss for landmarks at a constant frame rate."""


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
class _Word:
    start: float
    end: float
    chances: Probabilities
    score: float


_SUREST = 0.995
"""A model that is surer than this explains a window no better."""


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
        self._activity = Activity(self._settings)
        self._frames: list[Frame] = []
        self._said = (-1, -math.inf)
        self._rest_from(-math.inf)

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
            if not pause > 0:
                return events
            if pause > self._settings.gap_seconds:
                events = self.flush()
                self.reset()
        frame = self._activity.frame(seconds, joints, self._earlier(seconds))
        self._frames.append(frame)
        self._forget(seconds)
        if self._is_signing:
            return events + self._signing(frame)
        return events + self._at_rest(frame)

    def flush(self) -> list[Event]:
        """End the stream and with it the sign that is being made."""
        if not self._is_signing:
            return []
        return self._end(self._frames[-1].time, self._frames[-1].time)

    def _rest_from(self, time: float) -> None:
        """Rest; frames up to a time belong to no later sign."""
        self._is_signing = self._has_word = False
        self._start, self._consumed = math.inf, time
        self._still_since = self._up_until = self._next_hop = math.inf
        self._limits: list[float] = []
        self._asked: dict[tuple[float, float], Probabilities] = {}

    def _earlier(self, seconds: float) -> Frame | None:
        """Give the latest frame that is old enough to measure speed with."""
        latest = seconds - self._settings.speed_seconds
        return next((one for one in reversed(self._frames) if one.time <= latest), None)

    def _forget(self, seconds: float) -> None:
        oldest = min(self._start, seconds - self._settings.lead_seconds - 1)
        self._frames = [frame for frame in self._frames if frame.time >= oldest]

    def _at_rest(self, frame: Frame) -> list[Event]:
        settings = self._settings
        if frame.depth > settings.raised or frame.speed < settings.moving:
            return []
        self._is_signing = True
        self._start = self._first_of_sign(frame)
        self._up_until = frame.time
        self._next_hop = frame.time + settings.hop_seconds
        self._limits = [self._start]
        return [Event("start", frame.time)]

    def _first_of_sign(self, now: Frame) -> float:
        """Go back to where the hand rose, or to where it was held still."""
        settings, start = self._settings, now.time
        for frame in reversed(self._frames):
            is_held = frame.depth <= settings.raised and frame.speed < settings.still
            is_too_early = frame.time < now.time - settings.lead_seconds
            if is_held or is_too_early or frame.time <= self._consumed:
                break
            start = frame.time
        return start

    def _signing(self, frame: Frame) -> list[Event]:
        settings, now = self._settings, frame.time
        if frame.depth <= settings.lowered:
            self._up_until = now
        is_still = frame.speed < settings.still
        self._still_since = min(self._still_since, now) if is_still else math.inf
        if now - self._up_until >= settings.down_seconds:
            return self._end(self._before_lowering(), now)
        if now - self._still_since >= settings.rest_seconds:
            return self._end(now, now)
        if now < self._next_hop:
            return []
        self._next_hop = now + settings.hop_seconds
        self._limits.append(now)
        return self._decided(now) or self._guess(now)

    def _before_lowering(self) -> float:
        """Go back from where the hands are down to where they began to sink."""
        frames = [frame for frame in self._frames if frame.time <= self._up_until]
        while (
            len(frames) > 1
            and frames[-1].speed >= self._settings.moving
            and frames[-2].depth < frames[-1].depth
        ):
            frames.pop()
        return frames[-1].time

    def _decided(self, now: float) -> list[Event]:
        """Say the words that will not change any more."""
        if now - self._start <= self._settings.split_seconds:
            return []
        settled = now - self._settings.settle_seconds
        words = [word for word in self._words(now) if word.end <= settled]
        if words:
            self._go_on_from(words[-1].end)
            self._has_word = True
        return self._say(words, now)

    def _guess(self, now: float) -> list[Event]:
        """Name what the latest window looks like, and leave what is too long ago."""
        oldest = now - self._settings.window_seconds[1]
        if self._start < oldest:
            self._go_on_from(next(time for time in self._limits if time >= oldest))
        best = _best(self._ask(self._start, now))
        return [Event("guess", now, predictions=best)]

    def _go_on_from(self, time: float) -> None:
        """Leave what was before one of the limits."""
        self._start = self._consumed = time
        self._limits = [limit for limit in self._limits if limit >= time]
        self._asked = {
            span: chances for span, chances in self._asked.items() if span[0] >= time
        }

    def _end(self, end: float, now: float) -> list[Event]:
        """Decide about a sign that is over, and rest."""
        events = list[Event]()
        if self._could_sign(end):
            self._limits = [limit for limit in self._limits if limit < end] + [end]
            words = self._words(end)
            events = self._say(words, now)
            if not words and not self._has_word:
                best = _best(self._ask(self._start, end))
                events = [Event("unsure", now, self._start, end, predictions=best)]
        self._rest_from(now)
        return [*events, Event("rest", now)]

    def _could_sign(self, end: float) -> bool:
        """Tell whether hands were seen long enough and high enough for a sign."""
        if end - self._start < self._settings.shortest_seconds:
            return False
        frames = self._between(self._start, end)
        highest = min(frame.depth for frame in frames)
        return highest <= self._settings.reach and any(one.hands for one in frames)

    def _words(self, end: float) -> list[_Word]:
        """Find the words between the start and `end` that explain most of the time."""
        if end - self._start <= self._settings.split_seconds:
            word = self._word(self._start, end, is_whole=True)
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

    def _word(
        self, start: float, end: float, *, is_whole: bool = False
    ) -> _Word | None:
        """Ask about a window; None if the model abstains or the length is no word's."""
        shortest, longest = self._settings.window_seconds
        if not (is_whole or shortest <= end - start <= longest):
            return None
        chances = self._ask(start, end)
        chance = float(chances.max())
        if chance < self._settings.needed:
            return None
        evidence = -math.log(1 - min(chance, _SUREST))
        score = (end - start) * evidence - self._settings.word_cost
        return _Word(start, end, chances, score)

    def _ask(self, start: float, end: float) -> Probabilities:
        known = self._asked.get((start, end))
        if known is None:
            known = self._classify(self._even(start, end))
            self._asked[start, end] = known
        return known

    def _even(self, start: float, end: float) -> Landmarks:
        """Put the frames of a span on an even beat; what lies between is NaN."""
        frames = self._between(start, end)
        rate, first = self._settings.rate, frames[0].time
        places = [math.floor((f.time - first) * rate + 0.5) for f in frames]
        even = np.full((places[-1] + 1, JOINT_COUNT, 3), np.nan, np.float32)
        for place, frame in zip(places, frames, strict=True):
            even[place] = frame.joints
        return even

    def _between(self, start: float, end: float) -> list[Frame]:
        return [frame for frame in self._frames if start <= frame.time <= end]

    def _say(self, words: list[_Word], now: float) -> list[Event]:
        """Say words, but not twice what may be one sign."""
        events = list[Event]()
        for word in words:
            best = _best(word.chances)
            place, chance = best[0]
            last, until = self._said
            if place != last or word.start - until > self._settings.again_seconds:
                event = Event("sign", now, word.start, word.end, place, chance, best)
                events.append(event)
            self._said = place, word.end
        return events


def _best(chances: Probabilities) -> tuple[tuple[int, float], ...]:
    order = np.argsort(-chances, kind="stable")[:5]
    return tuple((int(place), float(chances[place])) for place in order)
