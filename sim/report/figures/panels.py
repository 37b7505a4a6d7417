"""What all figures have in common: the canvas, titles and captions, legends, lines with bands.

Numbers come in as the result document has them; None becomes a gap.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from sim.report import text
from sim.report.figures import FigureError, style, why_not
from sim.report.figures.style import Theme
from sim.report.saved import Saved, open_result

Floats = NDArray[np.float64]
Canvas = Figure | SubFigure
Panels = NDArray[np.object_]
"""Axes in an array of one dimension, in the order of reading."""
Size = tuple[float, float]

BAND = 0.25
"""How opaque bands are."""


@contextmanager
def drawing(
    name: str, result: Any, theme: str, size: Size | None, into: Canvas | None
) -> Iterator[tuple[Saved, Canvas, Theme]]:
    """The result, opened, a canvas to draw on and its colours, for the figure `name`.

    Raises FigureError if the result can't give that figure.
    """
    saved = open_result(result)
    reason = why_not(name, saved)
    if reason is not None:
        raise FigureError(reason)
    with style.styled(theme) as colours:
        canvas = style.notebook_figure(size, theme) if into is None else into
        yield saved, canvas, colours
        for ax in canvas.axes:
            _keep_style(ax, colours)


def _keep_style(ax: Axes, theme: Theme) -> None:
    """Ticks may be made when a figure is saved, under whatever settings hold then."""
    ax.tick_params(color=theme.faint, labelcolor=theme.ink, grid_color=theme.grid)


# --- words ---------------------------------------------------------------------------------


def headline(canvas: Canvas, told: str) -> None:
    """The figure's title, at the left, folded if it is long."""
    canvas.suptitle(
        _folded(canvas, text.plain(told), 20.0), x=0.01, ha="left", fontsize=20, fontweight="bold"
    )


def caption(canvas: Canvas, parts: Iterable[str | None], theme: Theme) -> None:
    """A line below the figure; None leaves a part out."""
    told = text.plain(", ".join(part for part in parts if part)) + "."
    canvas.supxlabel(_folded(canvas, told, 11.0), x=0.01, ha="left", fontsize=11, color=theme.faint)


def _folded(canvas: Canvas, told: str, points: float) -> str:
    return "\n".join(textwrap.wrap(told, max(20, int(inches_of(canvas)[0] * 72 / (0.54 * points)))))


def inches_of(canvas: Canvas) -> tuple[float, float]:
    """How wide and high a canvas is."""
    dpi = canvas.figure.dpi
    return canvas.bbox.width / dpi, canvas.bbox.height / dpi


def sample(document: Mapping[str, Any], what: str = "bands") -> str:
    """`20 replications, bands: 95 % confidence`: what every caption has to say."""
    n = int(document["replications"])
    told = text.counted(n, "replication")
    if n == 1:
        return f"{told} (so no confidence intervals)"
    return f"{told}, {what}: {100 * document['confidence']:g} % confidence"


def scenario_name(document: Mapping[str, Any]) -> str:
    return style.name(str(document.get("scenario", "")), 60)


def nothing(ax: Axes, told: str, theme: Theme) -> None:
    """Say in the middle of an empty panel why it is empty."""
    ax.text(
        0.5, 0.5, told, transform=ax.transAxes, ha="center", va="center", color=theme.faint,
        style="italic",
    )  # fmt: skip


def legend(ax: Axes, entries: Sequence[tuple[Any, str]], **where: Any) -> None:
    """A legend of artists and what they are. Names may begin with `_` and hold `$`."""
    if not entries:
        return
    options: dict[str, Any] = {"loc": "upper left", "handlelength": 1.4, "borderaxespad": 0.2}
    options |= where
    made = ax.legend([artist for artist, _ in entries], ["·"] * len(entries), **options)
    for written, (_, told) in zip(made.get_texts(), entries, strict=True):
        written.set_text(told)


def legend_above(ax: Axes, entries: Sequence[tuple[Any, str]], columns: int = 6) -> None:
    """A legend in a row over the right of a panel, beside its title, where it hides nothing."""
    legend(
        ax, entries, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns,
        columnspacing=1.2, borderpad=0.1,
    )  # fmt: skip


# --- numbers -------------------------------------------------------------------------------


def values(estimates: Iterable[Mapping[str, Any] | None], end: str = "value") -> Floats:
    """One end of many estimates, NaN where there is none."""
    found = [None if each is None else each.get(end) for each in estimates]
    return np.array([np.nan if value is None else value for value in found], np.float64)


def metric(rows: Iterable[Mapping[str, Any]], name: str) -> list[Mapping[str, Any] | None]:
    """The estimates `name` of rows of the document."""
    return [row["metrics"].get(name) for row in rows]


def steps(
    ax: Axes,
    edges: Floats,
    estimates: Sequence[Mapping[str, Any] | None],
    colour: str,
    *,
    scale: float = 1.0,
    dashed: bool = False,
) -> Artist:
    """Estimates that hold from edge to edge, a band between their bounds; the line."""
    low, high = scale * values(estimates, "low"), scale * values(estimates, "high")
    if np.isfinite(low).any():
        ax.fill_between(
            edges, np.append(low, low[-1]), np.append(high, high[-1]), step="post", color=colour,
            alpha=BAND, linewidth=0,
        )  # fmt: skip
    return line_of_steps(ax, edges, scale * values(estimates), colour, dashed=dashed)


def line_of_steps(
    ax: Axes, edges: Floats, heights: Floats, colour: str, *, dashed: bool = False
) -> Artist:
    """Values that hold from edge to edge; the line, whose `get_data` gives them back."""
    return ax.stairs(
        heights, edges, baseline=None, color=colour, linewidth=style.LINE,
        linestyle="--" if dashed else "-",
    )  # fmt: skip
