"""The values of measures of all pairs together, from the features that were kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from splpaint.evaluation.deep_measures import FEW_PAIRS, SetMeasure, find_deep
from splpaint.evaluation.features import FeatureFiles
from splpaint.evaluation.records import RecordFile, Settings
from splpaint.evaluation.set_distances import FeatureSet, SetPair
from splpaint.evaluation.summary import SetValue

__all__ = ["set_values"]

_DIGITS = 6  # the last ones of a float64 depend on the number of threads


def set_values(settings: Settings, files: Sequence[RecordFile]) -> list[SetValue]:
    """Compute them, by measure and method.

    Args:
        settings: Of the evaluation.
        files: Its finished records, in order.

    Raises:
        InputError: Features are missing.
        MissingExtraError: P-IDS or U-IDS is asked for, and scikit-learn is not installed.
    """
    measures = [measure for measure in map(find_deep, settings.sets) if isinstance(measure, SetMeasure)]
    found: dict[tuple[str, str], float] = {}
    for network in settings.features:
        own = [measure for measure in measures if measure.network == network]
        for method, pair in _pairs(settings, files, network):
            found |= {(measure.name, method): measure.of(pair) for measure in own}
    return [
        SetValue(
            name=measure.name,
            method=method,
            value=float(f"{found[measure.name, method]:.{_DIGITS}g}"),
            count=settings.pairs,
            flag=_flag(settings.pairs),
        )
        for measure in measures
        for method in settings.methods
    ]


def _pairs(settings: Settings, files: Sequence[RecordFile], network: str) -> Iterator[tuple[str, SetPair]]:
    shape = settings.pairs, 1 + len(settings.methods), settings.features[network]
    features = FeatureFiles([file.path.parent for file in files], network, shape)
    truth = FeatureSet(partial(features.chunks, 0))
    for row, method in enumerate(settings.methods, start=1):
        yield method, SetPair(truth, FeatureSet(partial(features.chunks, row)))


def _flag(pairs: int) -> str:
    few = f"fewer than {FEW_PAIRS:,} pairs: compare it only with figures of as many"
    return few if pairs < FEW_PAIRS else ""
