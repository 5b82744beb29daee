"""OpenVINO as an engine.

Precision on CPUs: OpenVINO by itself chooses bfloat16 wherever the CPU has any bfloat16 instruction. Here ``auto``
takes bfloat16 with AMX tiles, where it is several times faster, and float32 on CPUs that do not multiply bfloat16, or
are limited to less (``splpaint.cpu``). In between it is faster on some and slower on others: float32, unless it was
measured to be faster there (``measured_precision.py``). Intel GPUs, also through OpenVINO, run in float32 unless
bfloat16 is asked for; they are untested.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from splpaint.cpu import (
    allows,
    cpu_flags,
    cpu_limits,
    has_amx_bf16,
    lacks_avx,
    multiplies_bf16,
    usable_cores,
)
from splpaint.errors import InputError, ModelError
from splpaint.images import Planes
from splpaint.inference.engines.adapter import Adapter
from splpaint.inference.engines.cache import recall, remember
from splpaint.inference.engines.measured_precision import kept_precision
from splpaint.inference.models import OURS, Contract
from splpaint.model_folder import file_sha256
from splpaint.precision import Precision, PrecisionChoice, precision_named

if TYPE_CHECKING:
    import openvino  # type: ignore[import-untyped]
__all__ = ["OpenVINOEngine", "import_openvino", "openvino_core"]

_OPENVINO_TYPES = {"fp32": "f32", "bf16": "bf16"}

_import_lock = threading.Lock()

_core_lock, _core = threading.Lock(), None

_settling, _settled = threading.Lock(), False


class OpenVINOEngine:
    """OpenVINO on the CPU, or on an Intel GPU (untested); may be called from many threads at once.

    Each call makes its own infer request. Requests take turns on one set of threads, which is fastest for one image;
    or, with ``many_at_once``, run beside each other, which is fastest for all of them together.
    """

    def __init__(
        self,
        onnx: Path,
        contract: Contract = OURS,
        *,
        precision: PrecisionChoice = "auto",
        device: str = "CPU",
        many_at_once: bool = False,
        threads: int | None = None,
        cache: Path | None = None,
    ) -> None:
        """Read and compile a network.

        Args:
            onnx: The network's file.
            contract: What it takes and gives.
            precision: ``auto``, ``fp32`` or ``bf16``.
            device: One of OpenVINO's devices: ``CPU``, ``GPU``, ``GPU.0`` ...
            many_at_once: Whether several threads will call it at once, for long.
            threads: How many it computes with on a CPU; None: one for each usable core.
            cache: Folder to keep the compiled network in, for the next start.

        Raises:
            InputError: The precision is unknown or not safe for the network, or the device lacks it or is not there.
            ModelError: The file is damaged or holds a network that does not keep the contract.
        """
        core = openvino_core()
        _require_device(device, core)
        self.name = f"OpenVINO {device}"
        self.precision = _choose_precision(precision, core, device, bf16_safe=contract.bf16_safe)
        hints: dict[str, Any] = {
            "PERFORMANCE_HINT": "THROUGHPUT" if many_at_once else "LATENCY",
            "INFERENCE_PRECISION_HINT": _OPENVINO_TYPES[self.precision],
        }
        if threads and device == "CPU":
            hints["INFERENCE_NUM_THREADS"] = threads
        self._network = _compile(core, onnx, contract, device, hints, cache)
        self._adapter = Adapter(contract, str(onnx))

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        """Paint.

        Args:
            planes: float32 ``(B, 3, H, W)`` in [0, 1]; what lies inside the hole does not matter.
            hole: float32 ``(B, 1, H, W)``, exactly 0 or 1, 1 = missing.

        Returns:
            float32 ``(B, 3, H, W)`` in [0, 1].

        Raises:
            ModelError: The network gave values that are not finite or of another size, or cannot be run at this size or
                on this processor.
        """
        return self._adapter.planes(self.run(self._adapter.inputs(planes, hole)), planes.shape)

    def run(self, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Run the network as it is.

        Args:
            inputs: What it takes, by name.

        Raises:
            ModelError: It cannot be run at this size or on this processor.
        """
        try:
            return _infer(self._network, inputs, self._adapter.contract.output)
        except RuntimeError as error:
            shape = next(iter(inputs.values())).shape
            height, width = shape[1:3] if self._adapter.contract.layout == "NHWC" else shape[2:]
            raise ModelError(
                f"{self._adapter.source} must run here on pictures of {width}x{height}, got from OpenVINO: "
                f"{_reason(error)}"
            ) from error


