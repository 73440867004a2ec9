"""Fetch models from the Hugging Face Hub by name, and send them there on request.

An address is `hf:OWNER/NAME` or `hf:OWNER/NAME@REVISION`. Only an address makes signnet
import huggingface_hub and reach the network for a model. What is fetched stays in that
library's cache, so that a model that was fetched once also opens offline.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from signnet.errors import ModelError, SettingsError, needs_extra, one_line
from signnet.recognise.exemplars import ANCHORS
from signnet.recognise.expression import FILE
from signnet.recognise.model_card import CARD, GRAPH
from signnet.recognise.taught_file import TAUGHT

__all__ = [
    "HUB_CARD",
    "MODEL_FILES",
    "check_repository",
    "fetch_model",
    "is_address",
    "send_model",
]

HUB_CARD = "README.md"
"""The model card that the Hub shows and reads."""

MODEL_FILES = (GRAPH, CARD, ANCHORS, FILE, TAUGHT, "motions.parquet", "words.json")
"""All that a model may consist of; nothing else is fetched or sent."""

_PREFIX = "hf:"
_PART = r"[A-Za-z0-9](?:[\w.\-]{0,94}[A-Za-z0-9])?"
_REPOSITORY = re.compile(rf"{_PART}/{_PART}", re.ASCII)
_REVISION = re.compile(r"[\w.\-/]{1,250}", re.ASCII)


def is_address(model: object) -> bool:
    """Return whether a model is named by its address on the Hub."""
    return isinstance(model, str) and model.startswith(_PREFIX)


def check_repository(name: str) -> str:
    """Return a repository's name; SettingsError unless it is `OWNER/NAME`."""
    found = name.removeprefix(_PREFIX) if isinstance(name, str) else ""
    if not _REPOSITORY.fullmatch(found) or ".." in found or "--" in found:
        raise SettingsError(
            f"{name!r:.80} is not a repository on the Hub; expected OWNER/NAME, such "
            "as ada/bangla-signs"
        )
    return found


def fetch_model(address: str) -> Path:
    """Fetch a model from the Hub, or find the copy that was fetched before.

    Parameters
    ----------
    address
        `hf:OWNER/NAME`, or `hf:OWNER/NAME@REVISION` for a branch, tag or commit.

    Returns
    -------
    Path
        A folder in the cache of huggingface_hub.

    Raises
    ------
    SettingsError
        If the address is malformed, or huggingface_hub is not installed.
    ModelError
        If there is no such model, it may not be read, or the Hub cannot be reached and
        no copy is here.
    """
    name, _, revision = address.removeprefix(_PREFIX).partition("@")
    repository = check_repository(name)
    if "@" in address and not _REVISION.fullmatch(revision):
        raise SettingsError(f"{address}: after @, expected a branch, tag or commit")
    with needs_extra("hub", f"the model {address}"):
        from huggingface_hub import snapshot_download
    with _one_line(f"{_PREFIX}{repository}"):
        folder = Path(
            snapshot_download(
                repository,
                revision=revision or None,
                allow_patterns=list(MODEL_FILES),
                library_name="signnet",
            )
        )
    if missing := [one for one in (GRAPH, CARD) if not (folder / one).is_file()]:
        raise ModelError(
            f"{address} holds no signnet model: {' and '.join(missing)} not found; "
            "check the name, or publish one with `signnet publish`"
        )
    return folder


def send_model(
    folder: Path, files: list[str], card: str, repository: str, *, public: bool
) -> str:
    """Make a repository if there is none, and send a model to it in one commit.

    Parameters
    ----------
    folder
        The model's folder.
    files
        The names of the files to send.
    card
        Text of the card, with its metadata.
    repository
        `OWNER/NAME`.
    public
        Whether a new repository can be read by everybody; one that exists stays as it
        is.

    Returns
    -------
    str
        The address of the commit.

    Raises
    ------
    SettingsError
        If huggingface_hub is not installed.
    ModelError
        If the Hub refuses, or cannot be reached.
    """
    with needs_extra("hub", "publishing a model"):
        from huggingface_hub import CommitOperationAdd, HfApi
    operations = [CommitOperationAdd(HUB_CARD, card.encode())]
    operations += [CommitOperationAdd(one, folder / one) for one in files]
    hub = HfApi(library_name="signnet")
    with _one_line(f"{_PREFIX}{repository}"):
        hub.create_repo(repository, private=not public, exist_ok=True)
        sent: Any = hub.create_commit(
            repository, operations, commit_message="Publish a model of signnet"
        )
    return str(sent.commit_url)


@contextmanager
def _one_line(address: str) -> Generator[None]:
    """Turn the errors of huggingface_hub into one line that says what to do."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # those of its transport share no public base
        raise ModelError(f"{address}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError):
        return (
            "its owner asks readers to agree to terms; do so on its page, and log in "
            "with `hf auth login`"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return "it has no such branch, tag or commit; leave out what follows @"
    if status in (401, 403) or isinstance(error, errors.LocalTokenNotFoundError):
        return (
            "there is no such model, or you may not use it; check the name, and log in "
            "with `hf auth login`"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return "there is no such model on the Hub; check the name"
    if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled):
        return (
            "the Hub cannot be reached, and no copy is here; go online (without "
            "HF_HUB_OFFLINE) and try again"
        )
    cause = error.__cause__ or error  # "Error while uploading" alone helps nobody
    said = one_line(cause, 160) or type(cause).__name__
    return f"the Hub failed ({said}); try again later"
