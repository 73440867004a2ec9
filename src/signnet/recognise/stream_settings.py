"""Thresholds and times by which the stream recogniser tells signing from rest."""

from dataclasses import dataclass
from itertools import pairwise

from signnet.errors import SettingsError

__all__ = ["StreamSettings"]


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """Thresholds and times that tell signing from rest; stored for the browser, too."""

    raised: float = 0.95
    """A hand is up if its wrist is less than this below the shoulders (in shoulder
    widths; hips lie at 1.3 to 1.5)."""

    lowered: float = 1.05
    """A hand that is up goes down where it is more than this below the shoulders."""

    moving: float = 0.8
    """Shoulder widths a second with which a raised hand starts a sign."""

    still: float = 0.4
    """Shoulder widths a second below which a hand is held still."""

    reach: float = 0.85
    """No sign stays lower than this below the shoulders: hands rest on the belly."""

    speed_seconds: float = 0.15
    """Speed is measured over at least this time."""

    lost_seconds: float = 0.5
    """A raised arm counts for this long after its hand was last seen."""

    rest_seconds: float = 0.8
    """Hands that are still for this long are at rest, wherever they are."""

    down_seconds: float = 0.1
    """Hands that are down for this long have ended the sign."""

    lead_seconds: float = 0.4
    """Longest time before the first movement that belongs to a sign."""

    shortest_seconds: float = 0.6
    """A movement shorter than this is not a sign."""

    hop_seconds: float = 0.25
    """Time between guesses, and between the possible limits of signs."""

    window_seconds: tuple[float, float] = (0.6, 2.5)
    """The shortest and the longest sign in signing without pauses."""

    split_seconds: float = 1.3
    """Signing that lasts longer than this may be several signs."""

    again_seconds: float = 0.5
    """A gloss that comes again within this time is the rest of the same sign."""

    settle_seconds: float = 0.25
    """In continuous signing, a sign is reported this long after its end."""

    word_cost: float = 0.7
    """Cost of a sign in evidence, so that one sign is not taken for two."""

    gap_seconds: float = 1.0
    """A longer time without any frame ends the stream."""

    rate: float = 30.0
    """Frames a second of the model's input; missing frames are NaN."""

    abstain_below: float = 0.5
    """Probability below which the model is unsure, from its card."""

    leniency: float = 0.75
    """Fraction of `abstain_below` that is required in a stream, where a sign has to
    begin and end as well."""

    floor: float = 0.4
    """Least probability required: a model without a threshold would name any
    movement."""

    @property
    def needed(self) -> float:
        """How probable a sign has to be before it is reported."""
        return max(self.floor, self.leniency * self.abstain_below)

    def __post_init__(self) -> None:
        """Check that settings agree with each other; SettingsError if not."""
        shortest, longest = self.window_seconds
        rising = (
            ("reach, raised, lowered", (self.reach, self.raised, self.lowered)),
            ("0, still, moving", (0, self.still, self.moving)),
            ("0, rest_seconds", (0, self.rest_seconds)),
            (
                "0, hop_seconds, window_seconds",
                (0, self.hop_seconds, shortest, longest),
            ),
            (
                "0, speed_seconds, gap_seconds",
                (0, self.speed_seconds, self.gap_seconds),
            ),
            ("0, rate", (0, self.rate)),
        )
        for names, values in rising:
            if not all(one < other for one, other in pairwise(values)):
                raise SettingsError(f"{names} are {values}; they should rise")
