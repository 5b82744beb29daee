"""Where pictures come from, by one line of text: a folder, a list, tar shards on disk or at URLs, the hub.

All of them give encoded bytes by number, through one small interface.
"""

from __future__ import annotations

from pathlib import Path

from splpaint.datasets.picture import FilePictures, PictureSource
from splpaint.images import list_pictures

__all__ = ["open_pictures", "shards_on_disk"]


def open_pictures(text: str | Path) -> PictureSource:
    """Find the pictures that a line of text names.

    Args:
        text: A folder of pictures, or of shards from ``splpaint data shard``; a list file; a tar shard or a
            pattern of several (``shards/pictures-{000000..000012}.tar``); the same as a URL that fsspec opens;
            ``hf:FOLDER`` or ``hf:OWNER/NAME``, a Hugging Face dataset in a folder or on the hub, with
            ``@SPLIT`` at the end if not "train".

    Raises:
        InputError: Nothing there, or no pictures in it.
        MissingExtraError: URLs need fsspec, ``hf:`` needs datasets.
    """
    from splpaint.datasets.shards import expand_braces, local_shards, remote_shards

    name = str(text)
    if "://" in name:
        return remote_shards(expand_braces(name))
    if name.startswith("hf:"):
        from splpaint.datasets.hub import HubPictures

        return HubPictures(name.removeprefix("hf:"))
    if shards := shards_on_disk(name):
        return local_shards(shards)
    return FilePictures(list_pictures(Path(name)))


def shards_on_disk(text: str) -> list[Path]:
    """The tar shards on disk that a line of text for ``open_pictures`` names; none if it names anything else."""
    from splpaint.datasets.shard_index import SHARDS_FILE
    from splpaint.datasets.shards import expand_braces, manifest_shards

    if text.endswith(".tar"):
        return [Path(shard) for shard in expand_braces(text)]
    manifest = Path(text) / SHARDS_FILE
    return manifest_shards(manifest) if manifest.is_file() else []
