"""What libtiff says while Pillow decodes by it: it would print that on the process's stderr, whoever reads there.

Its handlers for errors and warnings are set once, for the process; outside of ``libtiff_errors`` all that it says goes
where it went before.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PIL import _imaging

__all__ = ["libtiff_errors"]

_LINE_BYTES = 500
_Handler = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p
)  # module, format, va_list
_heard = threading.local()


@contextmanager
def libtiff_errors() -> Iterator[list[str]]:
    """Collect the errors of this thread, as lines; warnings are passed over.

    Where Pillow's libtiff cannot be reached, the list stays empty.
    """
    _set_handlers()
    _heard.errors = []
    try:
        yield _heard.errors
    finally:
        del _heard.errors


@functools.cache
def _set_handlers() -> tuple[Any, ...]:
    # Returned, so that they live as long as the process does.
    if sys.platform not in {"linux", "darwin"}:
        return ()
    try:
        library = ctypes.CDLL(_imaging.__file__)
        write_out = ctypes.CDLL(None).vsnprintf
        setters = library.TIFFSetErrorHandler, library.TIFFSetWarningHandler
    except (OSError, AttributeError):  # built without libtiff, or with one of its own
        return ()
    handlers = []
    for setter, keeps in zip(setters, (True, False), strict=True):
        setter.restype, setter.argtypes = ctypes.c_void_p, [_Handler]
        handlers.append(_Handler(_hearer(write_out, keeps=keeps)))
        setter(handlers[-1])
    return tuple(handlers)


def _hearer(write_out: Any, *, keeps: bool) -> Callable[[bytes | None, bytes, int], None]:
    def hear(module: bytes | None, format: bytes, arguments: int) -> None:
        line = ctypes.create_string_buffer(_LINE_BYTES)
        write_out(line, ctypes.c_size_t(_LINE_BYTES), format, ctypes.c_void_p(arguments))
        said = ": ".join(part.decode("utf-8", "replace") for part in (module, line.value) if part)
        errors: list[str] | None = getattr(_heard, "errors", None)
        if errors is None:
            print(said, file=sys.stderr)  # noqa: T201
        elif keeps:
            errors.append(said)

    return hear
