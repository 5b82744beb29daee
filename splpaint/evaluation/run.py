"""An evaluation: every method paints every pair of a manifest, and the protocol measures what it painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from splpaint.errors import InputError
from splpaint.evaluation.choosing import choose_pairs
from splpaint.evaluation.deep import DeepMeasures, open_deep
from splpaint.evaluation.features import Features, append_features, remove_features
from splpaint.evaluation.methods import Method, OpenMethod
from splpaint.evaluation.painting import ListedPair, PairPainter, list_pairs
from splpaint.evaluation.pictures import KeptPictures, PaintedPair
from splpaint.evaluation.protocols import Protocol, find_protocol
from splpaint.evaluation.records import PairResult, RecordFile, Settings
from splpaint.locks import only_writer
from splpaint.pairs import iterate_manifest, manifest_sha256
from splpaint.parallel import ordered_map
from splpaint.shares import WHOLE, Share
from splpaint.versions import __version__, package_version

__all__ = ["evaluate"]

_Item = TypeVar("_Item")

_PACKAGES = ("numpy", "opencv-python-headless", "openvino", "pillow")
_DEEP_PACKAGES = ("scikit-learn", "timm", "torch", "torch-fidelity", "torchmetrics", "torchvision")


def evaluate(
    pairs: Path,
    methods: Sequence[Method],
    *,
    protocol: str = "clean",
    measures: Sequence[str] = (),
    deep: bool = True,
    weights: Path | None = None,
    output: Path,
    share: Share = WHOLE,
    overwrite: bool = False,
    pictures: int = 24,
    on_progress: Callable[[str, int, int], object] = lambda stage, done, total: None,
) -> int:
    """Measure methods on the pairs of a manifest, into the folder of a report; one that was stopped continues.

    Args:
        pairs: The manifest.
        methods: At least one; their names differ.
        protocol: A name of ``PROTOCOLS``.
        measures: Which ones, of the protocol's or those that a network computes; by default the protocol's.
        deep: Whether these include the protocol's measures by networks. One that cannot be computed here is left out,
            and the report says why.
        weights: A folder of weights of these networks, looked into before the usual caches.
        output: The folder, made if missing; ``write_report`` makes a report of what it holds.
        share: Which pairs are measured; others may be measured elsewhere.
        overwrite: Drop the values that are there instead of going on with them.
        pictures: How many pairs are painted again and kept as pictures: the worst, the best and some of every sort.
        on_progress: Called with the stage, measuring or painting pictures, how many pairs are done, those included that
            were measured before, and of how many.

    Returns:
        The number of pairs that ``output`` holds of this share.

    Raises:
        SplpaintError: A method, the manifest or a pair cannot be used; or ``output`` holds values that were measured
            with other settings, or another process writes to it.
    """
    rules = find_protocol(protocol).only(measures, deep=deep)
    count = _count(pairs, rules)
    networks = open_deep(rules.deep, pairs=count, weights=weights)
    rules = rules._replace(measures=rules.measures + networks.measures)
    _require_a_measure(rules, networks)
    painter = PairPainter(_open(methods, pairs), rules, pairs.parent)
    settings = _settings(pairs, count, painter, networks)
    records = RecordFile(output, share)
    folder = records.path.parent
    total = len(range(share.part - 1, count, share.parts))
    measure = partial(_measure, painter, networks)
    with only_writer(folder, doing="evaluation"), networks.single_threaded():
        if overwrite:
            records.path.unlink(missing_ok=True)
            remove_features(folder)
            KeptPictures(records).remove()
        with (
            records.appending(settings) as (file, done),
            append_features(folder, settings.features, rows=1 + len(methods), done=done) as features,
        ):
            todo = islice(list_pairs(pairs), records.number_of(done) - 1, None, share.parts)
            with closing(ordered_map(measure, todo)) as results:
                for result, found in _told(results, partial(on_progress, "measuring"), done, total):
                    features.write(found)
                    file.write(result.line(settings) + "\n")
                    file.flush()
        _keep_pictures(
            records, painter, list_pairs(pairs), pictures, partial(on_progress, "painting pictures")
        )
    return total


def _require_a_measure(protocol: Protocol, deep: DeepMeasures) -> None:
    if not (protocol.measures or deep.sets):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in deep.left_out.items())
        raise InputError(f"expected something to measure, got measures that cannot be computed: {reasons}")


def _measure(
    painter: PairPainter, deep: DeepMeasures, listed: ListedPair
) -> tuple[PairResult, dict[str, Features]]:
    pair, samples = painter.paint(listed)
    measures = painter.protocol.measures
    pictures = [pair.image, *(sample.painted for sample in samples.values())]
    features = {
        name: np.stack([network.features(picture) for picture in pictures])
        for name, network in deep.networks.items()
    }
    record = pair.record
    result = PairResult(
        number=listed.number,
        name=pair.name,
        image=record.image,
        image_sha256=record.image_sha256,
        mask=record.mask.group,
        bin=painter.protocol.bin_of(record.ratio),
        ratio=record.ratio,
        values={
            name: {measure.name: measure.of(sample) for measure in measures}
            for name, sample in samples.items()
        },
    )
    return result, features


def _told(
    items: Iterable[_Item], tell: Callable[[int, int], object], done: int, total: int
) -> Iterator[_Item]:
    """The items, and how many are done each time the next one is asked for."""
    tell(done, total)
    for number, item in enumerate(items, start=done + 1):
        yield item
        tell(number, total)


def _keep_pictures(
    records: RecordFile,
    painter: PairPainter,
    pairs: Iterator[ListedPair],
    most: int,
    tell: Callable[[int, int], object],
) -> None:
    kept = KeptPictures(records)
    measures = painter.protocol.measures
    better = measures[0].better if measures else None
    missing = choose_pairs(records.results(), better, most).keys() - kept.index().windows.keys()
    todo = (pair for pair in pairs if pair.number in missing)
    with closing(ordered_map(partial(_paint, painter), todo)) as painted:
        kept.keep(_told(painted, tell, 0, len(missing)), most)


def _paint(painter: PairPainter, listed: ListedPair) -> PaintedPair:
    pair, samples = painter.paint(listed)
    return PaintedPair(listed.number, pair.image, pair.hole, [sample.painted for sample in samples.values()])


def _count(pairs: Path, protocol: Protocol) -> int:
    """The number of pairs, all of which are prepared as the protocol demands."""
    count = 0
    for record in iterate_manifest(pairs):
        protocol.require_preparation(record)
        count += 1
    return count


def _open(methods: Sequence[Method], pairs: Path) -> dict[str, OpenMethod]:
    names = [method.name for method in methods]
    if not names or len(set(names)) < len(names):
        raise InputError(
            f"expected methods of different names, got {', '.join(names) or 'none'}; name others"
        )
    return {method.name: method.open(pairs) for method in methods}


def _settings(pairs: Path, count: int, painter: PairPainter, deep: DeepMeasures) -> Settings:
    protocol = painter.protocol
    packages = _PACKAGES + _DEEP_PACKAGES if deep.weights else _PACKAGES
    return Settings(
        manifest_sha256=manifest_sha256(pairs),
        pairs=count,
        protocol={"name": protocol.name, "definition": protocol.definition, "source": protocol.source},
        measures=[measure.name for measure in protocol.measures],
        sets=list(deep.sets),
        features={name: network.dimensions for name, network in deep.networks.items()},
        weights=dict(deep.weights),
        methods={name: dict(method.identity) for name, method in painter.methods.items()},
        left_out=dict(deep.left_out),
        versions={"splpaint": __version__} | {package: package_version(package) for package in packages},
    )
