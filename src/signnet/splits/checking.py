"""Check a split against its dataset, and say what test and training clips share."""

from collections.abc import Sequence

from signnet.dataset import Dataset
from signnet.errors import DatasetError, one_line
from signnet.splits.split import Split, groups_of

__all__ = ["TrainedClip", "check", "describe_overlap"]

TrainedClip = tuple[str, str | None, str | None]
"""Name, signer and session of a clip that a model was trained on."""


def check(split: Split, data: Dataset) -> None:
    """Check that a split names known clips and keeps its groups whole.

    Raises
    ------
    DatasetError
        If not; it names a clip, session or signer at fault.
    """
    groups = groups_of(data, split.by)
    for fold in split.folds:
        unknown = [name for name in (*fold.train, *fold.test) if name not in groups]
        if unknown:
            raise DatasetError(
                f"the split names {len(unknown)} clips that are not in the dataset, "
                f"for example {one_line(unknown[0], 80)}; was it made for other data?"
            )
        shared = {groups[name] for name in fold.train} & {
            groups[name] for name in fold.test
        }
        if shared:
            raise DatasetError(
                f"the split promises to hold out by {split.by}, but {split.by} "
                f"{one_line(min(shared), 80)} is on both sides; make it again with "
                "`signnet split`"
            )


def describe_overlap(
    tested: Sequence[str],
    trained_on: Sequence[TrainedClip],
    signers: Sequence[str | None],
    sessions: Sequence[str | None],
) -> str:
    """Name the unit that tested clips do not share with the clips trained on.

    Parameters
    ----------
    tested
        Names of the tested clips.
    trained_on
        The clips that the model was trained on.
    signers, sessions
        Signer and session of each tested clip; None where unknown.

    Returns
    -------
    str
        Begins with nothing, clips, sessions or signers, and says what is shared.
    """
    names = {clip[0] for clip in trained_on}
    if shared := sum(name in names for name in tested):
        return f"nothing: {shared} of {len(tested)} clips were trained on"
    known = {clip[1] for clip in trained_on}
    if not all(signers) or None in known:
        return "clips; the signers are not all labelled"
    both = set(zip(signers, sessions, strict=True))
    trained = {clip[1:] for clip in trained_on}
    if known.isdisjoint(signers):
        return "signers"
    if shared := sum(session is not None for _, session in both & trained):
        return (
            f"clips; {shared} of {len(both)} sessions and their signers were trained on"
        )
    if any((signer, None) in both | trained for signer in known & {*signers}):
        return "clips; the sessions are not all labelled"
    return "sessions; the signers were trained on"
