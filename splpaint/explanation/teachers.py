"""The pretext network that a model's prior was distilled from, as far as it can be told and had."""

from __future__ import annotations

from pathlib import Path

from splpaint.errors import ModelError
from splpaint.networks import GeneratorConfig, PretextConfig, PretextNetwork, load_pretext
from splpaint.notices import tell
from splpaint.training import TrainingConfig
from splpaint.training.recipes import load_recipe

__all__ = ["open_teacher"]

_RUN_FILE = "config.json"


def open_teacher(folder: Path, config: GeneratorConfig, weights: Path | None) -> PretextNetwork | None:
    """Load the pretext network of a model.

    It is the one of the run that the model lies in; else the one of the recipe ``compact`` for that architecture, and
    the paper's for ``spl``.

    Args:
        folder: The model's.
        config: The generator's configuration.
        weights: The file of the pretext network's weights; None: where the run or recipe says.

    Returns:
        None, and tells so, if there is no such file.

    Raises:
        ModelError: The weights do not fit.
    """
    pretext = _configured(folder, config)
    if weights is not None:
        pretext = pretext.model_copy(update={"weights": weights})
    if pretext.weights == "hub" or pretext.weights is None:
        tell(
            f"the pretext network's feature is left out: the weights of {pretext.model} are not at hand; give their "
            "file with `pretext_weights` (docs/models.md tells where it is)"
        )
        return None
    try:
        return load_pretext(pretext)
    except ModelError:
        if weights is not None:
            raise
        tell(
            f"the pretext network's feature is left out: the weights of {pretext.model}, {pretext.weights}, cannot be "
            "read; give their file with `pretext_weights`"
        )
        return None


def _configured(folder: Path, config: GeneratorConfig) -> PretextConfig:
    try:
        text = (folder.resolve().parent / _RUN_FILE).read_text("utf-8")
        return TrainingConfig.model_validate_json(text).pretext
    except (OSError, ValueError):  # none, or another program's
        pass
    if config.architecture == "spl":
        return PretextConfig()
    return load_recipe("compact", ["data.images=unused", "run.out=unused"]).pretext
