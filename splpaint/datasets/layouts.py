"""The layouts of known datasets on disk: from the unpacked folder to the pictures of each part.

Places2: Places365-Standard, small images (256 x 256), "easy directory structure", or the separate archives of
training and validation pictures. CelebA: aligned and cropped pictures with ``list_eval_partition.txt``. Paris
StreetView (Pathak et al. 2016): two folders. Names differ between mirrors, so several are looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from splpaint.errors import InputError, did_you_mean
from splpaint.images import PICTURE_SUFFIXES, list_pictures

__all__ = ["LAYOUTS", "Part", "find_parts"]


class Part(NamedTuple):
    """One part of a dataset, such as its training pictures.

    Attributes:
        name: "train", "val", "test", "eval" or "pictures".
        files: The pictures found, sorted.
        expected: How many there should be; None if that is not known.
        missing: Pictures that a list of the dataset names and that are not there.
        looked_for: Folders that were searched for a part that is not there at all; ``files`` is empty then.
    """

    name: str
    files: list[Path]
    expected: int | None
    missing: list[Path]
    looked_for: tuple[str, ...] = ()


def find_parts(name: str, path: Path) -> list[Part]:
    """Find the pictures of a dataset.

    Args:
        name: A name of ``LAYOUTS``.
        path: The folder it was unpacked into.

    Returns:
        All parts of the dataset; at least one is there.

    Raises:
        InputError: The name is not known, or nothing of the dataset is there; says what was looked for.
    """
    if name not in LAYOUTS:
        raise InputError(
            f"expected a dataset ({', '.join(sorted(LAYOUTS))}), got {name!r}{did_you_mean(name, LAYOUTS)}"
        )
    if not path.is_dir():
        raise InputError(
            f"expected a folder with the pictures, got {path}, which is no folder; check the path"
        )
    return LAYOUTS[name](path)


_Candidates = dict[str, tuple[tuple[str, ...], int]]

_PLACES: _Candidates = {
    "train": (("train", "data_256", "places365_standard/train"), 1_803_460),
    "val": (("val", "val_256", "places365_standard/val"), 36_500),
}
_PARIS: _Candidates = {
    "train": (("paris_train_original", "paris_train", "train"), 14_900),
    "eval": (("paris_eval/paris_eval_gt", "paris_eval_gt", "paris_eval", "eval", "test"), 100),
}
_CELEBA_PARTS = (("train", 162_770), ("val", 19_867), ("test", 19_962))
_CELEBA_PICTURES = ("img_align_celeba/img_align_celeba", "img_align_celeba", "Img/img_align_celeba", ".")
_CELEBA_LISTS = tuple(
    f"{folder}/list_eval_partition{suffix}"
    for suffix in (".txt", ".csv")
    for folder in (".", "Eval", "img_align_celeba", "..", "../Eval")
)


def _folders(path: Path, candidates: _Candidates) -> list[Part]:
    """A part for each first candidate that is a folder; at least one must be there."""
    parts = []
    for name, (folders, expected) in candidates.items():
        found = next((path / folder for folder in folders if (path / folder).is_dir()), None)
        if found is None:
            parts.append(Part(name, [], expected, [], looked_for=folders))
        else:
            parts.append(Part(name, list_pictures(found), expected, []))
    if all(part.looked_for for part in parts):
        looked = "; ".join(f"{part.name}: {', '.join(part.looked_for)}" for part in parts)
        raise _nothing(path, looked)
    return parts


def _places(path: Path) -> list[Part]:
    return _folders(path, _PLACES)


def _paris(path: Path) -> list[Part]:
    return _folders(path, _PARIS)


def _celeba(path: Path) -> list[Part]:
    pictures = next((path / place for place in _CELEBA_PICTURES if _holds_pictures(path / place)), None)
    if pictures is None:
        raise _nothing(path, f"pictures directly in {', '.join(_CELEBA_PICTURES)}")
    partition = next((path / place for place in _CELEBA_LISTS if (path / place).is_file()), None)
    if partition is None:
        raise _nothing(path, f"the partition: {', '.join(_CELEBA_LISTS)}")
    numbers = _read_partition(partition)
    there = {file.name: file for file in list_pictures(pictures)}
    parts = []
    for number, (name, expected) in enumerate(_CELEBA_PARTS):
        names = [each for each, part in numbers.items() if part == number]
        files = sorted((there[each] for each in names if each in there), key=Path.as_posix)
        if not files:
            raise InputError(
                f"expected pictures of the part {name} in {pictures}, got none of the {len(names)} that {partition} "
                "names; unpack img_align_celeba.zip there"
            )
        parts.append(Part(name, files, expected, [pictures / each for each in names if each not in there]))
    return parts


def _holds_pictures(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return any(file.suffix.lower() in PICTURE_SUFFIXES and file.is_file() for file in folder.iterdir())


def _read_partition(file: Path) -> dict[str, int]:
    """Lines "000001.jpg 0" or, with a header, "000001.jpg,0" => number of the part by name."""
    numbers: dict[str, int] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"expected the partition of CelebA, got {file} ({error}); get it again") from error
    for number, line in enumerate(lines, start=1):
        cells = line.replace(",", " ").split()
        if not cells or cells == ["image_id", "partition"]:
            continue
        if len(cells) != 2 or cells[1] not in {"0", "1", "2"}:
            raise InputError(
                f"{file}, line {number}: expected a picture and 0, 1 or 2, got {line[:80]!r}; get the file again"
            )
        if numbers.setdefault(cells[0], int(cells[1])) != int(cells[1]):
            raise InputError(
                f"{file}, line {number}: expected each picture in one part, got {cells[0]} in {numbers[cells[0]]} and "
                f"{cells[1]}; get the file again"
            )
    return numbers


def _any_folder(path: Path) -> list[Part]:
    return [Part("pictures", list_pictures(path), None, [])]


def _nothing(path: Path, looked_for: str) -> InputError:
    return InputError(
        f"expected a dataset in {path}, got none of what was looked for ({looked_for}); check the path"
    )


LAYOUTS: dict[str, Callable[[Path], list[Part]]] = {
    "celeba": _celeba,
    "folder": _any_folder,
    "paris": _paris,
    "places2": _places,
}
"""Name -> its folder => its parts."""
