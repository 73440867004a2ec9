"""Open models, recognise files, teach models, and look signs up."""

from collections.abc import Iterable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Union

from signnet.api.arguments import DataLike, PathLikeText, open_data
from signnet.dataset import Progress, no_progress
from signnet.errors import SettingsError, SignnetError
from signnet.files import as_path

if TYPE_CHECKING:
    from signnet.recognise.inputs import Source
    from signnet.recognise.model import Model
    from signnet.recognise.recogniser import Answer
    from signnet.recognise.search import Found

__all__ = ["ModelLike", "enrol", "load", "predict", "search"]

ModelLike = Union[str, PathLike[str], "Model"]
"""A shipped model's name, a run (also its `Run`), an exported folder, a model, or
`hf:OWNER/NAME`."""


def load(model: "ModelLike" = "bdsl55") -> "Model":
    """Open a model.

    Parameters
    ----------
    model
        The name of a shipped model, the folder of a run or an export, or
        `hf:OWNER/NAME[@REVISION]` for one on the Hugging Face Hub.

    Raises
    ------
    ModelError
        If there is none, the run is unfinished, or a file is broken.
    """
    from signnet.recognise.model import Model

    return model if isinstance(model, Model) else Model.open(model)


def predict(
    files: Iterable[PathLikeText],
    model: "ModelLike" = "bdsl55",
    *,
    progress: Progress = no_progress,
) -> "Iterator[tuple[str, Answer | SignnetError]]":
    """Name the sign in each clip of files and folders, one after the other.

    Parameters
    ----------
    files
        Videos, .parquet, .pose or .npz files, datasets, or folders of videos.
    model
        See `load`.
    progress
        Callback `(done, total)`, counting files.

    Yields
    ------
    tuple[str, Answer or SignnetError]
        The file, followed by `#` and the clip's name if it holds several clips; and the
        answer, or the error that stopped the reading of this file.

    Raises
    ------
    ModelError
        If the model cannot be opened, or knows no gloss.
    """
    from signnet.recognise.inputs import list_each, read_clips

    asked = load(model)
    asked.recogniser.require_words()
    found = list_each(files, "file")
    for number, (file, refused) in enumerate(found, 1):
        if refused:
            yield str(file), refused
        else:
            try:
                for label, clip in read_clips(file, pace=asked.recogniser.pace):
                    yield label, asked.recogniser.recognise(clip)
            except SignnetError as error:
                yield str(file), error
        progress(number, len(found))


def enrol(
    model: "ModelLike",
    clips: PathLikeText | None = None,
    *,
    gloss: str | None = None,
    index: PathLikeText | None = None,
    forget: Iterable[str] = (),
    despite_doubts: bool = False,
    progress: Progress = no_progress,
) -> "Model":
    """Teach a model your way of signing, or new words, from a file or folder.

    Parameters
    ----------
    model
        See `load`; it is not changed.
    clips
        A dataset, a file of clips, a video, or a folder of videos: one folder per
        gloss, or file names in the form that `extract` reads.
    gloss
        The gloss of all these clips.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    forget
        Glosses to remove first.
    despite_doubts
        Teach clips that look like another word, or unlike each other, as well.
    progress
        Callback `(done, total)` for videos.

    Returns
    -------
    Model
        The taught model, in memory; its `save` writes it.

    Raises
    ------
    SettingsError
        If there is nothing to teach and nothing to forget.
    DatasetError, MediaError, ModelError
        If the clips cannot be read or are doubtful, or the model cannot be taught.
    """
    forgotten = (forget,) if isinstance(forget, str) else tuple(forget)
    if clips is None and not forgotten:
        raise SettingsError("nothing to do: give clips to teach, or --forget GLOSS")
    taught = load(model)
    for one in forgotten:
        taught = taught.forget(one)
    if clips is None:
        return taught
    from signnet.recognise.inputs import read_labelled

    labelled = read_labelled(
        as_path(clips, "clips"),
        gloss=gloss,
        index=None if index is None else as_path(index, "index"),
        pace=taught.recogniser.pace,
        progress=progress,
    )
    return taught.teach(labelled, despite_doubts=despite_doubts)


def search(
    source: "Source",
    data: DataLike,
    *,
    model: "ModelLike" = "bdsl55",
    most: int = 10,
) -> "list[Found]":
    """Look a sign up: list the clips of a dataset that are most similar to it.

    Parameters
    ----------
    source
        A video, a file with one clip, a clip or an array; see `Model.__call__`.
    data
        The dataset to search.
    model
        See `load`.
    most
        Largest number of clips to return.

    Raises
    ------
    SettingsError
        If `most` is less than 1.
    DatasetError, MediaError, ModelError
        If the sign or the dataset cannot be read, or the model has no exemplars.
    """
    if not isinstance(most, int) or most < 1:
        raise SettingsError(f"most is {most!r:.60}; it should be 1 or more")
    return load(model).search(source, open_data(data), most)
