"""Word-level sign language recognition from landmarks.

    import signnet

    model = signnet.load("bdsl55")
    answer = model("film.mp4")
    print(answer.gloss, answer.probability)

Everything is imported when it is first used, so that `import signnet` is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from signnet.errors import SignnetError

if TYPE_CHECKING:
    from signnet.api.data import extract, read, write
    from signnet.api.evaluate import ModelComparison, ModelEvaluation, compare, evaluate
    from signnet.api.models import load
    from signnet.api.publish import publish
    from signnet.api.train import Run, train
    from signnet.clip import Clip
    from signnet.dataset import Dataset
    from signnet.recognise.events import SignEvent
    from signnet.recognise.model import Model
    from signnet.recognise.recogniser import Answer

    __version__: str

__all__ = [
    "Answer",
    "Clip",
    "Dataset",
    "Model",
    "ModelComparison",
    "ModelEvaluation",
    "Run",
    "SignEvent",
    "SignnetError",
    "__version__",
    "compare",
    "evaluate",
    "extract",
    "load",
    "publish",
    "read",
    "train",
    "write",
]

_HOMES = {
    "Answer": "signnet.recognise.recogniser",
    "Clip": "signnet.clip",
    "Dataset": "signnet.dataset",
    "Model": "signnet.recognise.model",
    "ModelComparison": "signnet.api.evaluate",
    "ModelEvaluation": "signnet.api.evaluate",
    "Run": "signnet.api.train",
    "SignEvent": "signnet.recognise.events",
    "compare": "signnet.api.evaluate",
    "evaluate": "signnet.api.evaluate",
    "extract": "signnet.api.data",
    "load": "signnet.api.models",
    "publish": "signnet.api.publish",
    "read": "signnet.api.data",
    "train": "signnet.api.train",
    "write": "signnet.api.data",
}
"""Where each public name is defined."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("signnet")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
