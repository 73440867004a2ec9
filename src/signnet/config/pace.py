"""How many frames per second are read: a higher frame rate costs no more.

To name a sign takes fewer pictures than a film has, and the face only now and then.
"""

import math
from dataclasses import dataclass

from signnet.errors import SettingsError

__all__ = ["EVERY_PICTURE", "Pace"]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Pictures a second that are looked at, at most.

    Raises
    ------
    SettingsError
        If a rate is negative or no number, or no picture would be looked at.
    """

    rate: float = math.inf
    """For body and hands; the other pictures are decoded and passed over."""

    face: float = math.inf
    """For the face, of these; 0 leaves the face out."""

    def __post_init__(self) -> None:
        """Check the rates."""
        if not (self.rate > 0 and self.face >= 0):
            raise SettingsError(
                f"a pace of {self.rate} frames a second, {self.face} for the face; "
                "expected numbers above 0, or 0 to leave the face out"
            )


EVERY_PICTURE = Pace()
