"""The command that sends a model to the Hugging Face Hub, once it is confirmed."""

from typing import TYPE_CHECKING

from signnet.cli.console import show

if TYPE_CHECKING:
    from signnet.api.publish import Publication


def publish(
    model: str,
    repository: str,
    *,
    licence: str | None = None,
    dataset: list[str] | None = None,
    public: bool = False,
    yes: bool = False,
) -> None:
    """Send a model to the Hugging Face Hub; without --yes, only show what is sent.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    repository
        OWNER/NAME on the Hub; it is created if it does not exist.
    licence
        The Hub's identifier of the model's licence, such as mit, cc-by-4.0 or other.
    dataset
        A dataset on the Hub that the model was trained on; may be repeated.
    public
        Let everybody read a new repository; by default only its owner can.
    yes
        Send the model.
    """
    from signnet.api.publish import prepare_publication
    from signnet.api.publish import publish as send

    ready = prepare_publication(
        model, repository, licence=licence, datasets=dataset or ()
    )
    for line in _lines(ready):
        show(line)
    if not yes:
        show("Nothing was sent; add --yes to send it.")
        return
    address = send(
        model, repository, licence=licence, datasets=dataset or (), public=public
    )
    show(f"sent: {address}")


def _lines(ready: "Publication") -> list[str]:
    total = sum(ready.files.values()) / 1e6
    names = ", ".join(["README.md", *ready.files])
    lines = [f"hf:{ready.repository}: {names} ({total:.1f} MB)"]
    if ready.clips:
        signers = ", ".join(ready.signers[:5]) + (" ..." if ready.signers[5:] else "")
        lines.append(
            f"model.json names {ready.clips} clips and {len(ready.signers)} signers "
            f"({signers or 'unnamed'})"
        )
    if ready.sketches:
        lines.append(
            f"taught.json holds thinned skeletons of {ready.sketches} taught clips"
        )
    return lines