def import_openvino() -> Any:
    """Import OpenVINO without its telemetry, and without what converts models, a third of the time.

    The package that converts, ``openvino.tools.ovc``, reports the import to its makers over the network and leaves
    files in the home folder, through the package ``openvino_telemetry`` if that can be imported. Here it cannot be,
    neither now nor when ``openvino.convert_model`` is called; OpenVINO then uses a stand-in that does nothing.
    Nothing changes if OpenVINO has been imported already.
    """
    with _import_lock:
        if "openvino" not in sys.modules:
            with _missing("openvino.tools.ovc"):
                import openvino
            openvino.convert_model = _convert_model
        import openvino

        return openvino


def _convert_model(*arguments: Any, **options: Any) -> openvino.Model:
    with _missing("openvino_telemetry"):
        from openvino.tools.ovc import convert_model  # type: ignore[import-untyped]
    return convert_model(*arguments, **options)


@contextlib.contextmanager
def _missing(module: str) -> Iterator[None]:
    # Nothing is done if it has been imported already.
    missing = module not in sys.modules
    if missing:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if missing:
            del sys.modules[module]


def openvino_core() -> openvino.Core:
    """OpenVINO's core, one for as long as the process lives.

    A core's CPU plugin gives the thread that loads it an alternate signal stack, and unmaps that at the core's end. If
    another thread ends the core, or several cores do not end in reverse order, the stack stays in use; the next signal
    that Python handles there, such as the SIGCHLD that torch's ``DataLoader`` asks for, then kills the process with
    SIGSEGV.
    """
    global _core
    openvino = import_openvino()
    with _core_lock:
        _core = _core or openvino.Core()
        return _core


def _infer(
    network: openvino.CompiledModel, inputs: dict[str, NDArray[Any]], output: str | None
) -> NDArray[Any]:
    # OpenVINO's Python side sets itself up in the first inference of a process, and hangs for good if two threads do
    # that at once: one waits for the interpreter, holding what the other waits for.
    global _settled
    with contextlib.nullcontext() if _settled else _settling:
        painted: NDArray[Any] = network.create_infer_request().infer(inputs)[output or 0]
        _settled = True
        return painted


def _require_device(device: str, core: openvino.Core) -> None:
    there = core.available_devices
    if device not in there and f"{device}.0" not in there:
        raise InputError(
            f"device {device.lower()} must be one that OpenVINO sees, got only {', '.join(there).lower()}; "
            'install its driver or use `device="cpu"`'
        )


def _compile(
    core: openvino.Core,
    onnx: Path,
    contract: Contract,
    device: str,
    hints: dict[str, Any],
    cache: Path | None,
) -> openvino.CompiledModel:
    key = _key(core, onnx, contract, device, hints) if cache else ""
    kept = recall(cache, key) if cache else None
    if kept:
        with contextlib.suppress(RuntimeError):  # from another build after all
            return core.import_model(kept, device, hints)
    model = _read_network(onnx)
    _require_kept(contract, model, onnx)
    try:
        network = core.compile_model(model, device, hints)
    except RuntimeError as error:
        raise ModelError(
            f"{onnx} must hold a network that runs here, got from OpenVINO: {_reason(error)}"
        ) from error
    if cache:
        with contextlib.suppress(RuntimeError):  # a device that cannot export
            remember(cache, key, network.export_model().getvalue())
    return network


