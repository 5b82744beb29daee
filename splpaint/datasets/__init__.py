"""Pictures of datasets, from folders, lists, shards and hubs; the layouts of known datasets; preparing and packing."""

from __future__ import annotations

from splpaint.datasets.layouts import Part, find_parts
from splpaint.datasets.near_duplicates import near_duplicates
from splpaint.datasets.picture import EncodedPicture, PictureSource
from splpaint.datasets.preparation import Summary, prepare_dataset
from splpaint.datasets.shard_writing import write_shards
from splpaint.datasets.shards import ShardPictures, local_shards
from splpaint.datasets.sources import open_pictures, shards_on_disk

__all__ = [
    "EncodedPicture",
    "Part",
    "PictureSource",
    "ShardPictures",
    "Summary",
    "find_parts",
    "local_shards",
    "near_duplicates",
    "open_pictures",
    "prepare_dataset",
    "shards_on_disk",
    "write_shards",
]
