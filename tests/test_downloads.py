"""A download is whole and right, or not there; servers and networks may do what they want."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from splpaint.downloads import RemoteFile, download
from splpaint.errors import DownloadError
from tests.web_server import Answer, Answering, Asked, Served, serving

DATA = np.random.default_rng(0).bytes(1_000_000)
OTHER = np.random.default_rng(1).bytes(1_000_000)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serving(DATA) as server:
        yield server


def _there(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_arrives_and_its_progress_is_told(served: Served, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    download(served.remote(), tmp_path / "a", progress=lambda done, total: told.append((done, total)))
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts == [None]
    assert told[-1] == (len(DATA), len(DATA))
    assert told == sorted(told)
    download(served.remote(), tmp_path / "a")  # it is there: nothing is asked for
    assert served.starts == [None]


def test_connections_that_break_off_are_made_anew_where_they_ended(served: Served, tmp_path: Path) -> None:
    served.answer = lambda answering, asked: answering.give(DATA, most=300_000)
    told: list[int] = []
    download(served.remote(), tmp_path / "a", progress=lambda done, total: told.append(done))
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts == [None, 300_000, 600_000, 900_000]
    assert told == sorted(told)


def test_what_an_earlier_attempt_left_is_continued(served: Served, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA[:123_456])
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts == [123_456]


def test_a_file_of_which_all_but_the_name_was_there_needs_no_server(tmp_path: Path, served: Served) -> None:
    (tmp_path / "a.part").write_bytes(DATA)
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.asked == []


def test_a_server_that_gives_no_parts_gives_all(served: Served, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(OTHER[:123_456])
    served.answer = lambda answering, asked: answering.give(DATA, ranges=False)
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts == [123_456]


def _refuses_ranges(answering: Answering, asked: Asked) -> None:
    if asked.start:
        answering.head(416, Content_Length=0)
    else:
        answering.give(DATA)


def _gives_another_part(answering: Answering, asked: Asked) -> None:
    if asked.start:
        answering.head(206, Content_Length=10, Content_Range=f"bytes 0-9/{len(DATA)}")
        answering.wfile.write(DATA[:10])
    else:
        answering.give(DATA)


@pytest.mark.parametrize("answer", [_refuses_ranges, _gives_another_part])
def test_parts_that_are_refused_or_mistaken_lead_to_the_whole(
    served: Served, tmp_path: Path, answer: Answer
) -> None:
    (tmp_path / "a.part").write_bytes(DATA[:123_456])
    served.answer = answer
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts == [123_456, None]


@pytest.mark.parametrize("kept", [123_456, 1_000_001])
def test_what_was_left_by_another_file_is_dropped_in_the_end(
    served: Served, tmp_path: Path, kept: int
) -> None:
    (tmp_path / "a.part").write_bytes((OTHER * 2)[:kept])
    if kept < len(DATA):
        with pytest.raises(DownloadError, match=r"got another file, of the SHA-256"):
            download(served.remote(), tmp_path / "a")
        assert _there(tmp_path) == {}
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}


def test_redirections_are_followed_and_parts_asked_for_behind_them(served: Served, tmp_path: Path) -> None:
    def answer(answering: Answering, asked: Asked) -> None:
        if asked.path == "/file":
            answering.head(302, Location="/there?signature=1", Content_Length=0)
        else:
            answering.give(DATA, most=600_000)

    served.answer = answer
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.asked == [
        Asked("/file", None),
        Asked("/there?signature=1", None),
        Asked("/file", 600_000),
        Asked("/there?signature=1", 600_000),
    ]


def _redirects_for_ever(answering: Answering, asked: Asked) -> None:
    answering.head(302, Location="/file", Content_Length=0)


def _redirects_to_a_file_here(answering: Answering, asked: Asked) -> None:
    answering.head(302, Location=f"file://{__file__}", Content_Length=0)


def _is_gone(answering: Answering, asked: Asked) -> None:
    answering.head(404, Content_Length=0)


def _gives_a_shorter_file(answering: Answering, asked: Asked) -> None:
    answering.give(b"<html>Please log in</html>")


def _gives_another_file(answering: Answering, asked: Asked) -> None:
    answering.give(OTHER)


def _gives_a_page_of_unknown_length(answering: Answering, asked: Asked) -> None:
    answering.head(200)
    answering.wfile.write(b"<html>Please log in</html>")


def _gives_nothing(answering: Answering, asked: Asked) -> None:
    answering.head(204)


def _gives_an_unasked_part(answering: Answering, asked: Asked) -> None:
    answering.head(206, Content_Length=10, Content_Range=f"bytes 5-14/{len(DATA)}")
    answering.wfile.write(DATA[5:15])


def _hangs_up(answering: Answering, asked: Asked) -> None:
    answering.connection.shutdown(socket.SHUT_RDWR)


def _speaks_something_else(answering: Answering, asked: Asked) -> None:
    answering.wfile.write(b"220 mail.example ESMTP\r\n")


def _promises_and_gives_nothing(answering: Answering, asked: Asked) -> None:
    answering.give(DATA, most=0)


def _stalls_at_once(answering: Answering, asked: Asked) -> None:
    answering.stall()


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (_redirects_for_ever, "the answer 302 .*infinite loop"),
        (_redirects_to_a_file_here, "the answer 302 .*not allowed"),
        (_is_gone, "the answer 404 Not Found"),
        (_gives_a_shorter_file, "another file, of 26 bytes"),
        (_gives_another_file, "another file, of the SHA-256"),
        (_gives_a_page_of_unknown_length, "an answer that does not say how long it is"),
        (_gives_nothing, "the answer 204 No Content"),
        (_gives_an_unasked_part, "the answer 206"),
        (_hangs_up, "Remote end closed connection"),
        (_speaks_something_else, "220 mail"),
        (_promises_and_gives_nothing, "an early end of the connection"),
        (_stalls_at_once, "timed out"),
    ],
)
def test_other_answers_are_told_and_leave_nothing(
    served: Served, tmp_path: Path, answer: Answer, got: str
) -> None:
    served.answer = answer
    with pytest.raises(DownloadError, match=rf"/file must give 1000000 bytes, got {got}") as refused:
        download(served.remote(), tmp_path / "a", timeout_s=0.3)
    assert f"put it at {tmp_path / 'a'} and do the same again" in str(refused.value)
    assert [data for data in _there(tmp_path).values() if data] == []


def test_a_page_to_log_in_on_spoils_nothing_that_is_kept(served: Served, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA[:123_456])
    for page in (_gives_a_page_of_unknown_length, _gives_a_shorter_file, _is_gone):
        served.answer = page
        with pytest.raises(DownloadError, match="123456 bytes are kept"):
            download(served.remote(), tmp_path / "a")
    served.answer = lambda answering, asked: answering.give(DATA)
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts[-1] == 123_456


def test_a_server_that_stalls_is_left_and_what_it_gave_is_kept(served: Served, tmp_path: Path) -> None:
    def answer(answering: Answering, asked: Asked) -> None:
        answering.give(DATA, most=0 if asked.start else 400_000)
        answering.stall()

    served.answer = answer
    started_s = time.monotonic()
    with pytest.raises(DownloadError, match=r"timed out; 400000 bytes are kept; try again later"):
        download(served.remote(), tmp_path / "a", timeout_s=0.3)
    assert time.monotonic() - started_s < 10
    assert _there(tmp_path) == {"a.part": DATA[:400_000]}
    assert served.starts == [None, 400_000]


def test_a_server_that_gives_a_byte_at_a_time_and_hangs_up_is_left_after_a_while(
    served: Served, tmp_path: Path
) -> None:
    served.answer = lambda answering, asked: answering.give(DATA, most=1)
    with pytest.raises(DownloadError, match="got 100 connections that broke off; 100 bytes are kept"):
        download(served.remote(), tmp_path / "a")


def test_a_download_that_was_killed_is_resumed(served: Served, tmp_path: Path) -> None:
    def answer(answering: Answering, asked: Asked) -> None:
        answering.give(DATA, most=500_000)
        answering.stall()

    served.answer = answer
    code = (
        "from pathlib import Path\nfrom splpaint.downloads import RemoteFile, download\n"
        f"download(RemoteFile(*{tuple(served.remote())!r}), Path({str(tmp_path / 'a')!r}))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    part = tmp_path / "a.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size == 500_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    served.answer = lambda answering, asked: answering.give(DATA)
    download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": DATA}
    assert served.starts == [None, 500_000]


def test_without_a_network_the_place_for_the_file_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file"
    remote = RemoteFile(url, 10, "0" * 64)
    with pytest.raises(
        DownloadError, match=r"got .*[Rr]efused.*; try again later, or get the file"
    ) as refused:
        download(remote, tmp_path / "a")
    assert f"put it at {tmp_path / 'a'}" in str(refused.value)
    assert _there(tmp_path) == {}


def test_a_file_that_was_put_there_by_hand_is_taken_or_refused_but_never_removed(
    served: Served, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(OTHER)
    with pytest.raises(DownloadError, match=r"a must be the file of http.*; remove it"):
        download(served.remote(), tmp_path / "a")
    assert _there(tmp_path) == {"a": OTHER}
    (tmp_path / "a").write_bytes(DATA)
    download(served.remote(), tmp_path / "a")
    assert served.asked == []


def test_a_place_that_cannot_be_written_is_named(served: Served, tmp_path: Path) -> None:
    (tmp_path / "a.part").mkdir()
    with pytest.raises(DownloadError, match=r"a cannot be written \("):
        download(served.remote(), tmp_path / "a")


def test_proxies_are_used_and_left_out_as_the_environment_says(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", served.url)
    remote = served.remote()._replace(url="http://models.example/file")
    download(remote, tmp_path / "a")
    assert [asked.path for asked in served.asked] == ["http://models.example/file"]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    download(served.remote("/direct"), tmp_path / "b")
    assert served.asked[-1].path == "/direct"