def _key(core: openvino.Core, onnx: Path, contract: Contract, device: str, hints: dict[str, Any]) -> str:
    # Everything that a compiled network depends on, and the contract, which was checked before it was compiled; home
    # folders may be shared between machines.
    machine = [core.get_property(device, name) for name in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")]
    machine += [usable_cores(), sorted(cpu_flags()), cpu_limits()]
    parts = (import_openvino().__version__, contract.sha256(), device, hints, *machine)
    return hashlib.sha256(repr(parts).encode() + bytes.fromhex(file_sha256(onnx))).hexdigest()[:32]


def _choose_precision(
    precision: PrecisionChoice,
    core: openvino.Core,
    device: str = "CPU",
    *,
    bf16_safe: bool = True,
) -> Precision:
    precision_named(precision)
    if precision == "auto":
        # OpenVINO's capabilities say BF16 for AVX-512 and for AMX alike.
        if not bf16_safe or device != "CPU" or not multiplies_bf16():
            return "fp32"
        return "bf16" if has_amx_bf16() else kept_precision() or "fp32"
    if precision == "bf16" and not bf16_safe:
        raise InputError(
            "precision must be auto or fp32, since the model's contract does not call it bf16_safe, got bf16"
        )
    if precision == "bf16":
        _require_bf16(core, device)
    return precision


def _require_bf16(core: openvino.Core, device: str) -> None:
    if "BF16" not in core.get_property(device, "OPTIMIZATION_CAPABILITIES"):
        raise InputError(f"precision bf16 needs a {device} with bfloat16, got one without; use auto or fp32")
    if device == "CPU" and not allows("avx512"):  # which the capabilities ignore; compiling then fails
        raise InputError(
            f"precision bf16 needs AVX-512, got the limit {_limits()}; lift it, or use auto or fp32"
        )


def _reason(error: RuntimeError) -> str:
    # OpenVINO's last line gives the reason, those before it a place in its sources.
    *_, said = (line.strip() for line in str(error).splitlines() if line.strip())
    if not lacks_avx():
        return f"{said}; check the model"
    limits = f" (limited by {_limits()})" if cpu_limits() else ""
    return f"{said}; the processor has no AVX{limits}, which some networks need: use one of 2011 or later"


def _limits() -> str:
    return " ".join(f"{name}={value}" for name, value in cpu_limits().items())


def _read_network(onnx: Path) -> openvino.Model:
    # By the reader of ONNX: Core.read_model tries all readers on a damaged file, and they complain on stderr.
    reader = import_openvino().frontend.FrontEndManager().load_by_framework("onnx")
    try:
        model = reader.convert(reader.load(str(onnx)))
    except Exception as error:
        raise ModelError(f"{onnx} must be an ONNX file, got a damaged or other one; get it again") from error
    return model


def _require_kept(contract: Contract, model: openvino.Model, onnx: Path) -> None:
    inputs = sorted(port.any_name for port in model.inputs)
    outputs = sorted(name for port in model.outputs for name in port.names)
    has_output = contract.output in outputs if contract.output else len(model.outputs) == 1
    if inputs != sorted(contract.inputs) or not has_output:
        raise ModelError(
            f"{onnx} must have the inputs {' and '.join(sorted(contract.inputs))} and "
            f"{f'the output {contract.output}' if contract.output else 'one output'}, got {inputs} and {outputs}; "
            "give a model that paints, with the contract that it keeps"
        )
    for name, channels in contract.channels.items():
        _require_input(name, model.input(name), channels, contract, onnx)


def _require_input(name: str, port: openvino.Output, channels: int, contract: Contract, onnx: Path) -> None:
    shape = port.get_partial_shape()
    sizes = [side.get_length() if side.is_static else None for side in shape] if shape.rank.is_static else []
    side = contract.working_size_px if contract.fixed_size else None
    last = contract.layout == "NHWC"
    wanted = (1, side, side, channels) if last else (1, channels, side, side)
    if len(sizes) != 4 or any(size not in {None, want} for size, want in zip(sizes, wanted, strict=True)):
        sides = iter("HW")
        raise ModelError(
            f"{onnx} must take {f'{side}x{side}' if side else 'any height and width'}, its input {name} "
            f"({', '.join(str(want or next(sides)) for want in wanted)}), got {shape}; "
            f"{'give the contract that it keeps' if side else 'export it with free sizes'}"
        )
    kinds = {"float32": "f32", "uint8": "u8"}
    if (kind := port.get_element_type().get_type_name()) != kinds[contract.dtype]:
        raise ModelError(
            f"{onnx} must take {contract.dtype}, its input {name} is {kind}; export it again, or give it "
            "another contract"
        )
