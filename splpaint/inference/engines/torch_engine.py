"""torch as an engine, for NVIDIA and Apple GPUs.

Untested on GPUs: the tests run it on the CPU, where it paints what OpenVINO paints.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from splpaint.errors import InputError, ModelError
from splpaint.images import Planes
from splpaint.precision import Precision, PrecisionChoice

__all__ = ["TorchEngine", "torch_devices"]


class TorchEngine:
    """A model's ``model.safetensors`` run by torch in float32; may be called from many threads at once.

    Untested on ``cuda`` and ``mps``.
    """

    precision: Precision = "fp32"

    def __init__(self, folder: Path, *, device: str, precision: PrecisionChoice = "auto") -> None:
        """Load a model folder.

        Args:
            folder: Holds ``model.safetensors`` and ``config.json``.
            device: ``cuda``, ``cuda:1`` ..., ``mps`` or ``cpu``.
            precision: ``auto`` or ``fp32``.

        Raises:
            InputError: The device is not there, or lacks the precision.
            ModelError: A file is missing or damaged.
            ModuleNotFoundError: torch or safetensors is not installed.
        """
        import torch

        from splpaint.networks import load_model

        if precision not in {"auto", "fp32"}:
            raise InputError(f"precision on {device} must be auto or fp32, got {precision!r}")
        if device not in (there := torch_devices()):
            raise InputError(
                f"device {device} must be one that torch sees, got only {', '.join(there)}; install its driver "
                'and a torch made for it, or use `device="cpu"`'
            )
        generator, _ = load_model(folder)
        self.name = f"torch {device}"
        self._device = torch.device(device)
        self._generator = generator.to(self._device)
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

        with torch.inference_mode():
            image, missing = (torch.from_numpy(part).to(self._device) for part in (planes, hole))
            painted = self._generator(image, missing).painted.clamp(0, 1).float().cpu().numpy()
        if not np.isfinite(painted).all():
            raise ModelError(
                f"{self._source} must paint finite values, got NaN or infinity on {self._device}; "
                'try `device="cpu"` or another model'
            )
        return np.asarray(painted, dtype=np.float32)


def torch_devices() -> list[str]:
    """Devices that torch sees: ``cpu``, ``cuda``, ``cuda:0`` ..., ``mps``."""
    import torch

    there = ["cpu"]
    if torch.cuda.is_available():
        there += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        there.append("mps")
    return there
