from __future__ import annotations

import io
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import DamagedError
from splpaint.images.decoding import open_picture
from splpaint.images.libtiff import libtiff_errors

pytestmark = pytest.mark.skipif(
    sys.platform not in {"linux", "darwin"}, reason="elsewhere libtiff cannot be reached"
)


def _spoilt(compression: str) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(pixels).save(file, "TIFF", compression=compression)
    data = bytearray(file.getvalue())
    data[200:260] = b"\xff" * 60
    return bytes(data)


@pytest.mark.parametrize(
    ("compression", "said"),
    [("tiff_adobe_deflate", "ZIPDecode: Decoding error"), ("tiff_lzw", "LZWDecode|not yet in")],
)
def test_what_libtiff_says_is_part_of_the_error_and_not_on_stderr(
    compression: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DamagedError, match=said):
        open_picture("a.tif", _spoilt(compression))
    assert capfd.readouterr() == ("", "")


def test_threads_hear_what_is_theirs() -> None:
    heard: dict[int, int] = {}

    def decode(number: int) -> None:
        with libtiff_errors() as errors:
            for _ in range(number):
                with pytest.raises(OSError, match="decoder error"):
                    Image.open(io.BytesIO(_spoilt("tiff_adobe_deflate"))).load()
        heard[number] = len(errors)

    threads = [threading.Thread(target=decode, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {0: 0, 1: 1, 2: 2, 3: 3}


def test_what_is_said_to_others_goes_where_it_went_before() -> None:
    code = (
        "import io, sys\n"
        "from PIL import Image\n"
        "from splpaint.images.libtiff import libtiff_errors\n"
        "with libtiff_errors():\n"
        "    pass\n"
        "try:\n"
        "    Image.open(io.BytesIO(sys.stdin.buffer.read())).load()\n"
        "except OSError:\n"
        "    pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=_spoilt("tiff_adobe_deflate"), capture_output=True, check=True
    )
    assert done.stderr.startswith(b"ZIPDecode: Decoding error")
