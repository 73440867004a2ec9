"""Pre-training: from corpora of many words to a base."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from signnet.api.arguments import DataLike, PathLikeText, name_of_data, open_data
from signnet.config.base import BaseConfig
from signnet.errors import SettingsError, needs_extra
from signnet.files import as_path

if TYPE_CHECKING:
    from signnet.training.pretrain import BaseReport
    from signnet.training.progress import StageWatcher

__all__ = ["pretrain"]


def pretrain(
    corpora: Sequence[DataLike],
    *,
    out: PathLikeText,
    config: BaseConfig | None = None,
    seed: int = 0,
    threads: int | None = None,
    resume: bool = False,
    watch: "Callable[[BaseReport], None] | None" = None,
    stage: "StageWatcher | None" = None,
) -> Path:
    """Learn an encoder of signs from many words of many corpora.

    Parameters
    ----------
    corpora
        Datasets or their paths. The same gloss in two of them is two words.
    out
        The base's folder.
    config
        Settings; the defaults are those of the shipped base.
    seed
        Seed for variants, weights and order.
    threads
        Threads of torch; None leaves the number as it is.
    resume
        Continue an unfinished pre-training exactly.
    watch
        Callback `(report)` after each epoch.
    stage
        Callback `(name, done, total)` while the variants are made.

    Returns
    -------
    Path
        The folder, with `model.onnx`, `model.json` and `base.json`.

    Raises
    ------
    SettingsError
        If no corpus is given, two have the same name, or the extra `train` is missing.
    DatasetError
        If a corpus cannot be read, or fewer than two words are left.
    ModelError
        If the folder holds another base, or cannot be written.
    """
    folder = as_path(out, "out")
    if not corpora:
        raise SettingsError("no corpus to learn from; give one or more datasets")
    opened = [(name_of_data(one), open_data(one)) for one in corpora]
    names = [name for name, _ in opened]
    if len(set(names)) < len(names):
        raise SettingsError(
            f"two corpora are called {max(names, key=names.count)}; give each dataset "
            "once, in a folder with a name of its own"
        )
    with needs_extra("train", "pre-training"):
        from signnet.training.pretrain import PretrainSettings, pretrain_base
    settings = PretrainSettings(
        config=config or BaseConfig(), seed=seed, threads=threads, resume=resume
    )
    pretrain_base(opened, settings, folder, watch, stage)
    return folder
