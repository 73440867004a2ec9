"""Word-level sign language recognition from landmarks.

    import signnet

    model = signnet.load("bdsl55")
    answer = model("film.mp4")
    print(answer.gloss, answer.probability)

Everything is imported when it is first used, so that `import signnet` is instant.
"""

import sys
from importlib import import_module
from types import ModuleType
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
    "read",
    "train",
    "write",
]

_API = "compare evaluate extract load read train write"

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


_FOLDERS = ("evaluate", "extract", "train")
"""Names of an API function and of the folder with its parts: one object is both."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("signnet")
    if name in _FOLDERS:
        return import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})


class _CallableFolder(ModuleType):
    """A subpackage that can be called as the API function of its name."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._function(*arguments, **options)

    @property
    def _function(self) -> Any:
        return getattr(import_module("signnet.api"), self.__name__.partition(".")[2])

    @property
    def __signature__(self) -> Any:
        from inspect import signature

        return signature(self._function)


class _Package(ModuleType):
    """Makes a subpackage callable when Python binds it to the name of a function.

    Importing `signnet.train.run` sets the attribute `train` of this package, which
    would otherwise hide `signnet.train(...)`.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FOLDERS and isinstance(value, ModuleType):
            value.__class__ = _CallableFolder
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
