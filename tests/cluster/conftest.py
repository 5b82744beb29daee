"""Pictures with masks, a stand-in model, an S3 server on this machine, and one Ray cluster for all tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.inference import MaskFile, PaintOptions, load_inpainter, plan_batch, run_batch
from tests.stand_in_model import write_stand_in

HEIGHT, WIDTH = 60, 80


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stand_in(tmp_path_factory.mktemp("models") / "model", working_size_px=64)


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """A bucket on a server of this process; s3fs finds it by environment, here and in processes that are started."""
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket="bucket")
        yield "s3://bucket"
    server.stop()


@pytest.fixture(scope="session")
def ray_address(bucket: str) -> Iterator[str]:
    """A cluster of two cores that this process has begun, and that others may join."""
    import ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            object_store_memory=100 << 20,
        )
        yield ray.get_runtime_context().gcs_address
        ray.shutdown()


def write_pictures(place: Path, names: list[str], *, height: int = HEIGHT, width: int = WIDTH) -> None:
    """Write the folders ``in`` and ``masks``: noise, each with a hole of its own."""
    for number, name in enumerate(names):
        random = np.random.default_rng(number)
        pixels = random.integers(0, 256, (height, width, 3), np.uint8)
        hole = np.zeros((height, width), np.bool_)
        top, left = random.integers(5, height // 2), random.integers(5, width // 2)
        hole[top : top + 12, left : left + 15] = True
        for folder, image in (("in", pixels), ("masks", hole)):
            path = place / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path.with_suffix(".png") if folder == "masks" else path)


def painted_here(place: Path, model: Path, options: PaintOptions) -> dict[str, bytes]:
    """What ``run_batch`` makes of the folders, by path."""
    out = place / "here"
    painter = load_inpainter(model, many_at_once=True).painter
    list(run_batch(painter, plan_batch(place / "in", MaskFile(place / "masks"), out), options))
    return files(out)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.csv"
    }
