"""The model card for the Hugging Face Hub: metadata that it reads, and text for people.

A folder that holds a README.md of its own, as the shipped models do, is published with
that one. The metadata are YAML; texts in them are written as JSON, which YAML reads.
"""

import json
from collections.abc import Sequence

from signnet.recognise.model_card import ModelCard

__all__ = ["hub_card"]

_TAGS = (
    "signnet",
    "sign-language",
    "sign-language-recognition",
    "landmarks",
    "mediapipe",
    "onnx",
)

_SHOWN_GLOSSES = 60


def hub_card(
    card: ModelCard,
    repository: str,
    *,
    licence: str = "unknown",
    datasets: Sequence[str] = (),
) -> str:
    """Describe a model for the Hub.

    Parameters
    ----------
    card
        What is known about the model.
    repository
        `OWNER/NAME`, for the example.
    licence
        Identifier of the Hub, such as mit, cc-by-4.0, other or unknown.
    datasets
        Names of datasets on the Hub that the model was trained on.

    Returns
    -------
    str
        YAML between lines of dashes, and Markdown.
    """
    return f"{_metadata(licence, datasets)}\n{_text(card, repository, licence)}"


def _metadata(licence: str, datasets: Sequence[str]) -> str:
    lines = [
        "---",
        f"license: {json.dumps(licence)}",
        "library_name: signnet",
        "pipeline_tag: video-classification",
        "tags:",
        *(f"- {tag}" for tag in _TAGS),
    ]
    if datasets:
        lines += ["datasets:", *(f"- {json.dumps(one)}" for one in datasets)]
    return "\n".join([*lines, "---", ""])


def _text(card: ModelCard, repository: str, licence: str) -> str:
    signers = {signer for _, signer, _ in card.trained_on if signer}
    parts = [
        f"# {repository.rpartition('/')[2]}",
        "A signnet model (`pip install 'signnet[hub]'`): it names one of "
        f"{len(card.vocabulary)} signs from the landmarks of one signed word."
        if card.vocabulary
        else "A signnet base: it embeds signs, and names none until it is taught.",
        f'```python\nimport signnet\n\nmodel = signnet.load("hf:{repository}")\n'
        'print(model("film.mp4").gloss)\n```',
        f"## Data and terms\n\nIt has seen {len(card.trained_on)} clips by "
        f"{len(signers) or 'unnamed'} signers. {_terms(card, licence)}",
        _figures(card),
    ]
    if card.vocabulary:
        parts.append(_vocabulary(card.vocabulary))
    parts.append(
        "## Limits\n\nOne word per clip; no sentences. It is often wrong for signers "
        "that its data lacks. Not for interpreting for Deaf people in medical, legal "
        "or other consequential settings, nor for watching, identifying or judging "
        "people."
    )
    return "\n\n".join(parts) + "\n"


def _terms(card: ModelCard, licence: str) -> str:
    """Say what is known of the terms, and that a base brings its own."""
    named = (
        "Its publisher named no licence: ask before you use it for anything but "
        "research."
        if licence == "unknown"
        else f"Its publisher named the licence {licence}."
    )
    if not card.base:
        return named
    base = card.base.get("name") or "base"
    return (
        f"{named} It contains `{base}`, an encoder that learnt from other corpora, so "
        "their terms apply as well (those of signnet's own base: research only)."
    )


def _figures(card: ModelCard) -> str:
    held_out = card.held_out or "unknown"
    if not card.metrics:
        return f"## Figures\n\nHeld out: {held_out}. Not measured."
    rows = [f"| {name} | {figure:.3f} |" for name, figure in card.metrics.items()]
    table = "\n".join(["| what | figure |", "|---|---|", *rows])
    return f"## Figures\n\nHeld out: {held_out}.\n\n{table}"


def _vocabulary(glosses: Sequence[str]) -> str:
    shown = ", ".join(glosses[:_SHOWN_GLOSSES])
    more = len(glosses) - _SHOWN_GLOSSES
    return f"## Vocabulary\n\n{shown}{f' and {more} more' if more > 0 else ''}."
