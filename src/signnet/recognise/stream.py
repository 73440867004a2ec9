"""Find signs in a stream of landmarks, at any frame rate from five a second.

A sign runs from rest to rest: the hands rise or begin to move, and go down again or
stay still. If signing goes on without pauses, the model classifies windows over the
last seconds, and keeps the segments that together explain most of the time.
All times are in seconds, never in frames. `web/page/recognise/stream.js` mirrors this
file line by line; a test feeds both the same streams.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Float, Float32
from signnet.recognise.activity import Activity, Frame, Joints
from signnet.recognise.events import Event, Probabilities, best_of
from signnet.recognise.hands import signing_hand
from signnet.recognise.stream_settings import StreamSettings

__all__ = [
    "Classify",
    "Event",
    "StreamSettings",
    "StreamingRecogniser",
    "at_even_rate",
]

Classify = Callable[[Landmarks], Probabilities]
"""Computes the probability of each gloss for landmarks at a constant frame rate."""


@dataclass(frozen=True)
class _Segment:
    start: float
    end: float
    probabilities: Probabilities
    score: float


_SUREST = 0.995
"""Confidence above this counts as this."""


class StreamingRecogniser:
    """Turns frames of landmarks into signs while they are signed.

    Parameters
    ----------
    classify
        Takes float32[time, 553, 3] in picture heights, NaN where unseen.
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
        self._reported = (-1, -math.inf)
        self._rest_from(-math.inf)

    def push(self, seconds: float, joints: Joints) -> list[Event]:
        """Take a frame and report what happened.

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
        """End the stream, and with it the current sign."""
        if not self._is_signing:
            return []
        return self._end(self._frames[-1].time, self._frames[-1].time)

    def _rest_from(self, time: float) -> None:
        """Rest; frames up to this time cannot belong to a later sign."""
        self._is_signing = self._has_segment = False
        self._start, self._consumed = math.inf, time
        self._still_since = self._up_until = self._next_hop = math.inf
        self._limits: list[float] = []
        self._known: dict[tuple[float, float], Probabilities] = {}

    def _earlier(self, seconds: float) -> Frame | None:
        """Return the latest frame that is old enough to measure speed with."""
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
        """Report the segments that will not change any more."""
        if now - self._start <= self._settings.split_seconds:
            return []
        settled = now - self._settings.settle_seconds
        segments = [
            segment for segment in self._segments(now) if segment.end <= settled
        ]
        if segments:
            self._go_on_from(segments[-1].end)
            self._has_segment = True
        return self._report(segments, now)

    def _guess(self, now: float) -> list[Event]:
        """Guess the sign in the latest window, and drop what is too long ago."""
        oldest = now - self._settings.window_seconds[1]
        if self._start < oldest:
            self._go_on_from(next(time for time in self._limits if time >= oldest))
        best = best_of(self._probabilities(self._start, now))
        return [Event("guess", now, predictions=best)]

    def _go_on_from(self, time: float) -> None:
        """Drop everything before one of the limits."""
        self._start = self._consumed = time
        self._limits = [limit for limit in self._limits if limit >= time]
        self._known = {
            span: known for span, known in self._known.items() if span[0] >= time
        }

    def _end(self, end: float, now: float) -> list[Event]:
        """Decide about a sign that is over, and rest."""
        events = list[Event]()
        if self._could_sign(end):
            self._limits = [limit for limit in self._limits if limit < end] + [end]
            segments = self._segments(end)
            events = self._report(segments, now)
            if not segments and not self._has_segment:
                events = [self._unsure(now, end)]
        self._rest_from(now)
        return [*events, Event("rest", now)]

    def _unsure(self, now: float, end: float) -> Event:
        best = best_of(self._probabilities(self._start, end))
        hand = signing_hand(self._even(self._start, end), self._settings.rate)
        return Event("unsure", now, self._start, end, predictions=best, hand=hand)

    def _could_sign(self, end: float) -> bool:
        """Return whether hands were seen long enough and high enough for a sign."""
        if end - self._start < self._settings.shortest_seconds:
            return False
        frames = self._between(self._start, end)
        highest = min(frame.depth for frame in frames)
        return highest <= self._settings.reach and any(one.hands for one in frames)

    def _segments(self, end: float) -> list[_Segment]:
        """Find the segments up to `end` that together explain most of the time."""
        if end - self._start <= self._settings.split_seconds:
            segment = self._segment(self._start, end, is_whole=True)
            return [segment] if segment else []
        limits = self._limits
        best: list[tuple[float, list[_Segment]]] = [(0.0, [])]
        for last in range(1, len(limits)):
            found = best[last - 1]
            for first in range(last):
                segment = self._segment(limits[first], limits[last])
                if segment and best[first][0] + segment.score > found[0]:
                    found = best[first][0] + segment.score, [*best[first][1], segment]
            best.append(found)
        return best[-1][1]

    def _segment(
        self, start: float, end: float, *, is_whole: bool = False
    ) -> _Segment | None:
        """Classify a window; None if the model is unsure or no sign has this length."""
        shortest, longest = self._settings.window_seconds
        if not (is_whole or shortest <= end - start <= longest):
            return None
        probabilities = self._probabilities(start, end)
        probability = float(probabilities.max())
        if probability < self._settings.needed:
            return None
        evidence = -math.log(1 - min(probability, _SUREST))
        score = (end - start) * evidence - self._settings.word_cost
        return _Segment(start, end, probabilities, score)

    def _probabilities(self, start: float, end: float) -> Probabilities:
        known = self._known.get((start, end))
        if known is None:
            known = self._classify(self._even(start, end))
            self._known[start, end] = known
        return known

    def _even(self, start: float, end: float) -> Landmarks:
        """Put the frames of a span at a constant rate."""
        frames = self._between(start, end)
        times = np.array([frame.time for frame in frames])
        joints = np.stack([frame.joints for frame in frames])
        return at_even_rate(times, joints, self._settings.rate)

    def _between(self, start: float, end: float) -> list[Frame]:
        return [frame for frame in self._frames if start <= frame.time <= end]

    def _report(self, segments: list[_Segment], now: float) -> list[Event]:
        """Report segments, but only once those that may be one sign."""
        events = list[Event]()
        for segment in segments:
            start, end = segment.start, segment.end
            best = best_of(segment.probabilities)
            index, probability = best[0]
            last, until = self._reported
            if index != last or start - until > self._settings.again_seconds:
                hand = signing_hand(self._even(start, end), self._settings.rate)
                sign = Event("sign", now, start, end, index, probability, best, hand)
                events.append(sign)
            self._reported = index, end
        return events


def at_even_rate(
    times: Float[np.ndarray, " frame"],
    frames: Float32[np.ndarray, "frame joint 3"],
    rate: float,
) -> Landmarks:
    """Put frames at a constant rate; gaps between them are NaN.

    Parameters
    ----------
    times
        Seconds of the frames, rising.
    frames
        Landmarks of each.
    rate
        Frames a second.
    """
    indices = np.floor((times - times[0]) * rate + 0.5).astype(int)
    even = np.full((indices[-1] + 1, *frames.shape[1:]), np.nan, np.float32)
    even[indices] = frames
    return even
