"""Training by several processes, as the launchers start them: on one machine, on two hosts, killed and restarted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch

from splpaint.errors import InputError
from splpaint.training.loop import train
from splpaint.training.processes import Processes
from tests.tiny_run import TINY, configured, counters, weights, write_photographs

IMAGES = 40
HOSTS = ("splpaint-a", "splpaint-b")
TORCHRUN = (sys.executable, "-m", "torch.distributed.run")
ACCELERATE = (sys.executable, "-m", "accelerate.commands.accelerate_cli")


def training(photographs: Path, out: Path) -> list[str]:
    """The command as every launcher gets it."""
    more = ("data.workers=1", "loss.adversarial=0.1", "run.checkpoint_minutes=0", f"run.images={IMAGES}")
    paths = (f"data.images={photographs}", f"run.out={out}")
    return ["-m", "splpaint", "train", "compact", *TINY, *more, *paths]


def started(*command: str, interface: str = "lo") -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": interface}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(*launchers: subprocess.Popen[str]) -> None:
    """Wait for launchers, which must succeed."""
    said = [launcher.communicate(timeout=280)[0] for launcher in launchers]
    assert [launcher.returncode for launcher in launchers] == [0] * len(launchers), "\n".join(said)


def require_same(one: Path, other: Path) -> None:
    assert counters(one)["images_seen"] == counters(other)["images_seen"] == IMAGES
    for name, value in weights(one).items():
        torch.testing.assert_close(weights(other)[name], value, rtol=0, atol=0, msg=name)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photographs(tmp_path_factory.mktemp("together") / "photographs")


@pytest.fixture(scope="module")
def alone(photographs: Path) -> Path:
    """The run of two processes that nothing happened to, started by Accelerate."""
    out = photographs.parent / "alone"
    launch = ("launch", "--multi_gpu", "--num_processes", "2")  # which starts them without GPUs, too
    ended(started(*ACCELERATE, *launch, *training(photographs, out)))
    return out


@pytest.mark.slow
def test_several_processes_take_the_steps_of_one() -> None:
    command = [sys.executable, "-m", "tests.training.together"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_launcher_restarts_a_killed_process_and_training_goes_on(
    tmp_path: Path, photographs: Path, alone: Path
) -> None:
    out = tmp_path / "killed"
    launch = ("--standalone", "--nproc-per-node", "2", "--max-restarts", "1")
    launcher = started(*TORCHRUN, *launch, *training(photographs, out))
    deadline = time.monotonic() + 200
    while not (out / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    saved = counters(out)["images_seen"]
    assert saved < IMAGES
    workers = [each for each in psutil.Process(launcher.pid).children() if "splpaint" in each.cmdline()]
    assert len(workers) == 2
    workers[-1].send_signal(signal.SIGKILL)
    ended(launcher)
    require_same(alone, out)


@pytest.fixture
def hosts() -> Iterator[None]:
    """Two hosts with their own networks, joined by a cable."""
    if not shutil.which("ip") or os.geteuid():
        pytest.skip("network namespaces need iproute2 and root")

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    try:
        for host in HOSTS:
            ip("netns", "add", host)
        ip("link", "add", "cable-0", "netns", HOSTS[0], "type", "veth", "peer", "cable-1", "netns", HOSTS[1])
        for number, host in enumerate(HOSTS):
            ip("-n", host, "address", "add", f"10.99.0.{number + 1}/24", "dev", f"cable-{number}")
            for device in ("lo", f"cable-{number}"):
                ip("-n", host, "link", "set", device, "up")
        yield
    finally:
        for host in HOSTS:
            subprocess.run(["ip", "netns", "delete", host], check=False)


@pytest.mark.slow
@pytest.mark.usefixtures("hosts")
def test_two_hosts_train_together_over_tcp(tmp_path: Path, photographs: Path, alone: Path) -> None:
    out = tmp_path / "hosts"
    launch = ("--nnodes", "2", "--nproc-per-node", "1", "--rdzv-backend", "c10d", "--rdzv-id", "16")
    ended(
        *(
            started(
                *("ip", "netns", "exec", host, *TORCHRUN, *launch),
                *("--rdzv-endpoint", "10.99.0.1:29400", "--rdzv-conf", f"is_host={number == 0}"),
                *("--local-addr", f"10.99.0.{number + 1}"),
                *training(photographs, out),
                interface=f"cable-{number}",
            )
            for number, host in enumerate(HOSTS)
        )
    )
    require_same(alone, out)


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes("cpu")
    processes.count = 3
    assert processes.share_of(12) == 4
    assert [processes.end_of(5, stop) for stop in (5, 6, 8, 9)] == [5, 8, 8, 11]
    with pytest.raises(InputError, match=r"multiple of the 3 processes, got 8; choose 9"):
        processes.share_of(8)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match="must be cpu or cuda for several processes, got cuda:1"):
        Processes("cuda:1")


def test_processes_of_different_runs_are_refused(
    tmp_path: Path, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first_has_more(processes: Processes, value: object) -> object:
        return value | {"photographs": 4} if isinstance(value, dict) else value

    monkeypatch.setattr(Processes, "from_first", first_has_more)
    with pytest.raises(
        InputError, match=r"same in all processes, got photographs=3, was 4 in the first; give"
    ):
        train(configured(photographs, tmp_path / "run", "run.images=2"))


def test_only_a_checkpoint_of_the_same_launch_is_gone_on_from_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint, processes = tmp_path / "checkpoint.pt", Processes("cpu")
    checkpoint.write_bytes(b"")
    assert not processes.restarted_after(checkpoint)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert processes.restarted_after(checkpoint)
    assert not processes.restarted_after(tmp_path / "other.pt")
    os.utime(checkpoint, (0, 0))
    assert not processes.restarted_after(checkpoint)
