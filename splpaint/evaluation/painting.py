"""The pairs of a manifest as every method paints them: what is measured, kept as pictures, and shown to viewers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from splpaint.evaluation.measures import Sample
from splpaint.evaluation.methods import LoadedPair, OpenMethod
from splpaint.evaluation.protocols import Protocol
from splpaint.pairs import PairRecord, iterate_manifest, load_pair, pair_names

__all__ = ["ListedPair", "Painting", "PairPainter", "list_pairs"]


class ListedPair(NamedTuple):
    """A pair as a manifest lists it.

    Attributes:
        number: Its place, from 1.
        name: Its name in folders of results.
        record: Its line.
    """

    number: int
    name: str
    record: PairRecord

    def load(self, root: Path) -> LoadedPair:
        """Read its files; ``root`` is the manifest's folder.

        Raises:
            InputError: A file is not as recorded.
        """
        return LoadedPair(self.name, self.record, *load_pair(self.record, root))


def list_pairs(manifest: Path) -> Iterator[ListedPair]:
    """Read a manifest.

    Raises:
        InputError: It cannot be read.
    """
    named = zip(pair_names(manifest), iterate_manifest(manifest), strict=True)
    for number, (name, record) in enumerate(named, start=1):
        yield ListedPair(number, name, record)


class Painting(NamedTuple):
    """A pair, and what is measured of each method's painting of it, in the order of the methods."""

    pair: LoadedPair
    samples: Mapping[str, Sample]


class PairPainter(NamedTuple):
    """Paints pairs by every method, in 8 bits as a protocol says.

    Attributes:
        methods: Name => method.
        protocol: Says whether known pixels are put back, and how levels are rounded.
        root: The manifest's folder.
    """

    methods: Mapping[str, OpenMethod]
    protocol: Protocol
    root: Path

    def paint(self, pair: ListedPair) -> Painting:
        """Load and paint a pair; from any thread.

        Raises:
            SplpaintError: It cannot be loaded or painted.
        """
        loaded = pair.load(self.root)
        samples = {
            name: self.protocol.sample(method.paint(loaded), loaded.image, loaded.hole)
            for name, method in self.methods.items()
        }
        return Painting(loaded, samples)
