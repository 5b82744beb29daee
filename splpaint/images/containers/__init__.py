"""What lies in picture files, found by walking their structure, before a decoder takes it on trust."""

from __future__ import annotations

from splpaint.images.containers.box_items import item_kinds, read_exif_item
from splpaint.images.containers.box_structure import boxes, find_boxes
from splpaint.images.containers.exif import EXIF_PREFIX, fitted_exif, has_maker_note, without_tag
from splpaint.images.containers.jpeg import JPEG_END, cut_jpeg, parts_beside_picture
from splpaint.images.containers.png import sound_png
from splpaint.images.containers.png_structure import PNG_SIGNATURE, Chunk, is_png, png_chunks
from splpaint.images.containers.png_texts import MOST_PROFILE_BYTES, PngText, PngTexts, read_texts, text_chunk
from splpaint.images.containers.tiff import require_sound_tiff
from splpaint.images.containers.tiff_fields import TiffReader, is_tiff
from splpaint.images.containers.tiff_storage import LAYOUT_TAGS, TiffLayout, tiff_layout, tiff_numbers
from splpaint.images.containers.tiff_tags import IPTC_TAG, XMP_TAG, TiffTags, add_tags, read_tags
from splpaint.images.containers.webp import is_lossless_webp, parts_beside_webp
from splpaint.images.containers.xmp import fitted_xmp

__all__ = [
    "EXIF_PREFIX",
    "IPTC_TAG",
    "JPEG_END",
    "LAYOUT_TAGS",
    "MOST_PROFILE_BYTES",
    "PNG_SIGNATURE",
    "XMP_TAG",
    "Chunk",
    "PngText",
    "PngTexts",
    "TiffLayout",
    "TiffReader",
    "TiffTags",
    "add_tags",
    "boxes",
    "cut_jpeg",
    "find_boxes",
    "fitted_exif",
    "fitted_xmp",
    "has_maker_note",
    "is_lossless_webp",
    "is_png",
    "is_tiff",
    "item_kinds",
    "parts_beside_picture",
    "parts_beside_webp",
    "png_chunks",
    "read_exif_item",
    "read_tags",
    "read_texts",
    "require_sound_tiff",
    "sound_png",
    "text_chunk",
    "tiff_layout",
    "tiff_numbers",
    "without_tag",
]
