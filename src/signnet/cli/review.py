"""The command that shows doubtful clips, so that you can decide in the browser."""

from pathlib import Path

from signnet.cli.console import show, tell
from signnet.cli.progress import progress_bar


def review(data: Path, *, out: Path, model: str = "base", sample: int = 2000) -> None:
    """Write a page that plays doubtful clips: accept, relabel or drop each with a key.

    From the page you download an index for `import` and `extract`, with all labels and
    your decisions. It also shows pairs of glosses that look like one sign, glosses that
    look like two signs, and clips without a gloss, such as the unsure signs that
    `transcribe --clips` keeps; for these, a model that knows words offers its five best
    glosses.

    Parameters
    ----------
    data
        A dataset, or a folder of clips in the layout of bdsl-npz.
    out
        Write the page (review.html) and review.json into this folder.
    model
        The model that compares clips: the base, or a taught or trained model.
    sample
        Check about this number of clips; 0 for all.
    """
    from signnet.doctor.likeness import compare_forms
    from signnet.doctor.naming import name_clips
    from signnet.doctor.summary import summarise
    from signnet.formats import open_clips
    from signnet.recognise.recogniser import Recogniser
    from signnet.reports.review import cases_of, write_review

    clips = open_clips(data)
    base = Recogniser.open(model)
    with progress_bar("clips checked") as progress:
        summary = summarise(clips, sample=sample or None, progress=progress)
    with progress_bar("clips compared") as progress:
        some = clips.sample(sample or None, 0)
        likeness = compare_forms(some, base, progress)
    with progress_bar("clips named") as progress:
        named = name_clips(clips, base, progress)
    cases = cases_of(clips, summary.findings, likeness, named)
    page = write_review(clips, cases, out, title=data.name)
    show(f"{len(cases)} of {len(clips)} clips to review")
    for twins in likeness.twins:
        show(f"twins: {' and '.join(twins.glosses)}")
    for variants in likeness.variants:
        sizes = " and ".join(str(len(form)) for form in variants.forms)
        show(f"variants: {variants.gloss} ({sizes} clips)")
    tell(f"page: {page}")
