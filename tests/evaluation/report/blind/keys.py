"""A key made by hand."""

from __future__ import annotations

from splpaint.evaluation.report.blind.key import BlindKey, BlindPair

METHODS = ["ours", "same", "telea"]


def pair(place: int, letters: dict[str, list[str]], photograph: str | None = None) -> BlindPair:
    return BlindPair(
        pair=f"f00d-{place:02d}",
        name=f"picture-{place}",
        number=place,
        image_sha256=photograph or f"{place:064d}",
        bin="",
        mask="box",
        letters=letters,
    )


def key_of(*pairs: BlindPair, methods: list[str] = METHODS) -> BlindKey:
    return BlindKey(
        sheet="f00d", manifest_sha256="0" * 64, protocol="clean", seed=0, methods=methods, pairs=list(pairs)
    )
