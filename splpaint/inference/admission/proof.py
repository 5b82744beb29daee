"""Whether a network keeps its contract, proved on a picture of our own.

The picture is plain: ramps from black to white with three boxes missing, which hold something else. A network that
keeps its contract gives values of its range, gives known pixels back if it says so, and does not care what the boxes
held. If it fails, or paints the boxes badly, the contracts nearby are tried: mask the other way round, other ranges.
One that is kept and paints clearly better is named.

What no picture tells: the order of colours; and, of a network that is all but linear, one range in and out from
another.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import ModelError
from splpaint.images import Planes
from splpaint.inference.engines import Adapter
from splpaint.inference.models import Contract, ValueRange

__all__ = ["Proof", "Run", "proof_inputs", "prove"]

Run = Callable[[dict[str, NDArray[Any]]], NDArray[Any]]
"""Runs a network as it is."""

_KNOWN_OFF = 2.5 / 255
_INFLUENCE = 1.5 / 255
_BADLY = 0.05  # mean error of boxes on a ramp, which any painter continues better
_CLEARLY = 0.5
_NEARLY = 1.2
_LEAST_PX = 128
_RANGES: tuple[ValueRange, ...] = ("0..1", "0..255", "-1..1")


class Proof(NamedTuple):
    """What a network did with the picture.

    Attributes:
        lowest: Of the values that it gave.
        highest: Of the values that it gave.
        known_off: How far known pixels are from what they were, at most; in [0,1].
        influence: How much what the boxes held changes the painting, at most; in [0,1].
        hole_off: How far the boxes are from the ramp, on average; in [0,1].
    """

    lowest: float
    highest: float
    known_off: float
    influence: float
    hole_off: float


def prove(run: Run, contract: Contract, source: str) -> Proof:
    """Prove that a network keeps a contract.

    Args:
        run: The network, in float32.
        contract: What it should keep.
        source: What messages call the network.

    Raises:
        ModelError: It does not, and how; or it cannot be run.
    """
    run = _remembering(run)
    found = _measure(run, contract, source)
    broken = _broken(found, contract)
    if not broken and found.hole_off <= _BADLY:
        return found
    better = _nearby_contract(run, contract, source, most=np.inf if broken else _CLEARLY * found.hole_off)
    if better is None and not broken:
        return found
    told = "; ".join(broken) or f"boxes missing from a ramp are painted {found.hole_off:.2f} off on average"
    fits = f"it fits with {_difference(contract, better)}: " if better else ""
    raise ModelError(f"{source} must keep its contract, got: {told}; {fits}correct the contract")


def proof_inputs(contract: Contract) -> tuple[Planes, Planes, Planes]:
    """The picture as it was, with something else in its boxes, and the boxes.

    Returns:
        Twice float32 ``(1, 3, S, S)`` in [0, 1], and the hole ``(1, 1, S, S)``.
    """
    multiple = contract.size_multiple
    side = min(-(-_LEAST_PX // multiple) * multiple, contract.working_size_px)
    ramp = np.broadcast_to(np.linspace(0, 1, side, dtype=np.float32), (side, side))
    picture = np.stack([ramp, ramp.T, 1 - ramp])[None]  # (1,3,S,S)
    hole = np.zeros((1, 1, side, side), np.float32)
    box = side // 8
    for eighth in (1, 3, 6):
        hole[..., eighth * box : (eighth + 1) * box, eighth * box : (eighth + 1) * box] = 1
    checks = (np.indices((side, side)).sum(axis=0) % 2).astype(np.float32)
    return picture, np.where(hole > 0, checks, picture), hole


def _remembering(run: Run) -> Run:
    # Contracts nearby differ mostly in how an output is read, and a run may take seconds.
    outputs: dict[bytes, NDArray[Any]] = {}

    def remembered(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        key = hashlib.sha256(b"".join(part.tobytes() for part in inputs.values())).digest()
        if key not in outputs:
            outputs[key] = run(inputs)
        return outputs[key]

    return remembered


def _measure(run: Run, contract: Contract, source: str) -> Proof:
    picture, damaged, hole = proof_inputs(contract)
    adapter = Adapter(contract, source)
    output = run(adapter.inputs(damaged, hole))
    painted = adapter.planes(output, picture.shape)
    inside = np.broadcast_to(hole > 0, picture.shape)
    other = np.where(inside, np.float32(1), damaged)  # not of the same mean, either
    repainted = adapter.planes(run(adapter.inputs(other, hole)), picture.shape)
    return Proof(
        lowest=float(output.min()),
        highest=float(output.max()),
        known_off=float(np.abs(painted - picture)[~inside].max()),
        influence=float(np.abs(painted - repainted).max()),
        hole_off=float(np.abs(painted - picture)[inside].mean()),
    )


def _broken(found: Proof, contract: Contract) -> list[str]:
    said = contract.output_range
    lies = _range_of(found)
    broken = []
    if lies != said and not (lies == "0..1" and said == "-1..1"):  # a network may well stay above 0
        broken.append(f"output lies in {lies}, the contract says {said}")
    if contract.composited and found.known_off > _KNOWN_OFF:
        broken.append(f"known pixels come back up to {found.known_off:.2f} off, the contract says composited")
    if found.influence > _INFLUENCE:
        broken.append(
            f"what the hole holds changes the painting by up to {found.influence:.2f}, the contract says "
            f"hole_holds {contract.hole_holds}"
        )
    return broken


def _range_of(found: Proof) -> str:
    # Networks overshoot a little.
    if found.highest > 300 or found.lowest < -1.5:
        return f"{found.lowest:.4g}..{found.highest:.4g}"
    if found.highest > 2:
        return "0..255"
    return "-1..1" if found.lowest < -0.25 else "0..1"


def _nearby_contract(run: Run, contract: Contract, source: str, *, most: float) -> Contract | None:
    # Of the contracts that are kept and paint nearly as well as the best of them, but less than ``most`` off: the one
    # with the fewest changes. To promise less, without known pixels, is the last resort.
    kept = []
    for nearby in _nearby(contract):
        with contextlib.suppress(ModelError):
            found = _measure(run, nearby, source)
            if found.hole_off < most and not _broken(found, nearby):
                kept.append((found.hole_off, nearby))
    promising = [each for each in kept if each[1].composited == contract.composited] or kept
    good = _NEARLY * min((off for off, _ in promising), default=0) + _BADLY / 2
    near = [nearby for off, nearby in promising if off <= good]
    return min(near, key=lambda nearby: len(_changes(contract, nearby)), default=None)


def _nearby(contract: Contract) -> Iterator[Contract]:
    polarity = [contract.hole_value, contract.known_value]
    of_bytes, joined = contract.dtype == "uint8", len(contract.inputs) == 1
    for (hole, known), image, output, first, composited in product(
        (polarity, polarity[::-1]),
        (contract.image_range,) if of_bytes else _RANGES,
        (contract.output_range,) if of_bytes else _RANGES,
        (False, True) if joined else (False,),
        (True, False) if contract.composited else (False,),
    ):
        nearby = contract.model_copy(
            update={
                "hole_value": hole,
                "known_value": known,
                "image_range": image,
                "output_range": output,
                "mask_first": first,
                "composited": composited,
            }
        )
        if nearby != contract:
            yield nearby


def _changes(contract: Contract, other: Contract) -> dict[str, Any]:
    before, after = contract.model_dump(), other.model_dump()
    changes = {name: value for name, value in after.items() if value != before[name]}
    if "hole_value" in changes:  # both values are one change
        changes["hole_value"] = f"{changes['hole_value']:g} and known_value {changes.pop('known_value'):g}"
    return changes


def _difference(contract: Contract, other: Contract) -> str:
    changes = _changes(contract, other)
    told = ", ".join(f"{name} {value}" for name, value in changes.items())
    return f"{told} (the mask is the wrong way round)" if "hole_value" in changes else told
