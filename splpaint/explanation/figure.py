"""The figure: the photograph, damaged and painted, beside what the networks see in it; nothing here needs torch."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Hole, Pixels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Similarity", "draw_explanation"]

_PANEL_SQUARE_INCHES = 9.0
_LONGEST_SHAPE = 8.0  # longer panels are drawn as if their sides had this ratio
_SHEET_SHAPE = 1.6  # width to height, about
_DPI = 100
_GAP = 0.12  # inches
_FOOT = 0.8
_CHARACTERS_PER_INCH = 12
# Okabe and Ito's colours, which can be told apart whatever one's colour vision.
_PALETTE = np.array(
    [[86, 180, 233], [230, 159, 0], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0]], np.uint8
)
_HOLE_COLOUR = np.array([232, 62, 140], np.uint8)
_OUTLINE = {"black": 2.6, "white": 1.2}  # widths: a white line in a black one shows on every colour
_KEY = (
    "Equal colours mean alike features{where}: in colours, their three main directions (PCA) as red, green and blue; "
    "in regions, six groups (k-means)."
)


class Similarity(NamedTuple):
    """How alike two maps are.

    Attributes:
        cells: (p,q), the cosine similarity in each cell: 1 the same, 0 unrelated.
        hidden: Its mean in the hole; None without one.
        known: Its mean elsewhere; None if nothing else is there.
    """

    cells: NDArray[np.float32]
    hidden: float | None
    known: float | None

    def describe(self) -> str:
        """In words: ``likeness: 0.56 in the hole, 0.58 elsewhere``."""
        means = ((self.hidden, "in the hole"), (self.known, "elsewhere"))
        told = ", ".join(f"{mean:.2f} {where}" for mean, where in means if mean is not None)
        return f"likeness: {told}"


def draw_explanation(
    image: Pixels,
    hole: Hole,
    *,
    painted: Pixels,
    colours: Mapping[str, Pixels],
    regions: Mapping[str, NDArray[np.int32]],
    touched: Hole,
    similarity: Similarity | None,
) -> Image.Image:
    """Draw an explanation as an RGB picture; the cells that the hole touches are outlined on every map.

    Args:
        image: uint8 (H,W,3).
        hole: bool (H,W), True = missing.
        painted: uint8 (h,w,3), as the network left it.
        colours: Name => uint8 (p,q,3), maps as colours.
        regions: Name => (p,q), numbers of regions from 0.
        touched: bool (p,q), the cells of the maps that the hole touches.
        similarity: Of the first map and the second; None: there is one map.
    """
    width, height = _panel_inches(*hole.shape)
    panels = _photographs(image, hole, painted, round(_DPI * width), round(_DPI * height))
    first_map = len(panels)
    if similarity is not None:
        panels[similarity.describe()] = _grey(similarity.cells)
    panels |= {f"{name}, in colours": each for name, each in colours.items()}
    panels |= {f"{name}, in regions": _PALETTE[each % len(_PALETTE)] for name, each in regions.items()}
    titles = ["\n".join(textwrap.wrap(title, round(width * _CHARACTERS_PER_INCH))) for title in panels]
    head = 0.1 + 0.18 * max(title.count("\n") + 1 for title in titles)
    rows, columns = _grid(len(titles), width / height)
    size = columns * (width + _GAP) + _GAP, rows * (height + head) + _FOOT
    figure = Figure(figsize=size, dpi=_DPI)
    for number, (title, picture) in enumerate(zip(titles, panels.values(), strict=True)):
        row, column = divmod(number, columns)
        left, bottom = _GAP + column * (width + _GAP), _FOOT + (rows - row - 1) * (height + head)
        axes = figure.add_axes((left / size[0], bottom / size[1], width / size[0], height / size[1]))
        axes.set_axis_off()
        axes.set_title(title, fontsize=10)
        axes.imshow(picture, extent=(0, 1, 1, 0), aspect="auto", interpolation="nearest")
        if number >= first_map:
            _outline(axes, touched)
    _draw_key(figure, compared=similarity is not None)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]


def _panel_inches(height_px: int, width_px: int) -> tuple[float, float]:
    """Width and height: all panels have about the same area, so that those of narrow pictures are not tiny."""
    shape = min(max(width_px / height_px, 1 / _LONGEST_SHAPE), _LONGEST_SHAPE)
    width = (_PANEL_SQUARE_INCHES * shape) ** 0.5
    return width, width / shape


def _grid(panels: int, panel_shape: float) -> tuple[int, int]:
    """Rows and columns, so that the sheet is neither a strip nor a pillar."""
    grids = [(rows, -(-panels // rows)) for rows in (1, 2, 4)]
    return min(grids, key=lambda grid: abs(np.log(panel_shape * grid[1] / grid[0] / _SHEET_SHAPE)))


def _photographs(image: Pixels, hole: Hole, painted: Pixels, width: int, height: int) -> dict[str, Pixels]:
    photo, mended = (
        np.asarray(Image.fromarray(each).resize((width, height), Image.Resampling.LANCZOS))
        for each in (image, painted)
    )
    covered = Image.fromarray(hole.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    share = np.asarray(covered)[..., None]
    damaged = np.rint(photo * (1 - share) + _HOLE_COLOUR * share).astype(np.uint8)
    return {"photograph": photo, "hidden from the network": damaged, "painted by the network": mended}


def _grey(cells: NDArray[np.float32]) -> Pixels:
    return np.repeat(np.rint(np.clip(cells, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)


def _outline(axes: Axes, cells: Hole) -> None:
    # Along the edges of cells, so that no cell is hidden.
    rows, columns = cells.shape
    edges = []
    for row, column in np.argwhere(np.diff(np.pad(cells, 1).astype(np.int8), axis=1)[1:-1]):
        edges.append([(column / columns, row / rows), (column / columns, (row + 1) / rows)])
    for row, column in np.argwhere(np.diff(np.pad(cells, 1).astype(np.int8), axis=0)[:, 1:-1]):
        edges.append([(column / columns, row / rows), ((column + 1) / columns, row / rows)])
    for colour, width in _OUTLINE.items():
        axes.add_collection(LineCollection(edges, colors=colour, linewidths=width, capstyle="projecting"))


def _draw_key(figure: Figure, *, compared: bool) -> None:
    key: dict[str, Any] = {
        "hidden from the network": Patch(color="#" + bytes(_HOLE_COLOUR).hex()),
        "cells that the hole touches": tuple(
            Line2D([], [], color=colour, linewidth=width) for colour, width in _OUTLINE.items()
        ),
    }
    text = _KEY.format(where=", in both maps of a pair" if compared else "")
    if compared:
        levels = [str(level / 4) for level in range(5)]
        key["likeness, from 0 (or less) to 1"] = _Greys(
            Patch(facecolor=level, edgecolor="gray", linewidth=0.5) for level in levels
        )
    figure.legend(
        list(key.values()),
        list(key),
        handler_map={_Greys: HandlerTuple(ndivide=None, pad=0)},
        title="\n".join(textwrap.wrap(text, round(figure.get_size_inches()[0] * _CHARACTERS_PER_INCH))),
        title_fontsize=9,
        loc="lower center",
        ncols=3,
        frameon=False,
        fontsize=9,
    )


class _Greys(tuple[Patch, ...]):
    """Shown beside each other."""
