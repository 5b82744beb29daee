"""From a request's body to what it asks for: JSON as IOPaint's clients send it, or a form."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import AsyncGenerator, Callable
from typing import NamedTuple, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from splpaint.serving.refusals import RefusedError
from splpaint.serving.settings import Limits

__all__ = ["Received", "decode", "parse_fields", "parse_json", "receive"]

_MOST_FILES, _MOST_FIELDS, _MOST_FIELD_BYTES = 3, 100, 1 << 16
_ENDING_BYTES = 16
_MOST_JSON_ITEMS = 2000
_Model = TypeVar("_Model", bound=BaseModel)

# It would be printed on stderr what the parser logs about damaged forms; its errors say that, too.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


class Received(NamedTuple):
    """A body: JSON as it came, or the fields and files of a form."""

    json: bytes | None
    fields: dict[str, str]
    files: dict[str, bytes]

    def pictures(self, *, needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, bytes]:
        """The files of a form that are pictures, by their names.

        Raises:
            RefusedError: One that is needed is missing, or came as text.
        """
        for name in (*needed, *optional):
            if name in self.fields:
                raise RefusedError(
                    422, f"{name} must be a file in the form, got text; with curl write -F {name}=@FILE"
                )
            if name in needed and name not in self.files:
                raise RefusedError(422, f"{name} must be a file in the form, got none; send a picture")
        return {name: self.files[name] for name in (*needed, *optional) if name in self.files}


async def receive(request: Request, limits: Limits) -> Received:
    """Take a request's body.

    Raises:
        RefusedError: It is neither JSON nor a form, or damaged.
    """
    packed = request.headers.get("content-encoding", "identity")
    if packed.lower() != "identity":
        raise RefusedError(415, f"a request must not be compressed, got {packed[:60]}; send it as it is")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return Received(await request.body(), {}, {})
    if kind != "multipart/form-data":
        raise RefusedError(
            415, f"a request must be application/json or multipart/form-data, got {kind[:60] or 'no type'}"
        )
    ending = bytearray()
    parser = MultiPartParser(
        request.headers,
        _watched(request, ending),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=_MOST_FIELD_BYTES,
    )
    parser.spool_max_size = limits.max_bytes + 1  # in memory: nothing is written
    try:
        form = await parser.parse()
        if not ending.rstrip().endswith(b"--"):
            raise MultiPartException("it is cut short")
    except (MultiPartException, FormParserError, KeyError, UnicodeError) as error:
        raise RefusedError(
            400, f"a form must be whole and well-formed, got one that is not ({error})"
        ) from error
    fields, files = {}, {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
            await value.close()
        else:
            fields[name] = value
    return Received(None, fields, files)


async def _watched(request: Request, ending: bytearray) -> AsyncGenerator[bytes, None]:
    # The parser takes what is cut short for whole.
    async for piece in request.stream():
        ending[:] = (bytes(ending) + piece[-_ENDING_BYTES:])[-_ENDING_BYTES:]
        yield piece


def parse_json(data: bytes, model: type[_Model]) -> _Model:
    """Parse JSON.

    Raises:
        RefusedError: It is none, or a value is not what it must be.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_JSON_ITEMS:
        raise RefusedError(
            422, f"JSON must have at most {_MOST_JSON_ITEMS} items, got more; send pictures in base64"
        )
    return _validated(lambda: model.model_validate_json(data))


def parse_fields(fields: dict[str, str], model: type[_Model]) -> _Model:
    """Take the values of a form's fields.

    Raises:
        RefusedError: One is not what it must be.
    """
    return _validated(lambda: model.model_validate({name: text for name, text in fields.items() if text}))


def _validated(parse: Callable[[], _Model]) -> _Model:
    try:
        return parse()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False, include_context=False)[:5]
        )
        raise RefusedError(422, problems[:1000]) from None


def decode(text: str, name: str) -> bytes:
    """Decode a picture's file from base64, bare or in a data URI.

    Raises:
        RefusedError: It is none.
    """
    if text.startswith("data:"):
        head, comma, text = text.partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise RefusedError(422, f"{name} must be base64 or a data URI of it, got another data URI")
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        pass
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError(422, f"{name} must be a picture's file in base64, got what is none") from error
