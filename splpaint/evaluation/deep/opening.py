"""Opening the deep measures of an evaluation; one that cannot be computed here is left out, and why is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from splpaint.errors import InputError, MissingExtraError, ModelError
from splpaint.evaluation.deep.efficientnet import EfficientNetDistance
from splpaint.evaluation.deep_measures import PairMeasure, SetMeasure, find_deep
from splpaint.evaluation.measures import Measure, Sample

if TYPE_CHECKING:
    from splpaint.evaluation.deep.network import FeatureNetwork
    from splpaint.evaluation.deep.weights import FoundWeights

__all__ = ["DeepMeasures", "open_deep"]


class DeepMeasures(NamedTuple):
    """Deep measures that are ready.

    Attributes:
        measures: Those of single pairs.
        sets: Names of those of the whole set.
        networks: Name => network, for the features that these compare.
        weights: Name of a measure => the file of its network's weights, and its checksum.
        left_out: Name of a measure => why it cannot be computed, and what to do.
    """

    measures: tuple[Measure, ...]
    sets: tuple[str, ...]
    networks: Mapping[str, FeatureNetwork]
    weights: Mapping[str, str]
    left_out: Mapping[str, str]

    @contextmanager
    def single_threaded(self) -> Iterator[None]:
        """Let torch take one thread a picture: several are measured at once, and sums have one order."""
        if not self.weights:
            yield
            return
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def open_deep(names: Sequence[str], *, pairs: int, weights: Path | None = None) -> DeepMeasures:
    """Load the networks of measures. Nothing is fetched.

    Args:
        names: Of measures that ``find_deep`` knows.
        pairs: How many there are; a distance between sets is left out if it is meant for larger ones.
        weights: A folder of weights, looked into before the usual caches.

    Raises:
        InputError: A name is unknown, or ``weights`` is no folder.
    """
    if weights and not weights.is_dir():
        raise InputError(f"`weights` must be a folder of weights, got {weights}; check the path")
    measures: list[Measure] = []
    sets: list[str] = []
    networks: dict[str, FeatureNetwork] = {}
    used: dict[str, FoundWeights] = {}
    left_out: dict[str, str] = {}
    for fact in map(find_deep, names):
        try:
            if isinstance(fact, PairMeasure):
                measure, used[fact.network] = _open_measure(fact, weights)
                measures.append(measure)
            else:
                _require_enough(fact, pairs)
                if fact.network not in networks:
                    networks[fact.network], used[fact.network] = _open_network(fact, weights)
                sets.append(fact.name)
        except ModelError as error:
            left_out[fact.name] = str(error)
        except ImportError as error:
            left_out[fact.name] = str(MissingExtraError(fact.name, "metrics", str(error.name)))
    described = {name: used[find_deep(name).network].describe() for name in names if name not in left_out}
    return DeepMeasures(tuple(measures), tuple(sets), networks, described, left_out)


def _require_enough(measure: SetMeasure, pairs: int) -> None:
    if pairs < measure.least_pairs:
        raise ModelError(f"it needs at least {measure.least_pairs:,} pairs, got {pairs:,}; take more pairs")


# These import no more than a measure needs, as late as they can: torchmetrics and others take seconds.


def _open_measure(fact: PairMeasure, folder: Path | None) -> tuple[Measure, FoundWeights]:
    if fact.name == "effnet":
        distance = EfficientNetDistance()
        from splpaint.evaluation.deep.weights import find_packaged

        return _measure(fact, lambda sample: distance(*sample)), find_packaged()
    from splpaint.evaluation.deep.weights import find_published

    weights = find_published(fact.network, folder)
    from splpaint.evaluation.deep.lpips import open_lpips

    return _measure(fact, open_lpips(fact.network, weights)), weights


def _measure(fact: PairMeasure, of: Callable[[Sample], float]) -> Measure:
    return Measure(fact.name, fact.unit, fact.better, fact.definition, of)


def _open_network(fact: SetMeasure, folder: Path | None) -> tuple[FeatureNetwork, FoundWeights]:
    if fact.network == "efficientnet-lite0":
        from splpaint.evaluation.deep.timm_networks import open_efficientnet_lite0

        return open_efficientnet_lite0()
    if fact.network.startswith("timm:"):
        from splpaint.evaluation.deep.timm_networks import open_timm

        return open_timm(fact.network.removeprefix("timm:"), folder)
    from splpaint.evaluation.deep.weights import find_published

    weights = find_published("inception", folder)
    from splpaint.evaluation.deep.inception import as_pytorch_fid, as_tensorflow, open_inception

    prepare = as_pytorch_fid if fact.network == "inception-pytorch" else as_tensorflow
    return open_inception(weights, prepare), weights
