"""What a model would call the clips that nobody has named."""

from signnet.dataset import Dataset, Progress, no_progress
from signnet.recognise.recogniser import Prediction, Recogniser

__all__ = ["name_clips"]


def name_clips(
    data: Dataset, model: Recogniser, progress: Progress = no_progress
) -> dict[str, tuple[Prediction, ...]]:
    """Give the five best glosses for each clip without one, by the clip's name.

    Nothing for a clip without a hand, nor from a base that knows no word.

    Parameters
    ----------
    data
        The clips.
    model
        The model.
    progress
        Callback `(done, total)` before each clip.
    """
    names = [n for n, g in zip(data.names, data.column("gloss"), strict=True) if not g]
    found = dict[str, tuple[Prediction, ...]]()
    if not model.vocabulary or not names:
        return found
    for done, clip in enumerate(data.select(names)):
        progress(done, len(names))
        if clip.shows_hand:
            found[clip.name] = model.recognise(clip).top
    return found
