"""An evaluation: every method paints every pair of a manifest, and the protocol measures what it painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.evaluation.choosing import choose_pairs
from splpaint.evaluation.deep import DeepMeasures, open_deep
from splpaint.evaluation.features import Features, append_features, remove_features
from splpaint.evaluation.methods import LoadedPair, Method, OpenMethod
from splpaint.evaluation.pictures import KeptPictures, PaintedPair
from splpaint.evaluation.protocols import Protocol, find_protocol
from splpaint.evaluation.records import PairResult, RecordFile, Settings
from splpaint.locks import only_writer
from splpaint.pairs import PairRecord, iterate_manifest, load_pair, manifest_sha256, pair_names
from splpaint.parallel import ordered_map
from splpaint.shares import WHOLE, Share
from splpaint.versions import __version__, package_version

__all__ = ["evaluate"]

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
    on_pair: Callable[[], object] = lambda: None,
) -> None:
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
        on_pair: Called after each pair, those included that were measured before.

    Raises:
        SplpaintError: A method, the manifest or a pair cannot be used; or ``output`` holds values that were measured
            with other settings, or another process writes to it.
    """
    rules = find_protocol(protocol).only(measures, deep=deep)
    names = _names(pairs, rules)
    networks = open_deep(rules.deep, pairs=len(names), weights=weights)
    rules = rules._replace(measures=rules.measures + networks.measures)
    _require_a_measure(rules, networks)
    opened = _open(methods, pairs)
    settings = _settings(pairs, len(names), rules, networks, opened)
    records = RecordFile(output, share)
    folder = records.path.parent
    measure = partial(_measure, rules, networks, opened, pairs.parent)
    with only_writer(folder, doing="evaluation"), networks.single_threaded():
        if overwrite:
            records.path.unlink(missing_ok=True)
            remove_features(folder)
            KeptPictures(records).remove()
        with (
            records.appending(settings) as (file, done),
            append_features(folder, settings.features, rows=1 + len(opened), done=done) as features,
        ):
            for _ in range(done):
                on_pair()
            todo = islice(_numbered(pairs, names), records.number_of(done) - 1, None, share.parts)
            with closing(ordered_map(measure, todo)) as results:
                for result, found in results:
                    features.write(found)
                    file.write(result.line(settings) + "\n")
                    file.flush()
                    on_pair()
        _keep_pictures(records, rules, opened, _numbered(pairs, names), pairs.parent, pictures)


def _require_a_measure(protocol: Protocol, deep: DeepMeasures) -> None:
    if not (protocol.measures or deep.sets):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in deep.left_out.items())
        raise InputError(f"expected something to measure, got measures that cannot be computed: {reasons}")


class _Numbered(NamedTuple):
    number: int
    name: str
    record: PairRecord


def _numbered(pairs: Path, names: Sequence[str]) -> Iterator[_Numbered]:
    for number, (name, record) in enumerate(zip(names, iterate_manifest(pairs), strict=True), start=1):
        yield _Numbered(number, name, record)


def _measure(
    protocol: Protocol, deep: DeepMeasures, methods: Mapping[str, OpenMethod], root: Path, pair: _Numbered
) -> tuple[PairResult, dict[str, Features]]:
    loaded = LoadedPair(pair.name, pair.record, *load_pair(pair.record, root))
    values, pictures = {}, [loaded.image]
    for name, method in methods.items():
        sample = protocol.sample(method.paint(loaded), loaded.image, loaded.hole)
        values[name] = {measure.name: measure.of(sample) for measure in protocol.measures}
        pictures.append(sample.painted)
    features = {
        name: np.stack([network.features(picture) for picture in pictures])
        for name, network in deep.networks.items()
    }
    record = pair.record
    result = PairResult(
        number=pair.number,
        name=pair.name,
        image=record.image,
        image_sha256=record.image_sha256,
        mask=record.mask.kind if record.mask.polarity is None else "files",
        bin=protocol.bin_of(record.ratio),
        ratio=record.ratio,
        values=values,
    )
    return result, features


def _keep_pictures(
    records: RecordFile,
    protocol: Protocol,
    methods: Mapping[str, OpenMethod],
    pairs: Iterator[_Numbered],
    root: Path,
    most: int,
) -> None:
    kept = KeptPictures(records)
    better = protocol.measures[0].better if protocol.measures else None
    missing = choose_pairs(records.results(), better, most).keys() - kept.index().windows.keys()
    todo = (pair for pair in pairs if pair.number in missing)
    with closing(ordered_map(partial(_paint, protocol, methods, root), todo)) as painted:
        kept.keep(painted, most)


def _paint(protocol: Protocol, methods: Mapping[str, OpenMethod], root: Path, pair: _Numbered) -> PaintedPair:
    loaded = LoadedPair(pair.name, pair.record, *load_pair(pair.record, root))
    painted = [
        protocol.sample(method.paint(loaded), loaded.image, loaded.hole).painted
        for method in methods.values()
    ]
    return PaintedPair(pair.number, loaded.image, loaded.hole, painted)


def _names(pairs: Path, protocol: Protocol) -> list[str]:
    for record in iterate_manifest(pairs):
        protocol.require_preparation(record)
    return pair_names(pairs)


def _open(methods: Sequence[Method], pairs: Path) -> dict[str, OpenMethod]:
    names = [method.name for method in methods]
    if not names or len(set(names)) < len(names):
        raise InputError(
            f"expected methods of different names, got {', '.join(names) or 'none'}; name others"
        )
    return {method.name: method.open(pairs) for method in methods}


def _settings(
    pairs: Path, count: int, protocol: Protocol, deep: DeepMeasures, methods: Mapping[str, OpenMethod]
) -> Settings:
    packages = _PACKAGES + _DEEP_PACKAGES if deep.weights else _PACKAGES
    return Settings(
        manifest_sha256=manifest_sha256(pairs),
        pairs=count,
        protocol={"name": protocol.name, "definition": protocol.definition, "source": protocol.source},
        measures=[measure.name for measure in protocol.measures],
        sets=list(deep.sets),
        features={name: network.dimensions for name, network in deep.networks.items()},
        weights=dict(deep.weights),
        methods={name: dict(method.identity) for name, method in methods.items()},
        left_out=dict(deep.left_out),
        versions={"splpaint": __version__} | {package: package_version(package) for package in packages},
    )
