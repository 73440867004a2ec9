"""The model that Python users call, stream to, teach and save."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TypeVar, overload

import numpy as np

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SettingsError
from signnet.files import as_path
from signnet.recognise.doubts import refuse_doubts
from signnet.recognise.events import SignEvent
from signnet.recognise.films import checked_frames, frames_of_clip, open_film
from signnet.recognise.inputs import Source, read_one
from signnet.recognise.lessons import labelled_clips
from signnet.recognise.model_card import ModelCard
from signnet.recognise.recogniser import (
    DEFAULT_MODEL,
    Answer,
    Recogniser,
    find_model,
)
from signnet.recognise.search import Found, refuse_without_hands, search
from signnet.recognise.sketch import sketch_of
from signnet.recognise.stream import StreamingRecogniser
from signnet.recognise.stream_settings import StreamSettings
from signnet.recognise.taught_model import save_model
from signnet.recognise.teaching import Taught, TaughtClip
from signnet.recognise.transcribing import transcribe
from signnet.recognise.transcript import Transcript

__all__ = ["Model"]

AnySource = TypeVar("AnySource", bound=Source)


class Model:
    """A model that names signs and can be taught.

    Made by `signnet.load`; `teach` and `forget` return new models and change nothing.

    Parameters
    ----------
    recogniser
        Computes the probabilities; it knows what was taught.
    folder
        The folder that the model was read from.
    """

    def __init__(self, recogniser: Recogniser, folder: Path) -> None:
        self.recogniser = recogniser
        self.folder = folder
        self._is_changed = False

    @classmethod
    def open(cls, model: str | PathLike[str] = DEFAULT_MODEL) -> "Model":
        """Open a run folder, an exported folder or a shipped model by name.

        Raises
        ------
        ModelError
            If there is none, or one of its files is broken.
        """
        folder = find_model(model)
        return cls(Recogniser.open(folder), folder)

    def __repr__(self) -> str:
        """Name the model and count its glosses."""
        return f"<Model {self.card.name}: {len(self.vocabulary)} glosses>"

    @property
    def card(self) -> ModelCard:
        """What is known about the model: data, figures, settings."""
        return self.recogniser.card

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The glosses that the model knows."""
        return self.recogniser.vocabulary

    @property
    def is_unsaved(self) -> bool:
        """Whether it was taught, or made to forget, since it was read."""
        return self._is_changed

    @overload
    def __call__(self, source: Source, *, fps: float | None = None) -> Answer: ...

    @overload
    def __call__(
        self,
        source: list[AnySource] | tuple[AnySource, ...] | Dataset,
        *,
        fps: float | None = None,
    ) -> list[Answer]: ...

    def __call__(
        self,
        source: Source | list[AnySource] | tuple[AnySource, ...] | Dataset,
        *,
        fps: float | None = None,
    ) -> Answer | list[Answer]:
        """Name the sign in a video, a file of landmarks, a clip or an array.

        Parameters
        ----------
        source
            A video, a file with one clip (.parquet, .pose, .npz), a clip, or an array
            float[time, 553, 3] in picture heights with NaN for joints that were not
            seen; or a list or dataset of them.
        fps
            Frames a second of arrays.

        Returns
        -------
        Answer or list[Answer]
            One answer, or one for each element of a list.

        Raises
        ------
        SignnetError
            If a source cannot be read, or holds more or less than one clip.
        """
        if isinstance(source, list | tuple | Dataset):
            return [self._answer(one, fps) for one in source]
        return self._answer(source, fps)

    def _answer(self, source: Source, fps: float | None) -> Answer:
        return self.recogniser.recognise(read_one(source, fps, self.recogniser.pace))

    def stream(
        self,
        frames: Clip | Iterable[tuple[float, np.ndarray]],
        settings: StreamSettings | None = None,
    ) -> Iterator[SignEvent]:
        """Find signs in a stream of landmarks, and report each as it occurs.

        Parameters
        ----------
        frames
            Pairs of seconds and landmarks, float[553, 3] in picture heights with NaN
            for joints that were not seen; or a long clip.
        settings
            Thresholds and times that tell signing from rest.

        Yields
        ------
        SignEvent
            `kind` is start, guess, sign, unsure or rest.

        Raises
        ------
        DatasetError
            If an element is no such pair, times do not rise, a frame has another shape,
            or the clip's frame rate is unknown.
        """
        chosen = settings or StreamSettings(abstain_below=self.card.abstain_below)
        if not isinstance(chosen, StreamSettings):
            raise SettingsError(f"settings is {chosen!r:.60}; expected StreamSettings")
        signs = StreamingRecogniser(self.recogniser.classify, chosen)
        pairs = frames_of_clip(frames) if isinstance(frames, Clip) else frames
        for seconds, joints in checked_frames(pairs):
            for event in signs.push(seconds, joints):
                yield event.named(self.vocabulary)
        for event in signs.flush():
            yield event.named(self.vocabulary)

    def transcribe(
        self,
        film: Source,
        *,
        fps: float | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        """Find the signs of a film of any length: which one, from when to when.

        Parameters
        ----------
        film
            A video, a file with one clip of landmarks, a clip, or an array as in
            `__call__`. A video is tracked and forgotten frame by frame.
        fps
            Frames a second of an array.
        progress
            Callback with the seconds of the film that are done.

        Returns
        -------
        Transcript
            The segments in their order. A model that knows no word, such as a base that
            was not taught, gives segments without a gloss, numbered by what they look
            like.

        Raises
        ------
        SignnetError
            If the film cannot be read, or a file holds several clips.
        """
        name = str(film) if isinstance(film, str | PathLike) else "film"
        frames = checked_frames(open_film(film, fps))
        return transcribe(self.recogniser, frames, name, progress)

    def teach(
        self,
        clips: Mapping[str, Source | Sequence[Source]] | Sequence[Clip] | Dataset,
        *,
        despite_doubts: bool = False,
    ) -> "Model":
        """Teach new words, or your way of signing known ones.

        Parameters
        ----------
        clips
            Videos, files of landmarks, clips or arrays for each gloss, one to five or
            as many as there are; or clips that have a gloss.
        despite_doubts
            Teach clips that look like another word, or unlike each other, as well.

        Returns
        -------
        Model
            The taught model, in memory; `save` keeps it.

        Raises
        ------
        DatasetError
            If a clip shows no hand, was taught before, or is doubtful; each is named.
        ModelError
            If the model has neither exemplars nor a base.
        """
        before = self._teachable()
        labelled = labelled_clips(clips, self.recogniser.pace)
        taught = before.with_clips(self._seen(labelled))
        if not despite_doubts:
            refuse_doubts(taught, len(before.clips))
        return self._with(taught)

    def forget(self, gloss: str) -> "Model":
        """Remove a gloss; forgetting everything taught restores the original model.

        Raises
        ------
        ModelError
            If the model does not know it, or fewer than two would be left to a model
            that had its own.
        """
        if not isinstance(gloss, str):
            raise SettingsError(f"gloss is {gloss!r:.60}; expected a text")
        return self._with(self._teachable().without(gloss))

    def search(self, source: Source, data: Dataset, most: int = 10) -> list[Found]:
        """List the clips of a dataset that are most similar to a sign, best first.

        Raises
        ------
        DatasetError
            If the sign shows no hand, or there is nothing to compare it with.
        ModelError
            If the model has no exemplars.
        """
        clip = read_one(source, pace=self.recogniser.pace)
        return search(self.recogniser, clip, data, most)

    def save(self, folder: str | PathLike[str]) -> Path:
        """Write the model into a new folder, whole or not at all.

        Raises
        ------
        ModelError
            If the folder exists already, or cannot be written.
        """
        out = as_path(folder, "folder")
        name, sha256 = self.recogniser.own_card.name, self.recogniser.sha256
        save_model(self.folder, out, self.recogniser.taught, name, sha256)
        return out

    def _teachable(self) -> Taught:
        if not self.recogniser.can_be_taught:
            raise ModelError(
                f"{self.folder} has neither exemplars nor a base, so you cannot teach "
                "it; train it again with the default recipe"
            )
        return self.recogniser.taught

    def _seen(self, clips: Sequence[Clip]) -> list[TaughtClip]:
        """Embed labelled clips; DatasetError names those that cannot be taught."""
        unlabelled = [clip.name for clip in clips if not clip.gloss]
        if unlabelled:
            raise DatasetError(
                f"{len(unlabelled)} clips have no gloss, for example {unlabelled[0]}; "
                "name their word with --gloss, or with the name of their folder"
            )
        refuse_without_hands(clips)
        date_of_today = date.today().isoformat()
        return [
            TaughtClip(
                name=clip.name,
                gloss=clip.gloss or "",
                signer=clip.signer,
                session=clip.session,
                added=date_of_today,
                embedding=seen.embedding,
                scores=seen.scores,
                sketch=sketch_of(clip),
            )
            for clip in clips
            for seen in [self.recogniser.see(clip.evenly_timed().landmarks)]
        ]

    def _with(self, taught: Taught) -> "Model":
        changed = Model(self.recogniser.with_taught(taught), self.folder)
        changed._is_changed = True
        return changed
