"""The one style of all figures: colours, fonts, sizes, and how a figure becomes PNG or SVG.

Colours are Okabe and Ito's, which people who see colours differently can tell apart (Wong, "Points
of view: Color blindness", Nature Methods 8, 2011); lightened where the background is dark. Names
come from the scenario's author: they are never read as mathematical notation, and scripts that the
first font lacks are looked for in the others.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sim.report import text
from sim.report.figures import THEMES, FigureError

SLIDE = (13.33, 7.5)
"""Inches: a slide of 16 to 9."""
LEAST_INCHES, MOST_INCHES = 3.0, 60.0
DPI = 150
LINE = 2.2

_FONTS = (
    "DejaVu Sans", "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans Arabic",
    "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS", "Yu Gothic",
    "Microsoft YaHei", "Malgun Gothic", "PingFang SC", "Hiragino Sans",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a theme. `order` is what unnamed series take, one after the other."""

    background: str
    ink: str
    faint: str
    grid: str
    empty: str
    blue: str
    orange: str
    green: str
    red: str
    purple: str
    sky: str
    yellow: str

    @property
    def order(self) -> tuple[str, ...]:
        return (
            self.blue, self.orange, self.green, self.purple, self.red, self.sky, self.yellow,
            self.faint,
        )  # fmt: skip


_THEMES = {
    "light": Theme(
        background="#ffffff", ink="#1b1b1b", faint="#5f6368", grid="#dcdcdc", empty="#ececec",
        blue="#0072b2", orange="#c67d00", green="#00805f", red="#d55e00", purple="#b0588f",
        sky="#56b4e9", yellow="#d9c900",
    ),
    "dark": Theme(
        background="#14171c", ink="#eceff4", faint="#a6adb8", grid="#363c46", empty="#262b33",
        blue="#56b4e9", orange="#e69f00", green="#2bc79a", red="#ff7f41", purple="#e08fc0",
        sky="#8fd0ff", yellow="#f0e442",
    ),
}  # fmt: skip


def theme_called(name: str) -> Theme:
    """The theme, `light` or `dark`. Raises FigureError."""
    if name not in _THEMES:
        raise FigureError(f"there is no theme {name!r}: one of {', '.join(THEMES)}")
    return _THEMES[name]


@cache
def fonts() -> list[str]:
    """The fonts of this machine that figures use, the first that has a character wins."""
    known = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in known] or ["DejaVu Sans"]


def _settings(theme: Theme) -> Any:
    return {
        "font.family": [*fonts(), "sans-serif"],
        "font.size": 14.0,
        "axes.titlesize": 15.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 13.0,
        "xtick.labelsize": 12.0,
        "ytick.labelsize": 12.0,
        "legend.fontsize": 12.0,
        "figure.titlesize": 20.0,
        "figure.titleweight": "bold",
        "figure.facecolor": theme.background,
        "figure.dpi": 100,
        "savefig.facecolor": theme.background,
        "savefig.dpi": DPI,
        "axes.facecolor": theme.background,
        "axes.edgecolor": theme.faint,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "axes.formatter.useoffset": False,
        "axes.formatter.use_mathtext": False,
        "axes.prop_cycle": cycler(color=theme.order),
        "grid.color": theme.grid,
        "grid.linewidth": 0.8,
        "text.color": theme.ink,
        "text.parse_math": False,
        "text.usetex": False,
        "xtick.color": theme.faint,
        "ytick.color": theme.faint,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
        "lines.linewidth": LINE,
        "lines.solid_capstyle": "butt",
        "legend.frameon": False,
        "hatch.color": theme.faint,
        "hatch.linewidth": 0.8,
        "svg.fonttype": "none",
        "svg.hashsalt": "callsim",
        "path.simplify": True,
    }


@contextmanager
def styled(theme: str) -> Iterator[Theme]:
    """Within it, whatever is made has this style; no setting of the reader's own is changed."""
    found = theme_called(theme)
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_settings(found))
        yield found


def new_figure(size: tuple[float, float] | None = None, theme: str = "light") -> Figure:
    """An empty figure, `size` inches wide and high, that belongs to no window."""
    with styled(theme):
        made = Figure(figsize=checked_size(size or SLIDE), layout="constrained")
        FigureCanvasAgg(made)
        _pad(made)
        return made


def notebook_figure(size: tuple[float, float] | None, theme: str) -> Figure:
    """A figure that a notebook shows after the cell; outside notebooks the same as `new_figure`."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if getattr(shell, "kernel", None) is None:
        return new_figure(size, theme)
    from matplotlib import pyplot

    made = pyplot.figure(
        figsize=checked_size(size or SLIDE), layout="constrained",
        facecolor=theme_called(theme).background,
    )  # fmt: skip
    _pad(made)
    return made


def _pad(made: Figure) -> None:
    engine = made.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(w_pad=0.12, h_pad=0.08, wspace=0.03, hspace=0.03)


def checked_size(size: tuple[float, float]) -> tuple[float, float]:
    """The size, if it is one that a figure can have. Raises FigureError."""
    if not all(LEAST_INCHES <= inches <= MOST_INCHES for inches in size):
        raise FigureError(
            f"a figure is {LEAST_INCHES:g} to {MOST_INCHES:g} inches wide and high, found"
            f" {size[0]:g} x {size[1]:g}"
        )
    return size


# --- bytes ---------------------------------------------------------------------------------


def to_png(figure: Figure, *, dpi: int = DPI) -> bytes:
    """The figure as PNG, the same bytes for the same figure."""
    out = io.BytesIO()
    _write(figure, out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()


def to_svg(figure: Figure, *, prefix: str | None = None) -> str:
    """The figure as SVG with its text as text, the same for the same figure.

    With a `prefix` it is made to stand within an HTML page: without the XML prologue, its size
    left to the page, and with the prefix before every id, so that several can stand on one page.
    """
    out = io.BytesIO()
    _write(figure, out, format="svg", metadata={"Date": None, "Creator": None})
    made = out.getvalue().decode("utf-8")
    if prefix is None:
        return made
    made = made[made.index("<svg") :]
    made = re.sub(r'(<svg [^>]*?) width="[^"]*"', r"\1", made, count=1)
    made = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", made, count=1)
    made = re.sub(r'(\sid=")', rf"\1{prefix}", made)
    return re.sub(r'(url\(#|href="#)', rf"\1{prefix}", made)


def _write(figure: Figure, out: io.BytesIO, **how: Any) -> None:
    """Save under the settings that drawing needs. A character that no font has is drawn as a box;
    that is no reason to complain."""
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    face = figure.get_facecolor()
    try:
        with styled("light"), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            figure.savefig(out, facecolor=face, **how)
    finally:
        logger.setLevel(level)


# --- names ---------------------------------------------------------------------------------


def name(told: str, most: int = 28) -> str:
    """A name on one line, harmless, and with its end cut off if it is longer than `most` cells."""
    from rich.cells import cell_len, set_cell_size

    plain = text.plain(told)
    return plain if cell_len(plain) <= most else set_cell_size(plain, most - 1).rstrip() + "…"
