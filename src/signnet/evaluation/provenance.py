"""Where the figures of a report come from: signers, date, version, hashes."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version

from signnet.dataset import Dataset
from signnet.evaluation.metrics import UNKNOWN
from signnet.recognise.recogniser import Recogniser

__all__ = ["facts_of_clips", "facts_of_model"]


def facts_of_model(recogniser: Recogniser) -> dict[str, str]:
    """Name the signers that a model was trained on, and the hash of its graph."""
    signers = (signer for _, signer, _ in recogniser.card.trained_on)
    facts = {
        "Signers in training, with clips": _counted(signers),
        "sha256 of model.onnx": recogniser.sha256,
    }
    if taught := len(recogniser.taught.clips):
        facts["Clips taught afterwards"] = f"{taught}"
    return facts


def facts_of_clips(data: Dataset) -> dict[str, str]:
    """Name the signers of the clips, their hash, today's date and our version.

    The hash is that of the names in the order of their code points, each with a
    newline after it: `LC_ALL=C sort names.txt | sha256sum` gives the same.
    """
    lines = "".join(f"{name}\n" for name in sorted(data.names))
    return {
        "Signers measured, with clips": _counted(data.column("signer")),
        "sha256 of the clip names": hashlib.sha256(lines.encode()).hexdigest(),
        "Date": date.today().isoformat(),
        "Version of signnet": version("signnet"),
    }


def _counted(signers: Iterable[str | None]) -> str:
    counts = Counter(signer or UNKNOWN for signer in signers)
    return ", ".join(f"{name} {counts[name]}" for name in sorted(counts)) or "–"
