"""Torch => ONNX, with dynamic height and width, weights stored in fp16, and a parity check."""

from __future__ import annotations

import contextlib
import copy
import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn
from torch.export import Dim

from splpaint.atomic_files import atomic_path, write_atomic
from splpaint.errors import InputError, ModelError
from splpaint.model_folder import CHECKSUMS_FILE, CONFIG_FILE, ONNX_FILE, WEIGHTS_FILE, checksums_of
from splpaint.networks.checkpoints import load_model, save_model, stored_in_fp16
from splpaint.networks.config import GeneratorConfig
from splpaint.networks.rewrites import rewritten

_TOLERANCE = 1e-4
_ROUNDINGS = 10  # or this many times what rounding to float32 does to the network itself, if that is more
_SMALLEST_PX = 32  # side of the images that parity is checked with
_MIN_VALUES_FOR_FP16 = 256  # below, a cast costs more than it saves


def painting_network(generator: nn.Module) -> nn.Module:
    """A generator as a network of one output, (B,3,H,W) in [0,1]: the truth that exports are held to."""
    return _Painter(generator).eval()


def network_to_export(generator: nn.Module) -> nn.Module:
    """The network that every export writes: what ``painting_network`` computes, rewritten for running it alone."""
    return painting_network(rewritten(generator))


class _Painter(nn.Module):
    """A generator whose one output is the painted image, clamped to [0,1]."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        """(B,3,H,W), (B,1,H,W) => (B,3,H,W) in [0,1]."""
        return self.generator(image, hole).painted.clamp(0, 1)


def write_model(
    folder: Path, generator: nn.Module, config: GeneratorConfig, *, name: str, half: bool
) -> float:
    """Write a whole model folder, weights, configuration and ONNX, or nothing.

    Args:
        folder: Made if missing; files of these names are replaced.
        generator: What ``build_generator(config)`` gives.
        config: Its configuration.
        name: The model's name.
        half: Store the weights in fp16 instead of fp32, in both files.

    Returns:
        The largest difference between ONNX and torch over the parity check's images.

    Raises:
        ModelError: They differ by more than 1e-4 and than rounding explains.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=folder, prefix=".part-") as temporary:
            part = Path(temporary)
            save_model(part, generator, config, name=name, dtype=torch.float16 if half else torch.float32)
            worst = export_model(part)
            (folder / CHECKSUMS_FILE).unlink(missing_ok=True)
            for file in sorted(part.iterdir(), key=lambda file: file.name == CHECKSUMS_FILE):  # these last
                file.replace(folder / file.name)
    except BaseException:
        if made:
            with contextlib.suppress(OSError):  # some of the files are in it already
                folder.rmdir()
        raise
    return worst


def require_no_model(folder: Path, *, overwrite: bool) -> None:
    """Make sure that a model may be written to a folder.

    Raises:
        InputError: It holds a model, or a part of one, and ``overwrite`` is off; or it is no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} must be a folder, and is a file; give another name")
    if not overwrite and any((folder / name).exists() for name in (CONFIG_FILE, WEIGHTS_FILE, ONNX_FILE)):
        raise InputError(
            f"{folder} must not hold a model yet, and does; pass `overwrite=True` or another folder"
        )


def export_model(folder: Path) -> float:
    """Write ``model.onnx`` beside a model folder's weights, whole or not at all.

    Inputs ``image`` (B,3,H,W) in [0,1] and ``hole`` (B,1,H,W), output ``painted`` (B,3,H,W), all float32;
    batch, height and width are free, the latter two multiples of the configuration's ``size_multiple``.

    Args:
        folder: Holds ``model.safetensors`` and ``config.json``. Weights stored in fp16 stay so.

    Returns:
        The largest difference from torch over the parity check's images.

    Raises:
        ModelError: The folder is not a model, or ONNX and torch differ by more than 1e-4 and than rounding explains.
    """
    generator, config = load_model(folder)
    small_px = config.size_multiple * -(-_SMALLEST_PX // config.size_multiple)
    example = (torch.rand(2, 3, 2 * small_px, 2 * small_px), torch.zeros(2, 1, 2 * small_px, 2 * small_px))
    free = {0: Dim("batch"), 2: config.size_multiple * Dim("rows"), 3: config.size_multiple * Dim("columns")}
    model = to_onnx(
        network_to_export(generator), example, {"image": free, "hole": free}, half=stored_in_fp16(folder)
    )
    worst = _require_parity(painting_network(generator), model, small_px)
    with atomic_path(folder / ONNX_FILE) as part:
        onnx.save(model, part)
    write_atomic(folder / CHECKSUMS_FILE, checksums_of(folder))
    return worst


def to_onnx(
    network: nn.Module,
    example: tuple[Tensor, ...],
    free: Mapping[str, Mapping[int, object]],
    *,
    half: bool,
) -> onnx.ModelProto:
    """Convert a network of one output, ``painted``, and have onnx check the result.

    Args:
        network: In eval mode.
        example: Inputs that it takes.
        free: The inputs' names, with the axes that are free as ``torch.export`` is told them.
        half: Store the weights in fp16; only those that fp16 holds exactly.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            network,
            example,
            dynamo=True,
            dynamic_shapes=dict(free),
            input_names=list(free),
            output_names=["painted"],
            verbose=False,
        )
    assert program is not None  # only dynamo=False returns None
    model = program.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:  # stack traces of the exporting machine
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    if half:
        _store_weights_in_fp16(model)
    onnx.checker.check_model(model, full_check=True)
    return model


def _store_weights_in_fp16(model: onnx.ModelProto) -> None:
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _MIN_VALUES_FOR_FP16:
            continue
        halved = values.astype(np.float16)
        if not np.array_equal(halved, values):
            continue  # not a weight as stored, but one that the exporter has folded with something
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(halved, name + ".fp16"))
        casts.append(onnx.helper.make_node("Cast", [name + ".fp16"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _require_parity(painter: nn.Module, model: onnx.ModelProto, small_px: int) -> float:
    evaluator = ReferenceEvaluator(model)
    exact_painter = copy.deepcopy(painter).double()
    worst, rounding = 0.0, 0.0
    random = torch.Generator().manual_seed(0)
    for height, width in ((small_px, 2 * small_px), (2 * small_px, small_px)):  # sizes not exported with
        image = torch.rand(1, 3, height, width, generator=random)
        hole = (torch.rand(1, 1, height, width, generator=random) < 0.3).float()
        with torch.inference_mode():
            wanted = painter(image, hole).numpy()
            exact = exact_painter(image.double(), hole.double()).numpy()
        with np.errstate(all="ignore"):  # its sigmoid computes both branches
            (got,) = evaluator.run(None, {"image": image.numpy(), "hole": hole.numpy()})
        worst = max(worst, float(np.abs(got - wanted).max()))
        rounding = max(rounding, float(np.abs(wanted - exact).max()))
    allowed = max(_TOLERANCE, _ROUNDINGS * rounding)
    if worst > allowed:
        raise ModelError(
            f"ONNX must agree with torch within {allowed:.2g}, got {worst:.2g}; "
            "another version of torch or onnx may do"
        )
    return worst
