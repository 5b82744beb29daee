"""Ray's side of the command: a process that is handed pictures on stdin, and tells on stdout what became of each.

Ray Data hands the pictures out in blocks, and out again when a worker has died. It runs a block at least once. Outputs
are written whole and kept where they are there already, so that pictures are painted once all the same. A picture that
kills its worker each time is painted once more in a block of its own, and then called failed.

Ray has a process for itself because its end may hang, crash and complain, above all when a signal interrupts it. The
command, ``painting.py``, kills this process instead; what Ray has begun on this machine ends with it.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from splpaint.cluster.manifest import Record
from splpaint.cluster.plan import Picture
from splpaint.cluster.worker import CORES, Task, Worker
from splpaint.cpu import usable_cores
from splpaint.errors import InputError

__all__ = ["main"]

_BLOCK = 64
_BLOCKS_A_WORKER = 8  # at least, so that all end at the same time
_WORKERS_A_RECORD = 100  # of more workers records come several at once: Ray hands on some 500 blocks a second
_RETRIES = 1
_OBJECT_STORE_BYTES = 200 << 20
_CONNECTION_TIMEOUT_S = 10
_LOCAL = "local"


def main() -> None:
    """Take ``(address, task, {number: picture})``; tell ``(number, record)`` of each, at the end None or an error."""
    with os.fdopen(os.dup(1), "wb") as told:
        os.dup2(2, 1)  # Ray prints there, too
        address, task, pictures = pickle.load(sys.stdin.buffer)
        end = threading.Thread(target=_end_with_the_command, daemon=True)
        end.start()

        def tell(what: object) -> None:
            pickle.dump(what, told)
            told.flush()

        try:
            for numbered in _paint(_join(address), pictures, task):
                tell(numbered)
            tell(None)
        except InputError as error:
            tell(error)
        end.join()


def _end_with_the_command() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _join(address: str) -> Any:
    import ray
    import ray.data

    _require_listening(address)
    local: dict[str, Any] = {
        "num_cpus": usable_cores(),
        "include_dashboard": False,
        "object_store_memory": _OBJECT_STORE_BYTES,
    }
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            **(local if address == _LOCAL else {}),
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise _no_cluster(address, str(error)) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.max_errored_blocks = -1
    # So that what a worker tells comes at once, and it goes on without waiting until that is heard.
    context.target_max_block_size = 1
    context._max_num_blocks_in_streaming_gen_buffer = _BLOCK
    return ray


def _require_listening(address: str) -> None:
    # Ray itself tries for minutes.
    if address in {_LOCAL, "auto"}:
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal() and int(port) < 1 << 16):
        raise _no_cluster(address)
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECTION_TIMEOUT_S).close()
    except OSError as error:
        raise _no_cluster(address, str(error)) from error


def _no_cluster(address: str, reason: str = "") -> InputError:
    return InputError(
        f"`cluster` must be local, auto, or the HOST:PORT of a Ray cluster that runs, got {address}"
        f"{f' ({reason})' if reason else ''}; start it or correct the address"
    )


def _paint(ray: Any, pictures: dict[int, Picture], task: Task) -> Iterator[tuple[int, Record]]:
    workers = max(1, int(ray.cluster_resources().get("CPU", 1)) // CORES)
    size = max(1, min(_BLOCK, len(pictures) // (workers * _BLOCKS_A_WORKER)))
    left = dict(pictures)
    # In the second round a picture has its worker for itself, and no other can be blamed for its death.
    for block_size, ahead in ((size, None), (1, 1)):
        for number, record in _run(ray, left, task, workers, block_size, ahead):
            if left.pop(number, None):  # a block that came a second time tells of some pictures again
                yield number, record
    for number, picture in left.items():
        record = Record(picture.photo, picture.mask, picture.output, "failed")
        yield (
            number,
            record._replace(
                error="every worker that painted it died: it may need more memory than there is; give the machines "
                "more, or make it smaller"
            ),
        )


def _run(
    ray: Any, pictures: dict[int, Picture], task: Task, workers: int, block_size: int, ahead: int | None
) -> Iterator[tuple[int, Record]]:
    # Those blocks whose workers died each time are left out.
    if not pictures:
        return
    import pyarrow

    numbers = list(pictures)
    blocks = [
        pyarrow.Table.from_pylist([{"number": number, **pictures[number]._asdict()} for number in some])
        for some in (numbers[start : start + block_size] for start in range(0, len(numbers), block_size))
    ]
    with warnings.catch_warnings():  # there is no other name for its retries yet
        warnings.simplefilter("ignore", DeprecationWarning)
        painted = ray.data.from_arrow(blocks).map_batches(
            Worker,
            fn_constructor_args=(task, 1 + workers // _WORKERS_A_RECORD),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=CORES,
            compute=ray.data.ActorPoolStrategy(
                min_size=1, initial_size=min(workers, len(blocks)), max_tasks_in_flight_per_actor=ahead
            ),
            max_task_retries=_RETRIES,
        )
    try:
        for block in painted.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for row in (row for rows in block["records"].to_pylist() for row in rows):
                yield row.pop("number"), Record(**row)
    except ray.exceptions.RayActorError as error:
        # A worker could not begin: the last line is its own error, by class and message.
        raise InputError(str(error).strip().splitlines()[-1].partition(": ")[2] or str(error)) from error


if __name__ == "__main__":
    main()
