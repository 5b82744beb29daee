"""XMP read by Python's own XML reader as an independent one."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.images.containers import fitted_xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
GONE = {
    "http://ns.adobe.com/hdr-gain-map/1.0/": "Version",
    "http://ns.google.com/photos/1.0/container/": "Directory",
    "http://ns.google.com/photos/1.0/depthmap/": "Data",
    "http://ns.google.com/photos/1.0/camera/": "MotionPhotoVersion",
    "http://ns.adobe.com/xmp/note/": "HasExtendedXMP",
    "http://ns.adobe.com/xap/1.0/": "Thumbnails",
}
KEPT = {
    "http://purl.org/dc/elements/1.1/": "title",
    "http://ns.google.com/photos/1.0/camera/": "BurstID",
    "http://ns.google.com/photos/1.0/panorama/": "UsePanoramaViewer",
    "http://ns.adobe.com/xap/1.0/": "Rating",
}

prefixes = st.from_regex(r"[a-z][a-z0-9_.-]{0,5}", fullmatch=True)
values = st.text("abcäß 1=:/", max_size=9)


@st.composite
def packets(draw: st.DrawFn) -> str:
    """A description with properties as attributes and elements, under any prefixes."""
    attributes, elements = "", ""
    declared: dict[str, str] = {}
    chosen = draw(st.lists(st.sampled_from([*GONE.items(), *KEPT.items()]), max_size=6, unique=True))
    names = draw(st.lists(prefixes, min_size=len(chosen), max_size=len(chosen), unique=True))
    for (namespace, name), prefix in zip(chosen, names, strict=True):
        known = declared.setdefault(namespace, prefix)
        value = draw(values)
        if draw(st.booleans()):
            quote = draw(st.sampled_from("'\""))
            attributes += f" {known}:{name}={quote}{value}{quote}"
        else:
            inside = f"<rdf:Seq><rdf:li>{value}</rdf:li><rdf:li {known}:{name}2='x'/></rdf:Seq>"
            elements += (
                f"<{known}:{name}>{inside}</{known}:{name}>" if draw(st.booleans()) else f"<{known}:{name} />"
            )
    bindings = "".join(f' xmlns:{prefix}="{namespace}"' for namespace, prefix in declared.items())
    return f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description{bindings}{attributes}>{elements}</rdf:Description></rdf:RDF>'


def _properties(packet: str) -> dict[str, str]:
    (description,) = ElementTree.fromstring(packet)
    elements = {each.tag: ElementTree.tostring(each).decode().strip() for each in description}
    return elements | description.attrib


@given(packet=packets())
def test_claims_go_and_everything_else_stays(packet: str) -> None:
    fitted = fitted_xmp(packet.encode(), (5, 4), 1)
    gone = {f"{{{namespace}}}{name}" for namespace, name in GONE.items()}
    before, after = _properties(packet), _properties(fitted.data.decode())
    assert after.keys() == before.keys() - gone
    assert fitted.left_out == bool(before.keys() & gone)
    if not fitted.left_out:
        assert fitted.data == packet.encode()


def test_what_is_told_in_pixels_is_turned() -> None:
    packet = b'<rdf:Description tiff:Orientation="6" tiff:ImageWidth="50" exif:PixelYDimension = "40" xmp:Rating="6"/>'
    fitted = fitted_xmp(packet, (40, 50), 6)
    assert fitted.data == packet.replace(b'n="6"', b'n="1"').replace(b"50", b"X").replace(
        b"40", b"50"
    ).replace(b"X", b"40")
    assert not fitted.left_out


@pytest.mark.parametrize("orientation", [1, 6])
def test_regions_of_faces_go_with_a_turn(orientation: int) -> None:
    packet = (
        b"<rdf:Description><mwg-rs:Regions><mwg-rs:Name>A</mwg-rs:Name></mwg-rs:Regions></rdf:Description>"
    )
    fitted = fitted_xmp(packet, (40, 50), orientation)
    assert fitted.left_out == (orientation == 6)
    assert (b"mwg-rs" in fitted.data) == (orientation == 1)


@given(data=st.text("<>/:= '\"axmpThumbnils", max_size=200))
def test_nonsense_stays_nonsense(data: str) -> None:
    assert len(fitted_xmp(data.encode(), (5, 4), 6).data) <= len(data)


@pytest.mark.parametrize(
    "part", [b"<xmp:Thumbnails>", b"<xmp:Thumbnails ", b" ", b' xmlns:a="', b"</xmp:Thumbnails>"]
)
def test_a_megabyte_of_tags_comes_to_an_end(part: bytes) -> None:
    fitted = fitted_xmp(part * (1_000_000 // len(part)), (5, 4), 6)
    assert len(fitted.data) <= 1_000_000
