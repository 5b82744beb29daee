"""The processes that train together: one alone, or those that ``accelerate launch`` or ``torchrun`` has started.

Each has all networks and a share of every batch; gradients are averaged (torch's DistributedDataParallel, by Hugging
Face Accelerate), so that all take the same step. What the host decides, such as to end, goes by gloo: no GPU waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import torch
from torch import Tensor, nn

from splpaint.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["Processes", "without_averaging"]

_Value = TypeVar("_Value")
_PATIENCE = timedelta(hours=2)  # with the first, while it validates and writes


class Processes:
    """Which process this is, and what they tell each other. What waits for the others has to be called by all.

    Args:
        device: Where to train; "cuda": each process on the GPU of its local number.

    Attributes:
        rank: Number of this process, from 0, the first, which alone writes files and talks to the user.
        count: How many there are.
        on_this_machine: How many of them are on this machine.
        device: Of this process.

    Raises:
        InputError: One GPU is named for several processes.
    """

    def __init__(self, device: str) -> None:
        self.rank = int(os.environ.get("RANK", 0))
        self.count = int(os.environ.get("WORLD_SIZE", 1))
        self.on_this_machine = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
        self.device = torch.device(device)
        self._accelerator: Accelerator | None = None
        if self.count > 1:
            if self.device.index is not None:
                raise InputError(f"run.device must be cpu or cuda for several processes, got {device}")
            self._accelerator = _join(self.device.type)
            self.device = self._accelerator.device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and talks."""
        return self.rank == 0

    def share_of(self, batch_size: int) -> int:
        """Samples of a batch that are this process's.

        Raises:
            InputError: They cannot be shared evenly.
        """
        if batch_size % self.count:
            raise InputError(
                f"run.batch_size must be a multiple of the {self.count} processes, got {batch_size}; choose "
                f"{-(-batch_size // self.count) * self.count}"
            )
        return batch_size // self.count

    def end_of(self, start: int, stop: int) -> int:
        """The first end from ``stop`` on at which every process has had as many samples since ``start``."""
        return start + -(-(stop - start) // self.count) * self.count

    def together(self, network: nn.Module) -> nn.Module:
        """The network with the first process's weights, whose gradients ``backward`` averages over all processes."""
        return network if self._accelerator is None else self._accelerator.prepare_model(network)

    def mean(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        """The means of scalars on the device over all processes; nothing waits for a GPU."""
        if self._accelerator is None or not values:
            return values
        stacked = torch.stack([value.detach().float() for value in values.values()]) / self.count
        torch.distributed.all_reduce(stacked)
        return dict(zip(values, stacked.unbind(), strict=True))

    def any(self, *flags: bool) -> list[bool]:
        """Which of the flags is true in any process."""
        if self._accelerator is None:
            return list(flags)
        raised = torch.tensor(flags, dtype=torch.int32)
        torch.distributed.all_reduce(raised, torch.distributed.ReduceOp.MAX)
        return [bool(flag) for flag in raised]

    def from_first(self, value: _Value) -> _Value:
        """The first process's value; those of the others are dropped."""
        if self._accelerator is None:
            return value
        shared: list[Any] = [value]
        torch.distributed.broadcast_object_list(shared, src=0)
        return shared[0]

    def union(self, lines: Iterable[str]) -> list[str]:
        """The lines of all processes."""
        mine = [line for line in lines if line]
        if not any(self.any(bool(mine))):
            return mine
        return [line for lines in self.gather(mine) for line in lines]

    def gather(self, value: _Value) -> list[_Value]:
        """The values of all processes, by their ranks."""
        if self._accelerator is None:
            return [value]
        found: list[Any] = [None] * self.count
        torch.distributed.all_gather_object(found, value)
        return found

    def add_up(self, buffer: Tensor) -> None:
        """Add up the buffers of all processes, on their devices, in each of them."""
        if self._accelerator is not None:
            torch.distributed.all_reduce(buffer)

    def restarted_after(self, file: Path) -> bool:
        """Whether a launcher has started this process anew, and the file was written since that launcher's start."""
        if not int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0)) or not file.exists():
            return False
        import psutil

        return file.stat().st_mtime > psutil.Process(os.getppid()).create_time()

    def close(self) -> None:
        """Wait for all to have come here, and part."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()
            self._accelerator.end_training()


def without_averaging(network: object) -> AbstractContextManager[object]:
    """Within, gradients of a network of ``Processes.together`` add up here, to be averaged with those that follow."""
    no_sync: Callable[[], AbstractContextManager[object]] = getattr(network, "no_sync", nullcontext)
    return no_sync()


def _join(device: str) -> Accelerator:
    try:
        from accelerate import Accelerator
        from accelerate.utils import DistributedDataParallelKwargs
    except ModuleNotFoundError as error:
        raise MissingExtraError("training by several processes", "train", str(error.name)) from error

    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    backends = "gloo" if device == "cpu" else f"cpu:gloo,{device}:nccl"
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        store = _open_store(rank, count)
        torch.distributed.init_process_group(
            backends, store=store, rank=rank, world_size=count, timeout=_PATIENCE
        )
    else:
        torch.distributed.init_process_group(backends, timeout=_PATIENCE)
    return Accelerator(
        cpu=device == "cpu",
        mixed_precision="no",  # the step chooses what runs in which precision
        kwargs_handlers=[DistributedDataParallelKwargs(gradient_as_bucket_view=True)],
    )


def _open_store(rank: int, count: int) -> Any:
    """The launcher's store under a name of this start's own.

    A launcher that restarts processes keeps the store with the addresses of those before, which then are waited for;
    and how often it has restarted them is not the same on all machines. So the first process gives a new name to each
    of the others, which ask by a word that nobody has used before.
    """
    from torch.distributed import PrefixStore, TCPStore  # type: ignore[attr-defined]

    place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    store = TCPStore(*place, is_master=False, timeout=_PATIENCE)
    if rank:
        word = uuid4().hex
        store.set(f"asked by {rank}", word)
        name = store.get(word).decode()
        store.set(f"{name} {rank}", "here")
        return PrefixStore(name, store)
    name = uuid4().hex
    for other in range(1, count):
        while not store.check([f"{name} {other}"]):
            if store.check([f"asked by {other}"]):
                store.set(store.get(f"asked by {other}").decode(), name)
            time.sleep(0.02)
    return PrefixStore(name, store)
