"""The transcript of a film: which sign from when to when, and how sure the model is."""

from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from signnet.files import as_path
from signnet.recognise.hands import Hand
from signnet.recognise.inputs import LANDMARK_FILES
from signnet.recognise.recogniser import Prediction

__all__ = ["Segment", "Transcript"]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A sign in a film; times in seconds since the first frame."""

    start: float
    end: float
    top: tuple[Prediction, ...] = ()
    """The five most probable glosses, best first; empty for a base without words."""

    unsure: bool = True
    """Whether the best gloss is too improbable to rely on."""

    hand: Hand | None = None
    """Which hand made the sign: left, right or both; None if no hand was seen."""

    group: int | None = None
    """Number of the group of segments that look alike, from 1; only where the model
    knows no word."""

    @property
    def gloss(self) -> str | None:
        """The most probable gloss, sure or not; None where the model knows no word."""
        return self.top[0].gloss if self.top else None

    @property
    def probability(self) -> float | None:
        """Probability of the most probable gloss."""
        return self.top[0].probability if self.top else None

    @property
    def text(self) -> str:
        """The gloss, or `?` and the number of the group: an unknown sign."""
        return self.gloss or f"?{self.group or ''}"

    def to_json(self) -> dict[str, Any]:
        """Return the object that `signnet transcribe --json` prints for a segment."""
        content = {
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "gloss": self.gloss,
            "probability": self.probability,
            "unsure": self.unsure,
            "hand": self.hand,
            "top": [asdict(one) for one in self.top],
        }
        return content if self.group is None else content | {"group": self.group}


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """The signs of one film, in their order."""

    file: str
    """The film, as it was given; `#` and the clip's name for a dataset of several."""

    segments: tuple[Segment, ...]
    seconds: float
    """Time of the last frame."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `signnet transcribe --json` prints for a film."""
        return {
            "file": self.file,
            "segments": [segment.to_json() for segment in self.segments],
        }

    def save(
        self,
        path: str | PathLike[str],
        *,
        film: str | PathLike[str] | None = None,
    ) -> Path:
        """Write an ELAN file (.eaf), a table (.csv) or captions (.vtt).

        Parameters
        ----------
        path
            The file. Tiers are added to an ELAN file that exists, and nothing in it is
            changed; other files must be new.
        film
            The film that an ELAN file links; `file` by default, if there is one.

        Raises
        ------
        MediaError
            If the file exists, cannot be written, or has another suffix.
        """
        from signnet.recognise.transcript_files import save_transcript

        out, linked = as_path(path, "path"), as_path(film or self.file, "film")
        is_film = linked.is_file() and linked.suffix.lower() not in LANDMARK_FILES
        save_transcript(self, out, linked if is_film else None)
        return out
