"""The models of a server: loaded when they are first asked for, at most two in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from splpaint.inference import Inpainter, load_inpainter
from splpaint.inference.models import BUNDLED, KNOWN, ModelFiles, find_model, known_by_sha256
from splpaint.model_folder import file_sha256
from splpaint.serving.schema import ModelAnswer
from splpaint.serving.settings import ServeSettings

__all__ = ["Shelf"]

_MOST_LOADED = 2
_PHOTOGRAPHS = (
    "photographs: scratches, cables, dates, passers-by; thick holes are filled from the rest of the picture"
)
_OWN = ("a model of your own", "what it was trained for", "as its maker says")


class _Loaded(NamedTuple):
    inpainter: Inpainter
    users: list[None]


class Shelf:
    """Lends models to any number of threads."""

    def __init__(self, settings: ServeSettings) -> None:
        """Find the models; none is loaded yet.

        Raises:
            ModelError: There is none of a name, or it is damaged.
        """
        self._settings = settings
        self._files = {files.name: files for files in map(find_model, settings.models)}
        self._known = {
            name: known_by_sha256(file_sha256(files.onnx))
            for name, files in self._files.items()
            if files.foreign
        }
        self.default = next(iter(self._files))
        self._loaded: dict[str, _Loaded] = {}  # the longest unused first
        self._changed = threading.Condition()

    def knows(self, name: str) -> bool:
        """Whether a model may be asked for."""
        return name in self._files

    @contextmanager
    def lend(self, name: str) -> Iterator[Inpainter]:
        """Lend a model; while it is used it stays in memory. Waits while two others are in use.

        Raises:
            SplpaintError: It cannot be loaded.
        """
        with self._changed:
            self._changed.wait_for(lambda: name in self._loaded or self._make_room())
            loaded = self._loaded.pop(name, None) or self._load(name)
            self._loaded[name] = loaded
            loaded.users.append(None)
        try:
            yield loaded.inpainter
        finally:
            with self._changed:
                loaded.users.pop()
                self._changed.notify_all()

    def list(self) -> list[ModelAnswer]:
        """Describe the models."""
        return [self._describe(files) for files in self._files.values()]

    def _make_room(self) -> bool:
        if len(self._loaded) < _MOST_LOADED:
            return True
        idle = next((name for name, loaded in self._loaded.items() if not loaded.users), None)
        if idle is not None:
            del self._loaded[idle]
        return idle is not None

    def _load(self, name: str) -> _Loaded:
        how = self._settings
        return _Loaded(
            load_inpainter(self._files[name].folder, device=how.device, precision=how.precision), []
        )

    def _describe(self, files: ModelFiles) -> ModelAnswer:
        known = KNOWN.get(self._known.get(files.name) or "")
        title, good_for, licence = (known.title, known.good_for, known.licence) if known else _OWN
        bundled = BUNDLED.get(files.name) == files.folder
        if bundled:
            title, good_for, licence = "SPL in a size for CPUs", _PHOTOGRAPHS, "Apache-2.0"
        return ModelAnswer(
            name=files.name,
            kind="bundled" if bundled else "added" if known else "foreign",
            title=title,
            good_for=good_for,
            licence=licence,
            is_default=files.name == self.default,
            is_loaded=files.name in self._loaded,
        )
