"""Measure models on clips they have not seen, and compare them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signnet.api.arguments import DataLike, PathLikeText, name_of_data, open_data
from signnet.api.models import ModelLike, load
from signnet.api.train import SplitLike, choose_clips
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import SettingsError
from signnet.files import as_path

if TYPE_CHECKING:
    from signnet.evaluation.comparison import Comparison, Pair
    from signnet.evaluation.evaluation import Evaluation
    from signnet.recognise.model import Model

__all__ = ["ModelComparison", "ModelEvaluation", "compare", "evaluate"]


@dataclass(frozen=True, eq=False)
class ModelEvaluation:
    """The figures of one model on one dataset."""

    result: "Evaluation"
    """All figures; the most common ones are attributes here."""

    model: "Model"
    data: Dataset
    """The clips that were measured."""

    model_name: str
    data_name: str

    @property
    def clips(self) -> int:
        """Number of clips."""
        return self.result.clips

    @property
    def top1(self) -> float:
        """Fraction of clips whose most probable gloss is right."""
        return self.result.top1

    @property
    def top1_ci95(self) -> tuple[float, float]:
        """Wilson's 95 % interval of `top1`, as if clips were independent."""
        return self.result.top1_ci95

    @property
    def top5(self) -> float:
        """Fraction of clips whose gloss is among the five most probable."""
        return self.result.top5

    @property
    def macro_f1(self) -> float:
        """F1 score, averaged over glosses."""
        return self.result.macro_f1

    @property
    def held_out(self) -> str:
        """What the model had not seen of these clips, in words."""
        return self.result.held_out

    def to_json(self) -> dict[str, Any]:
        """Return the object that `signnet evaluate --json` prints."""
        return self.result.to_json()

    def report(
        self,
        folder: PathLikeText,
        *,
        title: str | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Path:
        """Write report.html, evaluation.json and tables as CSV and LaTeX.

        Parameters
        ----------
        folder
            The folder; it is created, and an earlier report in it is replaced.
        title
            The heading; model and data by default.
        facts
            Further lines about the run, such as its command.

        Returns
        -------
        Path
            The page.

        Raises
        ------
        SettingsError
            If the folder cannot be written.
        """
        from signnet.evaluation.provenance import facts_of_clips, facts_of_model
        from signnet.reports.evaluation import write_report
        from signnet.reports.learning import read_curves
        from signnet.reports.markup import subject_html

        own = {"Model": self.model_name, "Data": self.data.path or self.data_name}
        own |= facts_of_model(self.model.recogniser) | facts_of_clips(self.data)
        names = {"model": self.model_name, "data": self.data_name}
        default = "{model} on {data}"
        return write_report(
            self.result,
            as_path(folder, "folder"),
            title=title or default.format(**names),
            heading="" if title else subject_html(default, names),
            facts=own | dict(facts or {}),
            curves=read_curves(self.model.folder),
            data=self.data,
        )


@dataclass(frozen=True, eq=False)
class ModelComparison:
    """Models on the same clips, and every pair of them compared."""

    result: "Comparison"
    models: "dict[str, Model]"
    """The models, by their names in the result."""

    data: Dataset
    """The clips that were measured."""

    data_name: str

    @property
    def evaluations(self) -> "dict[str, Evaluation]":
        """Figures of each model, by its name."""
        return self.result.evaluations

    @property
    def pairs(self) -> "tuple[Pair, ...]":
        """Each pair of models: the difference, its interval and its p-value."""
        return self.result.pairs

    def to_json(self) -> dict[str, Any]:
        """Return the object that `signnet compare --json` prints."""
        return self.result.to_json()

    def report(
        self,
        folder: PathLikeText,
        *,
        title: str | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Path:
        """Write comparison.html, comparison.json and tables as CSV and LaTeX.

        Parameters and errors are those of `ModelEvaluation.report`.
        """
        from signnet.evaluation.provenance import facts_of_clips
        from signnet.reports.comparison import write_comparison
        from signnet.reports.learning import read_curves
        from signnet.reports.markup import subject_html

        own = {"Data": self.data.path or self.data_name} | facts_of_clips(self.data)
        own |= {f"sha256: {n}": m.recogniser.sha256 for n, m in self.models.items()}
        names, number = {"data": self.data_name}, len(self.models)
        default = "{number} models on {data}"
        return write_comparison(
            self.result,
            as_path(folder, "folder"),
            title=title or default.format(number=number, **names),
            heading="" if title else subject_html(default, names, number),
            facts=own | dict(facts or {}),
            curves={n: read_curves(one.folder) for n, one in self.models.items()},
            data=self.data,
        )


def evaluate(
    model: ModelLike,
    data: DataLike,
    *,
    split: SplitLike | None = None,
    fold: int = 0,
    progress: Progress = no_progress,
) -> ModelEvaluation:
    """Measure a model on clips, and state what it had not seen of them.

    Parameters
    ----------
    model
        A model, a run, its folder, an exported folder, or a shipped model's name.
    data
        A dataset or its path; the clips need a gloss.
    split
        Measure on the held-out clips of this split only.
    fold
        Index of the fold of the split.
    progress
        Callback `(done, total)`, counting clips.

    Raises
    ------
    ModelError
        If the model cannot be opened.
    DatasetError
        If the data or the split cannot be read, or clips lack glosses.
    """
    from signnet.evaluation.evaluation import evaluate as score
    from signnet.evaluation.predictions import predict_dataset

    held = _held_out(data, split, fold)
    opened = load(model)
    result = score(predict_dataset(opened.recogniser, held, progress))
    return ModelEvaluation(result, opened, held, _name_of(model), name_of_data(data))


def compare(
    models: Sequence[ModelLike] | Mapping[str, ModelLike],
    data: DataLike,
    *,
    split: SplitLike | None = None,
    fold: int = 0,
    progress: Progress = no_progress,
) -> ModelComparison:
    """Compare models on the same clips, and test which differences may be chance.

    Parameters
    ----------
    models
        Two or more models as in `evaluate`; a mapping gives them other names.
    data
        A dataset or its path; the clips need a gloss.
    split
        Compare on the held-out clips of this split only.
    fold
        Index of the fold of the split.
    progress
        Callback `(done, total)`, counting clips of all models.

    Raises
    ------
    SettingsError
        If there are fewer than two different models, or two opened ones have one name.
    ModelError, DatasetError
        As for `evaluate`.
    """
    from signnet.evaluation.comparison import compare as score
    from signnet.evaluation.predictions import predict_dataset

    if isinstance(models, str | PathLike) or not isinstance(models, Iterable):
        models = [models]
    named = models if isinstance(models, Mapping) else _named(models)
    if len(named) < 2:
        raise SettingsError("compare needs two or more different models")
    held = _held_out(data, split, fold)
    opened = {name: load(model) for name, model in named.items()}
    predictions = {
        name: predict_dataset(
            model.recogniser, held, _share(progress, number, len(opened))
        )
        for number, (name, model) in enumerate(opened.items())
    }
    return ModelComparison(score(predictions), opened, held, name_of_data(data))


def _held_out(data: DataLike, split: SplitLike | None, fold: int) -> Dataset:
    opened = open_data(data)
    if split is None:
        return opened
    return opened.select(choose_clips(opened, split, fold).test)


def _share(progress: Progress, number: int, models: int) -> Progress:
    """Turn the progress of one model into the progress of all."""
    return lambda done, total: progress(number * total + done, models * total)


def _named(models: Iterable[ModelLike]) -> dict[str, ModelLike]:
    """Name each model; a path that is given twice is one model."""
    from signnet.recognise.model import Model

    named = dict[str, ModelLike]()
    for model in models:
        name = _name_of(model)
        other = named.setdefault(name, model)
        if other is not model and Model in (type(other), type(model)):
            raise SettingsError(
                f"two models are called {name}; give each a name of its own: "
                "{name: model}"
            )
    return named


def _name_of(model: ModelLike) -> str:
    from signnet.recognise.model import Model

    if isinstance(model, Model):
        return model.card.name
    as_path(model, "model")
    return fspath(model)
