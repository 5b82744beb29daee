"""The fixed pairing of pictures and masks in an evaluation, and its manifest."""

from __future__ import annotations

from splpaint.pairs.bundled import BUNDLED, find_bundled, find_manifest
from splpaint.pairs.manifest import iterate_manifest, manifest_sha256, write_manifest
from splpaint.pairs.names import pair_names
from splpaint.pairs.pairing import (
    PairRecord,
    check_pairs,
    load_pair,
    make_numbered_pairs,
    make_pairs,
    make_pairs_per_bin,
    published_numbers,
)
from splpaint.pairs.pictures import list_pair_pictures
from splpaint.pairs.preparation import View
from splpaint.pairs.published import read_numbers, write_published
from splpaint.pairs.rendering import render_pairs

__all__ = [
    "BUNDLED",
    "PairRecord",
    "View",
    "check_pairs",
    "find_bundled",
    "find_manifest",
    "iterate_manifest",
    "list_pair_pictures",
    "load_pair",
    "make_numbered_pairs",
    "make_pairs",
    "make_pairs_per_bin",
    "manifest_sha256",
    "pair_names",
    "published_numbers",
    "read_numbers",
    "render_pairs",
    "write_manifest",
    "write_published",
]
