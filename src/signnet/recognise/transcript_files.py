"""Transcripts as files: ELAN tiers, a table (CSV), captions (WebVTT)."""

import csv
from io import StringIO
from pathlib import Path

from signnet.errors import MediaError
from signnet.files import guarded, write_text
from signnet.formats.elan import NewTier, write_eaf
from signnet.recognise.transcript import Segment, Transcript

__all__ = ["SURE_TIER", "TRANSCRIPT_FORMATS", "UNSURE_TIER", "save_transcript"]

TRANSCRIPT_FORMATS = ("eaf", "csv", "vtt")
"""Suffixes of the files that a transcript can be saved as."""

SURE_TIER, UNSURE_TIER = "signnet gloss", "signnet unsure"
"""Tiers of the signs that the model is sure of, and of those to look at."""

_COLUMNS = ("start", "end", "gloss", "probability", "unsure", "hand", "group")
_TOP = 5


def save_transcript(transcript: Transcript, path: Path, film: Path | None) -> None:
    """Write a transcript as its suffix says: .eaf, .csv or .vtt.

    Parameters
    ----------
    transcript
        What was found.
    path
        The file. An ELAN file may exist: tiers are added to it, and nothing else is
        changed. Other files must be new.
    film
        The film to link in an ELAN file; None for landmarks without a film.

    Raises
    ------
    MediaError
        If the file exists, cannot be written, or has another suffix.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in TRANSCRIPT_FORMATS:
        known = ", ".join(f".{one}" for one in TRANSCRIPT_FORMATS)
        raise MediaError(f"{path}: a transcript is written as {known}; name it so")
    if kind == "eaf":
        write_eaf(path, _tiers(transcript), film)
        return
    if path.exists():
        raise MediaError(f"{path} exists already; move it, or choose another --out")
    text = _table(transcript) if kind == "csv" else _captions(transcript)
    write_text(path, text, MediaError)


def _tiers(transcript: Transcript) -> list[NewTier]:
    """Give a tier of sure signs and one of unsure ones, each with what is about it."""
    tiers = list[NewTier]()
    for name, is_unsure in ((SURE_TIER, False), (UNSURE_TIER, True)):
        chosen = [one for one in transcript.segments if one.unsure == is_unsure]
        tiers.append(_tier(name, [(one, one.text) for one in chosen]))
        if any(one.top for one in chosen):
            confidence = [(one, _percent(one.probability)) for one in chosen]
            best = [(one, _best(one)) for one in chosen]
            tiers.append(_tier(f"{name}: confidence", confidence, name))
            tiers.append(_tier(f"{name}: five best", best, name))
    return tiers


def _tier(
    name: str, texts: list[tuple[Segment, str]], about: str | None = None
) -> NewTier:
    annotations = [(one.start, one.end, text) for one, text in texts]
    return NewTier(name=name, annotations=annotations, about=about)


def _percent(probability: float | None) -> str:
    return "" if probability is None else f"{probability:.0%}"


def _best(segment: Segment) -> str:
    return ", ".join(f"{one.gloss} {one.probability:.0%}" for one in segment.top)


def _table(transcript: Transcript) -> str:
    """Return a row for each sign, with the five best in columns of their own."""
    text = StringIO(newline="")
    table = csv.writer(text)
    best = [f"{what}_{place}" for place in range(1, _TOP + 1) for what in ("top", "p")]
    table.writerow((*_COLUMNS, *best))
    for one in transcript.segments:
        content = one.to_json()
        row = [content.get(column) for column in _COLUMNS]
        row += [value for top in one.top for value in (top.gloss, top.probability)]
        table.writerow(map(guarded, row))
    return text.getvalue()


def _captions(transcript: Transcript) -> str:
    """Return captions for a player; unsure ones end in a question mark."""
    cues = [
        f"{_clock(one.start)} --> {_clock(max(one.end, one.start + 0.001))}\n"
        f"{_escaped(one.text)}{' ?' if one.unsure and one.top else ''}\n"
        for one in transcript.segments
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _escaped(text: str) -> str:
    text = " ".join(text.split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
