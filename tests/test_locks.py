from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.locks import only_writer

HOLDER = (
    "import subprocess, sys\n"
    "from pathlib import Path\n"
    "from splpaint.locks import only_writer\n"
    "with only_writer(Path(sys.argv[1]), doing='training'):\n"
    "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], stdout=-3)\n"
    "    print(child.pid, flush=True)\n"
    "    sys.stdin.read()\n"
)


def _holder(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that writes to a folder, and the child of it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


@pytest.mark.parametrize("end", ["killed", "done"])
def test_a_folder_is_free_again_when_its_writer_is_gone_even_with_children_left(
    tmp_path: Path, end: str
) -> None:
    folder = tmp_path / "new" / "run"
    process, child = _holder(folder)
    with process as holder:
        with (
            pytest.raises(InputError, match=r"run is in use by another training; wait for its end"),
            only_writer(folder, doing="training"),
        ):
            pass
        if end == "killed":
            holder.send_signal(signal.SIGKILL)
        else:
            holder.communicate("")
        holder.wait(10)
        with only_writer(folder, doing="training"):
            os.kill(child, signal.SIGTERM)  # it was still there


def test_threads_exclude_each_other_too_and_by_any_name(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "run")
    caught: list[Exception] = []

    def write() -> None:
        try:
            with only_writer(tmp_path / "link", doing="training"):
                pass
        except InputError as error:
            caught.append(error)

    with only_writer(tmp_path / "run", doing="training"):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(caught) == 1
    write()
    assert len(caught) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(InputError, match=r"file cannot be written"),
        only_writer(tmp_path / "file", doing="training"),
    ):
        pass
