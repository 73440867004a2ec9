"""Transcribe a film: the streaming recogniser finds the signs, movement the rest.

Where the recogniser is sure, its signs stand. What it leaves of a time of signing is
divided by the hands' movement (`signnet.recognise.movement`), and each part is named
and marked as unsure, so that an annotator corrects instead of searching.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from signnet.clip import Landmarks
from signnet.recognise.events import Event, best_of
from signnet.recognise.grouping import Groups
from signnet.recognise.hands import signing_hand
from signnet.recognise.movement import Stretch, divide
from signnet.recognise.recogniser import Prediction, Recogniser
from signnet.recognise.stream import StreamingRecogniser, at_even_rate
from signnet.recognise.stream_settings import StreamSettings
from signnet.recognise.transcript import Segment, Transcript

__all__ = ["Keep", "Transcriber", "transcribe"]

_LONGEST = 30.0
"""Seconds of signing without rest that are kept; then the earlier part is decided."""

_KEPT = 6.0
"""Seconds of it that are kept for signs that are still being decided."""

_Span = tuple[float, float]

Keep = Callable[[Segment, Sequence[tuple[float, np.ndarray]]], None]
"""Takes a segment, and its frames as pairs of seconds and landmarks [553, 3]."""


def transcribe(
    recogniser: Recogniser,
    frames: Iterable[tuple[float, np.ndarray]],
    file: str = "film",
    progress: Callable[[float], None] | None = None,
    keep: Keep | None = None,
) -> Transcript:
    """Find the signs of a film, in bounded memory.

    Parameters
    ----------
    recogniser
        The model; a base without words gives segments in groups that look alike.
    frames
        Pairs of seconds and landmarks; times rise.
    file
        The film's name in the transcript.
    progress
        Callback with the seconds of the film that are done.
    keep
        Callback with each segment and its frames, in their order.
    """
    transcriber = Transcriber(recogniser, keep=keep)
    segments, seconds = list[Segment](), 0.0
    for seconds, joints in frames:
        segments += transcriber.push(seconds, joints)
        if progress is not None:
            progress(seconds)
    segments += transcriber.flush()
    return Transcript(file=file, segments=tuple(segments), seconds=seconds)


class Transcriber:
    """Collects the segments of a film while its frames are pushed.

    Parameters
    ----------
    recogniser
        The model.
    settings
        Of the streaming recogniser; the card's threshold by default.
    keep
        Callback with each segment and its frames.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        settings: StreamSettings | None = None,
        keep: Keep | None = None,
    ) -> None:
        self._keep = keep
        self._recogniser = recogniser
        self._settings = settings or StreamSettings(
            abstain_below=recogniser.card.abstain_below
        )
        self._knows_words = bool(recogniser.vocabulary)
        self._groups = Groups(recogniser.taught.kernel)
        self._machine = StreamingRecogniser(self._classify, self._settings)
        self._frames: list[tuple[float, np.ndarray]] = []
        self._signs: list[Event] = []
        self._since: float | None = None
        self._decided = -np.inf

    def push(self, seconds: float, joints: np.ndarray) -> list[Segment]:
        """Take a frame, and return the segments that are decided by now."""
        if self._frames and not seconds > self._frames[-1][0]:
            return []
        return self._after(self._machine.push(seconds, joints), (seconds, joints))

    def flush(self) -> list[Segment]:
        """Return what is left at the end of the film."""
        return self._after(self._machine.flush(), None)

    def _after(
        self, events: list[Event], frame: tuple[float, np.ndarray] | None
    ) -> list[Segment]:
        found = list[Segment]()
        for event in events:
            if event.kind == "start":
                earliest = event.time - self._settings.lead_seconds
                self._since = max(self._decided, earliest)
            elif event.kind == "sign":
                self._signs.append(event)
            elif event.kind == "rest":
                found += self._decide(event.time)
                self._since = None
        if frame is not None:
            self._frames.append(frame)
            found += self._tidy(frame[0])
        return found

    def _tidy(self, now: float) -> list[Segment]:
        """Forget the frames of a rest; decide the beginning of long signing."""
        if self._since is None:
            oldest = now - self._settings.lead_seconds - 1
            self._frames = [one for one in self._frames if one[0] >= oldest]
            return []
        if now - self._since < _LONGEST:
            return []
        until = now - _KEPT
        for sign in self._signs:  # a sign that is known goes to one side
            if sign.start is not None and sign.end is not None:
                until = sign.end if sign.start < until < sign.end else until
        found = self._decide(until)
        self._since = until
        self._frames = [one for one in self._frames if one[0] >= until]
        return found

    def _decide(self, until: float) -> list[Segment]:
        """Give the signs up to a time, and what movement finds between them."""
        since = self._decided if self._since is None else self._since
        known = [sign for sign in self._signs if (sign.end or 0) <= until + 1e-6]
        self._signs = [sign for sign in self._signs if sign not in known]
        found = [self._known(sign) for sign in known]
        for start, end in _between(since, until, found):
            if end - start < self._settings.shortest_seconds:
                continue
            inside = self._inside(start, end)
            if len(inside) >= 3:
                times, frames = zip(*inside, strict=True)
                stretch = Stretch(np.array(times), np.stack(frames).astype(np.float32))
                parts = [self._named(stretch, span) for span in divide(stretch)]
                found += [one for one in parts if not self._repeats(one, found)]
        self._decided = until
        found.sort(key=lambda one: one.start)
        if self._keep is not None:
            for one in found:
                self._keep(one, self._inside(one.start, one.end))
        return found

    def _inside(self, start: float, end: float) -> list[tuple[float, np.ndarray]]:
        return [one for one in self._frames if start <= one[0] <= end]

    def _known(self, sign: Event) -> Segment:
        assert sign.start is not None
        assert sign.end is not None
        return Segment(
            start=sign.start,
            end=sign.end,
            top=self._predictions(sign.predictions or ()),
            unsure=False,
            hand=sign.hand,
        )

    def _named(self, stretch: Stretch, span: _Span) -> Segment:
        """Name what movement alone has found."""
        inside = (stretch.times >= span[0]) & (stretch.times <= span[1])
        if not inside.any():  # between two frames of a slow film
            inside[np.abs(stretch.times - span[0]).argmin()] = True
        rate = self._settings.rate
        landmarks = at_even_rate(stretch.times[inside], stretch.landmarks[inside], rate)
        hand = signing_hand(landmarks, rate)
        segment = Segment(start=span[0], end=span[1], hand=hand)
        if not self._knows_words:
            embedding = self._recogniser.see(landmarks).embedding
            return replace(segment, group=self._groups.add(embedding))
        top = self._predictions(best_of(self._recogniser.classify(landmarks)))
        return replace(segment, top=top)

    def _repeats(self, part: Segment, signs: Iterable[Segment]) -> bool:
        """Return whether a part is the beginning or the end of a sign beside it."""
        near = self._settings.again_seconds
        return any(
            sign.gloss == part.gloss
            and not sign.unsure
            and max(sign.start, part.start) - min(sign.end, part.end) <= near
            for sign in signs
        )

    def _predictions(self, best: Iterable[tuple[int, float]]) -> tuple[Prediction, ...]:
        vocabulary = self._recogniser.vocabulary
        return tuple(Prediction(vocabulary[index], share) for index, share in best)

    def _classify(self, landmarks: Landmarks) -> np.ndarray:
        if self._knows_words:
            return self._recogniser.classify(landmarks)
        return np.zeros(1, np.float32)


def _between(since: float, until: float, signs: list[Segment]) -> Iterator[_Span]:
    """Give the times that no sign covers."""
    for sign in sorted(signs, key=lambda one: one.start):
        if sign.start > since:
            yield since, sign.start
        since = max(since, sign.end)
    if until > since:
        yield since, until
