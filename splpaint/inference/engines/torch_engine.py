"""torch as an engine, for NVIDIA and Apple GPUs.

Neither tested nor measured on GPUs: the tests run it on the CPU, where it paints what OpenVINO paints.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from splpaint.errors import InputError, ModelError
from splpaint.images import Planes
from splpaint.precision import Precision, PrecisionChoice, precision_named

if TYPE_CHECKING:
    import torch

__all__ = ["TorchEngine", "torch_devices"]


class TorchEngine:
    """A model's ``model.safetensors`` run by torch; may be called from many threads at once.

    Untested and unmeasured on ``cuda`` and ``mps``. Sums over whole maps are float32 in bfloat16, too.
    """

    precision: Precision

    def __init__(
        self,
        folder: Path,
        *,
        device: str,
        precision: PrecisionChoice = "auto",
        many_at_once: bool = False,
    ) -> None:
        """Load a model folder.

        Args:
            folder: Holds ``model.safetensors`` and ``config.json``.
            device: ``cuda``, ``cuda:1`` ..., ``mps`` or ``cpu``.
            precision: ``fp32``; ``bf16``, which an Apple GPU does not get; ``auto``: bfloat16 on an NVIDIA GPU that
                has it.
            many_at_once: Whether it will be called for long: then it is worth compiling for an NVIDIA GPU, which takes
                about a minute at the first picture.

        Raises:
            InputError: The device is not there, or lacks the precision.
            ModelError: A file is missing or damaged.
            ModuleNotFoundError: torch or safetensors is not installed.
        """
        import torch

        from splpaint.networks import can_compile, load_model

        if precision == "bf16" and device == "mps":
            raise InputError("precision on mps must be auto or fp32, got bf16")
        if device not in (there := torch_devices()):
            raise InputError(
                f"device {device} must be one that torch sees, got only {', '.join(there)} (torch "
                f'{torch.__version__}); install its driver and a torch made for it, or use `device="cpu"`'
            )
        generator, _ = load_model(folder)
        self.name = f"torch {device}"
        self._device = torch.device(device)
        self.precision = _choose_precision(precision, self._device)
        generator = generator.to(self._device).to(memory_format=torch.channels_last)
        self._generator = (
            torch.compile(generator, dynamic=True) if many_at_once and can_compile(device) else generator
        )
        self._source = folder

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        """Paint.

        Args:
            planes: float32 ``(B, 3, H, W)`` in [0, 1]; what lies inside the hole does not matter.
            hole: float32 ``(B, 1, H, W)``, exactly 0 or 1, 1 = missing.

        Returns:
            float32 ``(B, 3, H, W)`` in [0, 1].

        Raises:
            ModelError: The network gave values that are not finite.
        """
        import torch

        half = torch.autocast(self._device.type, torch.bfloat16, enabled=self.precision == "bf16")
        with torch.inference_mode(), half:
            image, missing = (
                torch.from_numpy(part).to(self._device, memory_format=torch.channels_last)
                for part in (planes, hole)
            )
            painted = self._generator(image, missing).painted.clamp(0, 1).float().cpu().numpy()
        if not np.isfinite(painted).all():
            raise ModelError(
                f"{self._source} must paint finite values, got NaN or infinity on {self._device}; "
                'try `device="cpu"` or another model'
            )
        return np.asarray(painted, dtype=np.float32)


def _choose_precision(precision: PrecisionChoice, device: torch.device) -> Precision:
    import torch

    if precision_named(precision) != "auto":
        return cast("Precision", precision)
    return "bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "fp32"


def torch_devices() -> list[str]:
    """Devices that torch sees: ``cpu``, ``cuda``, ``cuda:0`` ..., ``mps``."""
    import torch

    there = ["cpu"]
    if torch.cuda.is_available():
        there += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        there.append("mps")
    return there
