"""Train for some minutes in the unpacked folder of ``gpu_slice.sh pack``, or continue, and write the results.

Nothing is installed: what this machine's Python lacks lies in ``wheels`` and is unpacked beside them. The whole state
stays in ``run``; called again, it continues. Compiled kernels are kept in ``cache``, so that a second call compiles
less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Train and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, help="folder for weights, log and pictures; made if missing")
    parser.add_argument("overrides", nargs="*", help="section.key=value, over those that were packed")
    parser.add_argument("--minutes", type=float, default=9, help="so long is trained, start included (9)")
    parser.add_argument("--device", help="as run.device; default: cuda where there is one, else cpu")
    options = parser.parse_intermixed_args()
    begun = time.monotonic()
    environment = _environment()
    print(f"{time.monotonic() - begun:.1f} s to unpack", flush=True)
    device = options.device or ("cuda" if Path("/dev/nvidia0").exists() else "cpu")
    command = _training(device, options.minutes, options.overrides)
    code = subprocess.run(command, cwd=HERE, env=environment, check=False).returncode
    trained = time.monotonic()
    results = [
        sys.executable,
        str(HERE / "slice_results.py"),
        str(HERE / "run"),
        str(options.results.resolve()),
    ]
    code = subprocess.run([*results, device], cwd=HERE, env=environment, check=False).returncode or code
    print(f"{trained - begun:.1f} s to train, {time.monotonic() - trained:.1f} s to write the results")
    sys.exit(code)


def _environment() -> dict[str, str]:
    """Unpack wheels; returns the variables with which Python finds them."""
    site = HERE / "site"
    if not site.exists():
        part = HERE / "site.part"
        for wheel in sorted((HERE / "wheels").glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(part)
        part.mkdir(exist_ok=True)
        part.rename(site)
    others = os.environ.get("PYTHONPATH")
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(HERE), str(site), *([others] if others else [])]),
        "TORCHINDUCTOR_CACHE_DIR": str(HERE / "cache" / "inductor"),
        "TRITON_CACHE_DIR": str(HERE / "cache" / "triton"),
    }


def _training(device: str, minutes: float, overrides: list[str]) -> list[str]:
    packed = json.loads((HERE / "slice.json").read_text("utf-8"))
    workers = len(os.sched_getaffinity(0)) if device.startswith("cuda") else 1
    usual = ["data.resident=true", f"data.workers={workers}", "run.compile=auto"]
    here = [f"run.device={device}", f"run.max_minutes={minutes}"]
    resume = ["--resume"] if (HERE / "run" / "checkpoint.pt").exists() else []
    settings = [*usual, *packed["overrides"], *here, *overrides]
    return [sys.executable, "-m", "splpaint", "train", packed["recipe"], *settings, *resume]


if __name__ == "__main__":
    main()
