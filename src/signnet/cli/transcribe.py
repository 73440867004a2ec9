"""The command that finds the signs in long videos."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from signnet.cli.console import (
    counted,
    end_with_failures,
    print_json,
    show,
)
from signnet.cli.progress import progress_bar
from signnet.errors import SettingsError, SignnetError

if TYPE_CHECKING:
    from signnet.recognise.transcript import Transcript


def transcribe(
    *videos: Path,
    model: str = "bdsl55",
    json: bool = False,
    eaf: bool = False,
    csv: bool = False,
    vtt: bool = False,
    clips: bool = False,
    out: Path | None = None,
) -> None:
    """Find the signs in long videos: which sign, from when to when, and how sure.

    With a base, which knows no words, signs that look alike get the same number.

    Parameters
    ----------
    videos
        Videos of any length, folders of videos, or landmarks (.parquet, .pose, .npz).
    model
        A run folder, an exported folder, or the name of a shipped model.
    json
        Print a list with one object per video.
    eaf
        Write an ELAN file per video; if it exists already, add the tiers to it.
    csv
        Write a table per video (CSV).
    vtt
        Write captions per video (WebVTT).
    clips
        Write a dataset per video: each sign is a clip, without a gloss if unsure.
    out
        Folder for all these files; by default the folder of each video.
    """
    chosen = {"eaf": eaf, "csv": csv, "vtt": vtt, "clips": clips}
    formats = [kind for kind, wanted in chosen.items() if wanted]
    if not videos:
        raise SettingsError("no video to transcribe: give a video or its landmarks")
    if out is not None and not formats:
        raise SettingsError("--out is for files; add --eaf, --csv, --vtt or --clips")
    found, failures = list[Any](), list[str]()
    with progress_bar("seconds of video") as progress:
        from signnet.api.transcribe import transcribe as find_signs

        for _, one, written in find_signs(
            videos, model, formats=formats, out=out, progress=progress
        ):
            if isinstance(one, SignnetError):
                failures.append(str(one))
            elif json:
                found.append(one.to_json())
            else:
                found.append(one)
                _show(one, written)
    if json:
        print_json(found)
    if failures and not found:
        raise SignnetError("\n".join(failures))
    end_with_failures(failures)


def _show(transcript: "Transcript", written: list[Path]) -> None:
    """Print the files that were written, or else the signs."""
    segments = transcript.segments
    signs = counted(len(segments), "sign")
    unsure = sum(one.unsure for one in segments)
    for path in written:
        show(f"{path}: {signs}, {unsure} unsure")
    if written:
        return
    show(f"{transcript.file}: {signs}, {unsure} unsure")
    for one in segments:
        share = "" if one.probability is None else f" {one.probability:.0%}"
        doubt = " (unsure)" if one.unsure and one.top else ""
        line = f"  {one.start:8.2f} - {one.end:8.2f} s  {one.text}{share}{doubt}"
        show(line)
