"""Pictures of a Hugging Face dataset, in a folder or on the hub, as its files hold them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from splpaint.datasets.picture import EncodedPicture
from splpaint.errors import InputError, MissingExtraError

__all__ = ["HubPictures"]

_SAVED = ("dataset_dict.json", "state.json")  # what save_to_disk leaves, of several splits or one


class HubPictures:
    """The column of pictures of one split.

    Args:
        text: A folder, which ``Dataset.save_to_disk`` wrote or which holds the files of a dataset (Parquet,
            pictures ...) as the hub does; or OWNER/NAME on the hub; then ``@SPLIT``, if not "train". Only a name
            reaches the network, never an existing folder.

    Raises:
        InputError: No such dataset or split, no column of pictures, or no rows.
        MissingExtraError: The package datasets is not installed.
    """

    sequential: Sequence[int] | None = None

    def __init__(self, text: str) -> None:
        try:
            import datasets
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"reading hf:{text}", "hub", str(error.name)) from error
        self._name, _, split = text.partition("@")
        rows = _open(datasets, self._name, split)
        columns = [name for name, kind in rows.features.items() if isinstance(kind, datasets.Image)]
        if not columns or not len(rows):
            raise InputError(
                f"expected rows with a column of pictures in hf:{text}, got {len(rows)} rows of "
                f"{', '.join(rows.features)}; choose another dataset or cast the column to datasets.Image"
            )
        self._column = columns[0]
        self._rows = rows.select_columns(self._column).cast_column(self._column, datasets.Image(decode=False))

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, number: int) -> EncodedPicture:
        """The picture of row ``number``."""
        cell = self._rows[number][self._column] or {}
        name = f"hf:{self._name}/{number}" + (f"/{Path(cell['path']).name}" if cell.get("path") else "")
        if cell.get("bytes") is not None:
            return EncodedPicture(name, cell["bytes"])
        try:
            return EncodedPicture(name, Path(cell["path"]).read_bytes())
        except (KeyError, OSError) as error:
            raise InputError(f"expected a picture in {name}, got none ({error}); remove the row") from error


def _open(datasets: Any, name: str, split: str) -> Any:
    """The rows of a split; "" is "train", or the only one that there is."""
    try:
        if not Path(name).is_dir():
            return datasets.load_dataset(name, split=split or "train")
        if not any((Path(name) / file).is_file() for file in _SAVED):
            splits = datasets.load_dataset(name)
        else:
            splits = datasets.load_from_disk(name)
    except Exception as error:  # the hub's, the network's or Arrow's: in any case there are no pictures
        raise InputError(
            f"expected a dataset with the split {split or 'train'}, got hf:{name} ({type(error).__name__}: "
            f"{error}); check its name"
        ) from error
    if not isinstance(splits, datasets.DatasetDict):
        splits = {str(splits.split or "train"): splits}
    if not split and len(splits) == 1:
        return next(iter(splits.values()))
    if (split or "train") not in splits:
        raise InputError(
            f"expected the split {split or 'train'} in hf:{name}, got {', '.join(splits)}; say "
            f"hf:{name}@{next(iter(splits))}"
        )
    return splits[split or "train"]
