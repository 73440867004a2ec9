"""Send a model to the Hugging Face Hub, and show beforehand what would be sent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signnet.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from signnet.api.models import ModelLike

__all__ = ["Publication", "prepare_publication", "publish"]


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What would be sent, and where to."""

    repository: str
    """`OWNER/NAME`."""

    folder: "Path"
    files: dict[str, int]
    """Bytes of each file of the model, by name."""

    card: str
    """The card that the Hub shows, with its metadata."""

    clips: int
    """Clips that `model.json` names."""

    signers: tuple[str, ...]
    """Signers that it names."""

    sketches: int
    """Clips of which `taught.json` holds a thinned skeleton."""


def prepare_publication(
    model: "ModelLike",
    repository: str,
    *,
    licence: str | None = None,
    datasets: Iterable[str] = (),
) -> Publication:
    """Collect what `publish` sends; nothing is sent.

    Parameters
    ----------
    model
        See `signnet.load`.
    repository
        `OWNER/NAME` on the Hub.
    licence
        The Hub's identifier, such as mit, cc-by-4.0 or other; None for unknown. A
        shipped model has a card of its own, which states its terms.
    datasets
        Names of datasets on the Hub that the model was trained on.

    Raises
    ------
    SettingsError
        If the repository is not `OWNER/NAME`, or the licence no identifier.
    ModelError
        If the model cannot be opened, or was taught but not saved.
    """
    from signnet.api.models import load
    from signnet.recognise.hub import HUB_CARD, MODEL_FILES, check_repository
    from signnet.recognise.hub_card import hub_card

    name = check_repository(repository)
    _check_licence(licence)
    opened = load(model)
    if opened.is_unsaved:
        raise ModelError(
            "the model was taught since it was opened; save it first, and publish the "
            "folder it was saved to"
        )
    folder, card = opened.folder, opened.card
    files = {
        one: (folder / one).stat().st_size
        for one in MODEL_FILES
        if (folder / one).is_file()
    }
    own = folder / HUB_CARD
    if own.is_file() and licence is None:
        text = own.read_text(encoding="utf-8")
    else:
        terms = licence or "unknown"
        text = hub_card(card, name, licence=terms, datasets=tuple(datasets))
    return Publication(
        repository=name,
        folder=folder,
        files=files,
        card=text,
        clips=len(card.trained_on),
        signers=tuple(sorted({one for _, one, _ in card.trained_on if one})),
        sketches=len(card.enrolled.clips) if card.enrolled else 0,
    )


def publish(
    model: "ModelLike",
    repository: str,
    *,
    licence: str | None = None,
    datasets: Iterable[str] = (),
    public: bool = False,
) -> str:
    """Send a model to the Hugging Face Hub, as one commit.

    `hf auth login` or the environment variable HF_TOKEN tells the Hub who you are.

    Parameters
    ----------
    model, repository, licence, datasets
        See `prepare_publication`.
    public
        Let everybody read a new repository; else only its owner can.

    Returns
    -------
    str
        The address of the commit.

    Raises
    ------
    SettingsError
        See `prepare_publication`; or huggingface_hub is not installed.
    ModelError
        If the model cannot be opened, or the Hub refuses or cannot be reached.
    """
    from signnet.recognise.hub import send_model

    ready = prepare_publication(model, repository, licence=licence, datasets=datasets)
    return send_model(
        ready.folder, [*ready.files], ready.card, ready.repository, public=public
    )


def _check_licence(licence: str | None) -> None:
    if licence is None:
        return
    if not isinstance(licence, str) or not re.fullmatch(
        r"[a-z0-9][a-z0-9.\-]*", licence
    ):
        raise SettingsError(
            f"licence is {licence!r:.40}; expected an identifier of the Hub, such as "
            "mit, cc-by-4.0 or other"
        )
