"""Commands that use a model."""

from pathlib import Path
from typing import Any

from signnet.cli.console import app, end_with_failures, print_json
from signnet.cli.progress import progress_bar
from signnet.errors import SettingsError, SignnetError


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
    from signnet.recognise.predict import predict_file
    from signnet.recognise.recogniser import Recogniser

    if not files:
        raise SettingsError("no file to predict: give a video or a clip")
    recogniser = Recogniser.open(model)
    found: list[dict[str, Any]] = []
    failures: list[str] = []
    with progress_bar("clips") as progress:
        for number, file in enumerate(files, 1):
            try:
                found.extend(predict_file(recogniser, file))
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


def _print_prediction(entry: dict[str, Any]) -> None:
    best = entry["predictions"]
    words = ", ".join(f"{one['gloss']} {one['probability']:.0%}" for one in best)
    doubt = " (unsure)" if entry["abstained"] else ""
    face = entry["expression"]
    shown = f"; face: {face['label']} {face['probability']:.0%}" if face else ""
    print(f"{entry['file']}: {words}{doubt}{shown}")
