"""Messages of the package in the words of the command line."""

from __future__ import annotations

import re

__all__ = ["OPTIONS", "in_options"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PARAMETER = re.compile(r"`(?:[A-Z]\w+\.)?(\w+)(?:=([^`]*))?`")

OPTIONS = {
    "Transparency": "--mask alpha",
    "accept_damaged": "--accept-damaged",
    "any_ratio": "--any-ratio",
    "avoid": "--avoid",
    "boxes": "--box",
    "cluster": "--cluster",
    "contract": "--contract",
    "cors": "--cors",
    "count": "--count",
    "device": "--device",
    "invert": "--invert-mask",
    "key": "--key",
    "link": "--link",
    "mask": "--mask",
    "masks": "--masks",
    "masks_per_image": "--per-image",
    "measure": "--measure",
    "name": "--name",
    "overwrite": "--overwrite",
    "per_bin": "--per-bin",
    "polarity": "--polarity",
    "pretext_weights": "--pretext-weights",
    "port": "--port",
    "resize": "--resize",
    "resize=True": "--resize-mask",
    "resume": "--resume",
    "save_mask": "--save-mask",
    "shard": "--shard",
    "shard_bytes": "--size-mb",
    "view": "--view",
    "weights": "--weights",
}
"""Parameters that messages name, some with a value => the options that set them."""


def in_options(message: str) -> str:
    """Put options in place of the parameters in a message: ``--overwrite`` for `overwrite=True`.

    What comes out of a file may hold line breaks and codes that terminals obey: these are written as Python does.
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], _PARAMETER.sub(_option, message))


def _option(found: re.Match[str]) -> str:
    name, value = found.groups(default="")
    option = OPTIONS.get(f"{name}={value}", OPTIONS.get(name))
    given = value.replace('"', "") if value != "True" else ""
    return f"{option} {given}".rstrip() if option else found[0]
