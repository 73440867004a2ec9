"""Commands that teach a model signs and look signs up."""

from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from signnet.cli.console import app, print_json
from signnet.cli.progress import progress_bar
from signnet.clip import Clip
from signnet.errors import MediaError, SettingsError


@app.command
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
        A run folder, an exported folder, or the name of a shipped model; it stays as
        it is.
    clips
        A dataset, a file of clips, a video, or a folder of videos: one folder per word,
        or names as `extract` reads them.
    out
        A new folder for the taught model.
    gloss
        The word that all of these clips show.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    forget
        A word to take out first; may be given several times.
    yes
        Teach clips that look like another word, or unlike each other, all the same.
    """
    from signnet.recognise.recogniser import find_model
    from signnet.recognise.teaching import Taught, refuse_doubts

    if clips is None and not forget:
        raise SettingsError("nothing to do: give clips to teach, or --forget WORD")
    folder = find_model(model)
    taught = Taught.open(folder)
    for word in forget or []:
        taught = taught.without(word)
    first = len(taught.clips)
    if clips is not None:
        taught = taught.with_clips(_labelled(clips, gloss, index))
        if not yes:
            refuse_doubts(taught, first)
    taught.save(out, folder)
    new = f", of them new: {', '.join(taught.new)}" if taught.new else ""
    print(
        f"model in {out}: {len(taught.clips) - first} clips taught, "
        f"{len(taught.vocabulary)} glosses{new}"
    )


def _labelled(path: Path, gloss: str | None, index: Path | None) -> list[Clip]:
    """Read or extract clips; MediaError if one of the videos fails."""
    if holds_landmarks(path):
        from signnet.formats import open_clips

        clips = list(open_clips(path))
    else:
        from signnet.dataset import Dataset
        from signnet.extract import extract_folder

        with TemporaryDirectory() as made, progress_bar("videos") as progress:
            report = extract_folder(path, Path(made), index=index, progress=progress)
            if report.failures:
                lines = [f"{file}: {reason}" for file, reason in report.failures]
                raise MediaError("\n".join([*lines, "nothing was taught"]))
            clips = list(Dataset.open(Path(made)))
    return [replace(clip, gloss=gloss) for clip in clips] if gloss else clips


def holds_landmarks(path: Path) -> bool:
    """Tell a file or folder of landmarks from videos."""
    from signnet.recognise.predict import LANDMARK_FILES

    if path.is_dir():
        return any(one.suffix in LANDMARK_FILES for one in path.iterdir())
    return path.suffix in LANDMARK_FILES


@app.command
def search(
    clip: Path,
    data: Path,
    *,
    model: str = "bdsl55",
    most: int = 10,
    json: bool = False,
) -> None:
    """Look a sign up: show the clips of a dataset that are most like it.

    Parameters
    ----------
    clip
        A video, or a file with one clip.
    data
        The dataset to look in.
    model
        A run folder, an exported folder, or the name of a shipped model.
    most
        How many clips to show.
    json
        Print a list with one object per clip.
    """
    from signnet.formats import open_clips
    from signnet.recognise.exemplars import Memory
    from signnet.recognise.recogniser import find_model
    from signnet.recognise.search import search as look_up

    if most < 1:
        raise SettingsError(f"most is {most}; it should be 1 or more")
    queries = _labelled(clip, None, None)
    if len(queries) != 1:
        raise SettingsError(f"{clip} holds {len(queries)} clips; give one")
    memory = Memory.open(find_model(model))
    found = look_up(memory, queries[0], open_clips(data), most)
    if json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        print(
            f"{one.likeness:.3f}\t{one.gloss or '?'}\t{one.signer or '?'}\t{one.clip}"
        )
