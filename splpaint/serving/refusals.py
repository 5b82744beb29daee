"""Why a request is refused: one kind of answer for all errors, in the shape that clients of IOPaint know."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from fastapi.responses import JSONResponse

from splpaint.errors import InputError, SizeMismatchError, SplpaintError

__all__ = ["RefusedError", "answer_to", "in_fields"]

_PARAMETER = re.compile(r"`(?:[A-Z]\w+\.)?(\w+)(?:=[^`]*)?`")
_ADVICE = re.compile(
    r"(, or pass `accept_damaged=True` to use what can be decoded|; pass `resize=True` to scale it"
    r"|; if black and white are the wrong way round, invert the mask \(`HoleRules\.invert`\))"
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class RefusedError(Exception):
    """A request that is not served.

    Args:
        status: Of HTTP.
        detail: What was expected, what was got, and what to do.
        retry_after_s: When to come again.
    """

    def __init__(self, status: int, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_after_s = status, detail, retry_after_s

    @property
    def headers(self) -> Mapping[str, str]:
        """Those that belong to the status."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        if self.retry_after_s is None:
            return {}
        return {"Retry-After": str(max(1, math.ceil(self.retry_after_s)))}

    @classmethod
    def of(cls, error: SplpaintError) -> RefusedError:
        """The refusal that an error of the package means."""
        status = (
            400 if isinstance(error, SizeMismatchError) else 422 if isinstance(error, InputError) else 500
        )
        return cls(status, in_fields(str(error)))


def answer_to(refusal: RefusedError) -> JSONResponse:
    """The answer in JSON."""
    detail = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", refusal.detail)
    content = {"error": _NAMES.get(refusal.status, "Error"), "detail": detail, "body": "", "errors": detail}
    return JSONResponse(content, refusal.status, dict(refusal.headers))


def in_fields(message: str) -> str:
    """A message of the package in the words of the API: advice that means nothing here is left out."""
    return _PARAMETER.sub(r"\1", _ADVICE.sub("", message))


_NAMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "TooSlow",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    422: "InputError",
    429: "Busy",
    500: "InternalError",
    503: "Unavailable",
}
