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
    from signnet.api import (
        ModelComparison,
        ModelEvaluation,
        Run,
        compare,
        evaluate,
        extract,
        load,
        publish,
        read,
        train,
        write,
    )
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

_API = "compare evaluate extract load publish read train write"

_HOMES = {
    "Answer": "signnet.recognise.recogniser",
    "Clip": "signnet.clip",
    "Dataset": "signnet.dataset",
    "Model": "signnet.recognise.model",
    "SignEvent": "signnet.recognise.events",
    **dict.fromkeys(("ModelComparison", "ModelEvaluation", "Run"), "signnet.api"),
    **dict.fromkeys(_API.split(), "signnet.api"),
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
