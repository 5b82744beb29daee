"""One export: written under a temporary name, compared with torch, and kept only if it agrees."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from splpaint.atomic_files import require_free, write_atomic
from splpaint.errors import InputError, ModelError, did_you_mean
from splpaint.export.formats import FORMATS
from splpaint.export.parity import Parity, measure, samples
from splpaint.export.variants import plain, preprocessed, side_multiple
from splpaint.model_folder import ONNX_FILE
from splpaint.networks import load_model, network_to_export, painting_network, stored_in_fp16
from splpaint.versions import __version__

__all__ = ["Exported", "export_network"]


class Exported(NamedTuple):
    """What was written.

    Attributes:
        files: The network's, and last the report of its comparison with torch.
        runtime: The library that ran it, with its version.
        takes: What the network takes and gives.
        unit: Of the differences.
        parity: What was compared.
    """

    files: list[Path]
    runtime: str
    takes: str
    unit: str
    parity: Parity


def export_network(
    folder: Path, output: Path, *, format: str, preprocessing: bool = False, overwrite: bool = False
) -> Exported:
    """Write a model's network for other people's programs, with a report beside it, or nothing.

    Args:
        folder: A model folder with weights.
        output: The file; its suffix is the format's.
        format: One of ``FORMATS``.
        preprocessing: The network takes and gives 8-bit pictures of any size.
        overwrite: Whether files that are there are replaced.

    Raises:
        InputError: The format or suffix is unknown, or a file is there.
        ModelError: The folder holds no weights, or the exported network and torch do not agree.
        MissingExtraError: The format's library is not installed.
    """
    files = _files(output, format)
    own = [folder / ONNX_FILE] if (folder / ONNX_FILE).is_file() else []
    for file in files:
        require_free(file, overwrite=overwrite, inputs=own)
    _, runtime, write, open_file = FORMATS[format]
    generator, config = load_model(folder)
    generator.requires_grad_(False)
    variant = (preprocessed if preprocessing else plain)(network_to_export(generator), config)
    multiple = side_multiple(config)
    tried = samples(multiple, config.working_size_px, any_size=preprocessing)
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output.parent, prefix=".part-") as temporary:
        part = Path(temporary) / output.name
        write(variant, part, stored_in_fp16(folder))
        exact = painting_network(generator)
        parity = measure(open_file(part), exact, tried, multiple=multiple if preprocessing else None)
        _require_parity(parity, format)
        for file in files[:-1]:
            (part.parent / file.name).replace(file)
    version = importlib.import_module(runtime).__version__
    named = f"{runtime} {version.partition('-')[0]}"  # without OpenVINO's build
    unit = "levels of 255" if preprocessing else "in 0..1"
    exported = Exported(files, named, variant.takes, unit, parity)
    write_atomic(files[-1], _report(exported, format, preprocessing=preprocessing))
    return exported


def _files(output: Path, format: str) -> list[Path]:
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        raise InputError(f"format must be one of {known}, got {format!r}{did_you_mean(format, FORMATS)}")
    suffixes = FORMATS[format].suffixes
    if output.suffix != suffixes[0]:
        raise InputError(f"a file of {format} must end in {suffixes[0]}, got {output}; give such a name")
    return [*map(output.with_suffix, suffixes), output.with_name(f"{output.name}.parity.json")]


def _require_parity(parity: Parity, format: str) -> None:
    if parity.holds:
        return
    worst = parity.worst
    if not worst.known_kept:
        raise ModelError(
            f"{format} must give known pixels back as they were, and does not ({worst.sample}); "
            "another version of its library may do"
        )
    raise ModelError(
        f"{format} must agree with torch within {worst.allowed:.2g}, got {worst.largest:.2g} ({worst.sample}); "
        "another version of its library may do"
    )


def _report(exported: Exported, format: str, *, preprocessing: bool) -> bytes:
    content: dict[str, Any] = {
        "format": format,
        "preprocessing": preprocessing,
        "takes": exported.takes,
        "splpaint": __version__,
        "runtime": exported.runtime,
        "unit": exported.unit,
        "differences": [each._asdict() for each in exported.parity.differences],
    }
    return (json.dumps(content, indent=2) + "\n").encode()
