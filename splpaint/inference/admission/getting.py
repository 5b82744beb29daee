"""A known model from its publisher: its file is downloaded, held to its size and SHA-256, and added as any other.

Nothing else in the package fetches a model.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from splpaint.downloads import download
from splpaint.errors import ModelError, did_you_mean
from splpaint.inference.admission.adding import Added, add_model, free_folder
from splpaint.inference.engines import cache_folder
from splpaint.inference.models import KNOWN, KnownModel
from splpaint.locks import only_writer

__all__ = ["download_model", "get_model"]


def get_model(
    name: str, *, overwrite: bool = False, progress: Callable[[int, int], None] | None = None
) -> Added:
    """Download a known model, and add it if it keeps its contract.

    Args:
        name: One of ``KNOWN`` whose file has an address.
        overwrite: Replace an added model of this name.
        progress: Called with the numbers of bytes that are there and of all.

    Raises:
        DownloadError: The file cannot be had; what has arrived is kept, and the next call goes on from there.
        ModelError: There is no such file, it does not keep its contract, or the name is taken.
        MissingExtraError: onnx or ONNX Runtime is not installed; the file is kept.
    """
    _require_file(name)
    free_folder(name, overwrite=overwrite)
    file = download_model(name, progress=progress)
    added = add_model(file, contract=KNOWN[name].contract, name=name, overwrite=overwrite)
    file.unlink()
    return added


def download_model(name: str, *, progress: Callable[[int, int], None] | None = None) -> Path:
    """Download the file of a known model into the cache, without adding it.

    Raises:
        DownloadError: It cannot be had; what has arrived is kept, and the next call goes on from there.
        InputError: Another process downloads it now.
        ModelError: There is no such file, or no cache that can be written.
    """
    remote = _require_file(name).remote_file()
    folder = _download_folder(name)
    file = folder / PurePosixPath(remote.url).name
    with only_writer(folder, doing="download"):
        download(remote, file, progress=progress)
    return file


def _download_folder(name: str) -> Path:
    cache = cache_folder()
    if cache is None:
        raise ModelError("a download needs a cache, got none; set SPLPAINT_CACHE to a folder")
    folder = cache / "downloads" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"a download needs a cache that can be written, got {cache} ({error.strerror}); set SPLPAINT_CACHE to "
            "another folder"
        ) from error
    return folder


def _require_file(name: str) -> KnownModel:
    if name not in KNOWN:
        there = [each for each, known in KNOWN.items() if known.sha256]
        raise ModelError(
            f"a model to get must be one of {', '.join(there)}, got {name[:80]!r}{did_you_mean(name, there)}"
        )
    known = KNOWN[name]
    if not known.sha256:
        raise ModelError(
            f"a model to get must have a file of known checksum, got {name}, which has none; export it yourself "
            f"from {known.origin}, and add it with the contract {name}"
        )
    return known
