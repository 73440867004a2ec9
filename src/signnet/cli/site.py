"""The command that writes the page for the browser."""

from pathlib import Path

from signnet.cli.console import show
from signnet.cli.progress import progress_bar


def site(out: Path, *, model: str = "bdsl55", clips: Path | None = None) -> None:
    """Write the page that recognises signs live, for any static host.

    Parameters
    ----------
    out
        A new folder, or an earlier site, which is replaced.
    model
        A run folder, an exported folder, or the name of a shipped model.
    clips
        A dataset. Its clips give figures to words that have none; those of its words
        that the model does not know can be found by signing them.
    """
    from signnet.web.build import write_site

    with progress_bar("clips" if clips else "files") as progress:
        written = write_site(out, model, clips, progress)
    show(
        f"{written.files} files in {written.folder}: {written.words} words, "
        f"{written.motions} with a motion; a first visit loads "
        f"{written.download / 1e6:.1f} MB"
    )
