"""Images, photos and masks: files and arrays on one side, what networks see on the other."""

from __future__ import annotations

from splpaint.images.arrays import (
    Deep,
    Hole,
    Pixels,
    Planes,
    composite,
    read_rgb,
    resize_levels,
    to_pixels,
    to_planes,
)
from splpaint.images.decoding import (
    MAX_PIXELS,
    count_pixels,
    encoded_size,
    load_plugin_for,
    open_picture,
    open_rgb,
    orientation_of,
    plain_mode,
    require_file,
    silent_pillow,
    upright,
)
from splpaint.images.formats import Format, format_named, format_of, format_of_suffix, suffix_for
from splpaint.images.grow import dilate, feather, require_growth
from splpaint.images.list_writing import fits_a_line, write_list
from splpaint.images.listing import BrokenFile, count_others, format_counts, list_pictures
from splpaint.images.mask_values import WRONG_WAY_ROUND, as_hole, mask_levels, read_mask
from splpaint.images.names import PICTURE_SUFFIXES, as_seen
from splpaint.images.output import (
    check_output,
    choose_format,
    choose_output,
    encode_photo,
    name_and_content,
    original_bytes,
    output_suffix,
)
from splpaint.images.photo import Photo, read_photo
from splpaint.images.resize import (
    CropBox,
    bilinear_taps,
    centre_square,
    fit_hole,
    resize_box,
    square_at,
    squeeze_box,
)

__all__ = [
    "MAX_PIXELS",
    "PICTURE_SUFFIXES",
    "WRONG_WAY_ROUND",
    "BrokenFile",
    "CropBox",
    "Deep",
    "Format",
    "Hole",
    "Photo",
    "Pixels",
    "Planes",
    "as_hole",
    "as_seen",
    "bilinear_taps",
    "centre_square",
    "check_output",
    "choose_format",
    "choose_output",
    "composite",
    "count_others",
    "count_pixels",
    "dilate",
    "encode_photo",
    "encoded_size",
    "feather",
    "fit_hole",
    "fits_a_line",
    "format_counts",
    "format_named",
    "format_of",
    "format_of_suffix",
    "list_pictures",
    "load_plugin_for",
    "mask_levels",
    "name_and_content",
    "open_picture",
    "open_rgb",
    "orientation_of",
    "original_bytes",
    "output_suffix",
    "plain_mode",
    "read_mask",
    "read_photo",
    "read_rgb",
    "require_file",
    "require_growth",
    "resize_box",
    "resize_levels",
    "silent_pillow",
    "square_at",
    "squeeze_box",
    "suffix_for",
    "to_pixels",
    "to_planes",
    "upright",
    "write_list",
]
