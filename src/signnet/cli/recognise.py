"""Commands that use a model: name signs, teach them, look them up."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from signnet.cli.console import (
    counted,
    end_with_failures,
    print_json,
    show,
)
from signnet.cli.progress import progress_bar
from signnet.errors import ModelError, SettingsError, SignnetError

if TYPE_CHECKING:
    from signnet.recognise.model_card import ModelCard


def predict(*files: Path, model: str = "bdsl55", json: bool = False) -> None:
    """Name the sign in videos or in clips of landmarks.

    Parameters
    ----------
    files
        Videos, folders of videos, datasets or single files of them (.parquet), .pose
        files, or clips in the layout of bdsl-npz (.npz).
    model
        A run folder, an exported folder, or the name of a shipped model.
    json
        Print a list with one object per clip.
    """
    if not files:
        raise SettingsError("no file to predict: give a video or a clip")
    with progress_bar("files") as progress:
        from signnet.api.models import predict as ask

        answers = list(ask(files, model, progress=progress))
    failures = [str(one) for _, one in answers if isinstance(one, SignnetError)]
    found = [
        one.to_json(file) for file, one in answers if not isinstance(one, SignnetError)
    ]
    if json:
        print_json(found)
    else:
        for entry in found:
            show(_prediction_line(entry))
    if failures and not found:
        raise SignnetError("\n".join(failures))
    end_with_failures(failures)


def _prediction_line(entry: dict[str, Any]) -> str:
    glosses = ", ".join(
        f"{one['gloss']} {one['probability']:.0%}" for one in entry["predictions"]
    )
    reason = "" if entry["hand"] else ": no hand is seen"
    unsure = f" (unsure{reason})" if entry["abstained"] else ""
    face = entry["expression"]
    shown = f"; face: {face['label']} {face['probability']:.0%}" if face else ""
    hand = {"left": "; left hand", "right": "; right hand", "both": "; both hands"}
    made = hand.get(entry["hand"], "")
    return f"{entry['file']}: {glosses}{unsure}{made}{shown}"


def enrol(
    model: str,
    clips: Path | None = None,
    *,
    out: Path,
    gloss: str | None = None,
    index: Path | None = None,
    forget: list[str] | None = None,
    yes: bool = False,
) -> None:
    """Teach a model your way of signing, or new words, from 1 to 5 clips of each.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model; it is not
        changed.
    clips
        A dataset, a file of clips, a video, or a folder of videos with one subfolder
        per gloss or with file names in the form that `extract` reads.
    out
        A new folder for the taught model.
    gloss
        The gloss of all these clips.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    forget
        A gloss to remove first; may be repeated.
    yes
        Teach the clips even if some look like another word, or unlike each other.
    """
    if out.exists():
        raise ModelError(f"{out} exists already; choose another --out")
    with progress_bar("videos") as progress:
        from signnet.api.models import enrol as teach

        taught = teach(
            model,
            clips,
            gloss=gloss,
            index=index,
            forget=forget or (),
            despite_doubts=yes,
            progress=progress,
        )
        taught.save(out)
    show(f"model in {out}: {_lesson_line(taught.card, model)}")


def _lesson_line(card: "ModelCard", model: str) -> str:
    """Count the clips taught in this run, and name all glosses that are new."""
    from signnet.api.models import load

    before, after = load(model).card.enrolled, card.enrolled
    kept = {str(one["name"]) for one in before.clips} if before else set[str]()
    clips = after.clips if after else ()
    taught = sum(one["name"] not in kept for one in clips)
    new = f", of them new: {', '.join(after.new)}" if after and after.new else ""
    return f"{counted(taught, 'clip')} taught, {len(card.vocabulary)} glosses{new}"


def search(
    clip: Path,
    data: Path,
    *,
    model: str = "bdsl55",
    most: int = 10,
    json: bool = False,
) -> None:
    """Look a sign up: show the clips of a dataset that are most similar to it.

    Parameters
    ----------
    clip
        A video, or a file with one clip.
    data
        The dataset to search.
    model
        A run folder, an exported folder, or the name of a shipped model.
    most
        Show at most this number of clips.
    json
        Print a list with one object per clip.
    """
    with progress_bar("clips"):
        from signnet.api.models import search as look_up

        found = look_up(clip, data, model=model, most=most)
    if json:
        print_json([one.to_json() for one in found])
        return
    for one in found:
        gloss, signer = one.gloss or "?", one.signer or "?"
        line = f"{one.similarity:.3f}\t{gloss}\t{signer}\t{one.clip}"
        show(line)
