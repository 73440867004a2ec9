"""Commands that use a model."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signnet.cli.console import app, end_with_failures, print_json
from signnet.display import progress_bar
from signnet.errors import SettingsError, SignnetError

if TYPE_CHECKING:
    from signnet.clip import Clip


@app.command
def predict(
    *files: Path,
    model: str = "bdsl55",
    json: bool = False,
) -> None:
    """Name the sign in videos or in clips of landmarks.

    Parameters
    ----------
    files
        Videos, dataset files (.parquet), dataset folders, or clips of bdsl-npz (.npz).
    model
        A run folder, an exported folder, or the name of a shipped model.
    json
        Print a list with one object per clip.
    """
    from signnet.recogniser import Recogniser

    if not files:
        raise SettingsError("no file to predict: give a video or a clip")
    recogniser = Recogniser.open(model)
    found: list[dict[str, Any]] = []
    failures: list[str] = []
    with progress_bar("clips") as progress:
        for number, file in enumerate(files, 1):
            try:
                for label, clip in _clips_of(file):
                    answer = recogniser.recognise(clip)
                    found.append({"file": label, "frames": len(clip), **asdict(answer)})
            except SignnetError as error:
                failures.append(str(error))
            progress(number, len(files))
    if json:
        print_json(found)
    else:
        for entry in found:
            _print_prediction(entry)
    if failures and not found:
        raise SignnetError("\n".join(failures))
    end_with_failures(failures)


def _clips_of(file: Path) -> "Iterable[tuple[str, Clip]]":
    """Read a file's clips, each with its label for the answer."""
    if file.suffix in (".parquet", ".npz") or file.is_dir():
        from signnet.importers import open_clips

        data = open_clips(file)
        one = len(data) == 1
        return ((str(file) if one else f"{file}#{clip.name}", clip) for clip in data)
    from signnet.extract import extract_video

    return [(str(file), extract_video(file))]


def _print_prediction(entry: dict[str, Any]) -> None:
    best = entry["predictions"]
    words = ", ".join(f"{one['gloss']} {one['probability']:.0%}" for one in best)
    doubt = " (unsure)" if entry["abstained"] else ""
    print(f"{entry['file']}: {words}{doubt}")
