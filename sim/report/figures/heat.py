"""Heat maps: cells coloured by a value, with the value written in them where there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap
from matplotlib.ticker import FuncFormatter

from sim.report.figures import style
from sim.report.figures.panels import Floats
from sim.report.figures.style import Theme

_POINTS = 72.0
_MOST_VECTOR_CELLS = 700
"""More cells than this are a picture within an SVG, which is smaller then."""
_LEAST_FONT, _MOST_FONT = 7.0, 14.0


def heat(
    ax: Axes,
    cells: Floats,
    theme: Theme,
    *,
    least: float,
    most: float,
    told: Callable[[float], str],
    on_scale: Callable[[float], str],
    room: tuple[float, float],
    upwards: bool = False,
) -> QuadMesh:
    """Cells of shape (rows, columns), the first row at the top, or with `upwards` at the bottom;
    NaN is left grey.

    Colours run from `least` to `most`; `told` writes a value in its cell (if `room`, the inches
    that the panel has, allows), `on_scale` beside the scale. The mesh's `get_array` gives the
    values back.
    """
    n_rows, n_columns = cells.shape
    colours: Colormap = colormaps["cividis"].copy()
    ax.set_facecolor(theme.empty)
    ax.grid(False)
    mesh = ax.pcolormesh(
        np.arange(n_columns + 1), np.arange(n_rows + 1), np.ma.masked_invalid(cells), cmap=colours,
        vmin=least, vmax=most if most > least else least + 1.0,
        rasterized=cells.size > _MOST_VECTOR_CELLS, edgecolors=theme.background,
        linewidth=1.0 if cells.size <= _MOST_VECTOR_CELLS else 0.0,
    )  # fmt: skip
    ax.set_xlim(0, n_columns)
    ax.set_ylim(*((0, n_rows) if upwards else (n_rows, 0)))
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.01, fraction=0.04, aspect=30)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: on_scale(value)))
    bar.ax.tick_params(color=theme.faint, labelcolor=theme.ink)
    bar.outline.set_visible(False)
    _write(ax, cells, mesh, told, (room[0] * 0.8 / n_columns, room[1] * 0.85 / n_rows))
    return mesh


def _write(
    ax: Axes,
    cells: Floats,
    mesh: QuadMesh,
    told: Callable[[float], str],
    inches: tuple[float, float],
) -> None:
    texts = [told(value) for value in cells.ravel() if np.isfinite(value)]
    longest = max(map(len, texts), default=1)
    points = min(inches[0] * _POINTS / (0.65 * longest), inches[1] * _POINTS / 1.6, _MOST_FONT)
    if points < _LEAST_FONT:
        return
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            red, green, blue, _ = np.ravel(mesh.cmap(mesh.norm(np.array([value]))))
            is_light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            ax.text(
                column + 0.5, row + 0.5, told(value), ha="center", va="center", fontsize=points,
                color="#000000" if is_light else "#ffffff",
            )  # fmt: skip


def row_names(ax: Axes, names: Sequence[str], inches: float, at: Floats | None = None) -> None:
    """Names at the rows, in letters that fit; where rows are too low for any, at some of them."""
    places = np.arange(len(names)) + 0.5 if at is None else at
    points, every = _fit(len(names), inches)
    ax.set_yticks(places[::every], list(names[::every]), fontsize=points)


def column_names(ax: Axes, names: Sequence[str], inches: float) -> None:
    """Names below the columns: upright where they are too long to stand side by side."""
    places = np.arange(len(names)) + 0.5
    longest = max(map(len, names), default=1)
    if inches * _POINTS / max(len(names), 1) > 0.65 * 12.0 * (longest + 1):
        ax.set_xticks(places, list(names), fontsize=12.0)
        return
    points, every = _fit(len(names), inches)
    ax.set_xticks(places[::every], list(names[::every]), fontsize=points, rotation=90)


def _fit(n: int, inches: float) -> tuple[float, int]:
    """Letters' size in points for n lines, and which of them to write: each, every second, ..."""
    height = inches * _POINTS / max(n, 1) * 0.85
    every = max(1, int(np.ceil(_LEAST_FONT / height)))
    return float(np.clip(height * every, _LEAST_FONT, _MOST_FONT)), every


def short_names(names: Sequence[str], most: int = 28) -> list[str]:
    """Names that stay apart: cut where they are long, numbered where the cut makes them alike."""
    cut = [style.name(name, most) for name in names]
    alike = {name for name in cut if cut.count(name) > 1}
    return [f"{name} ({i + 1})" if name in alike else name for i, name in enumerate(cut)]
