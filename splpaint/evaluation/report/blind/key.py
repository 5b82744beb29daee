"""The key of a blind sheet: which method each letter stands for. It lies apart from what viewers get."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from splpaint.atomic_files import write_atomic
from splpaint.errors import InputError

__all__ = ["KEY_FILE", "BlindKey", "BlindPair"]

KEY_FILE = "blind-key.json"


class BlindPair(BaseModel):
    """A pair of a sheet.

    Attributes:
        pair: What the sheet calls it.
        name: What the manifest calls it.
        number: Its place in the manifest, from 1.
        image_sha256: Checksum of its photograph.
        bin: Label of its hole's ratio; empty if it lies in none.
        mask: Kind of its mask.
        letters: Letter => the methods that painted what it shows: several if they painted the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: str
    name: str
    number: int
    image_sha256: str
    bin: str
    mask: str
    letters: dict[str, list[str]]


class BlindKey(BaseModel):
    """What a sheet shows.

    Attributes:
        sheet: Its name, which the names of its pairs begin with: answers to one sheet fit no other one's key.
        manifest_sha256: Checksum of the manifest.
        protocol: The protocol's name.
        seed: Drew the pairs and the letters.
        methods: Names.
        pairs: In the order of the sheet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sheet: str
    manifest_sha256: str
    protocol: str
    seed: int
    methods: list[str]
    pairs: list[BlindPair]

    @classmethod
    def read(cls, path: Path) -> BlindKey:
        """Read a key.

        Raises:
            InputError: It is missing or something else.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise InputError(
                f"expected the key of a blind sheet, got {path} ({str(error).splitlines()[0]}); name the "
                f"{KEY_FILE} that was written with the sheet by `key`"
            ) from error

    def write(self, path: Path) -> None:
        """Write it; a file that is there is replaced.

        Raises:
            InputError: It cannot be written.
        """
        write_atomic(path, (self.model_dump_json(indent=1) + "\n").encode())
