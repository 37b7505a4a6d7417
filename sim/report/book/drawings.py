"""Figures drawn into a page: SVG that follows the reader's theme and has a name to be read out.

Where the drawings of the two themes differ in their colours alone, as they should, the page gets
one whose colours are variables of the style sheet, else both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from functools import partial
from html import escape
from math import ceil

from sim.report.book.parts import Figure
from sim.report.saved import Saved

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_ID = re.compile(r'\sid="([^"]+)"')
_USED = re.compile(r'(?:url\(#|href="#)([^")]+)')
_CLUTTER = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>|(?<=\n)[ \n]+", re.DOTALL)
"""What a page has no need of: the style is in its own style sheet."""
_LETTERS = re.compile(r"font-size: ([0-9.]+)px")
_BOX = re.compile(r'viewBox="[-0-9.]+ [-0-9.]+ ([0-9.]+)')
LEAST_LETTERS = 8.5
"""Pixels: on a narrow screen a figure is scrolled rather than made smaller than that."""
_VARIABLE = re.compile(r"var\(--f([0-9a-f]{6})([0-9a-f]{6})\)")


def drawings(saved: Saved, names: Sequence[str], note: str) -> list[Figure]:
    """These figures of a result, as far as it can give them; `note` is the end of each caption."""
    from sim.report.figures import FIGURES, why_not

    made = []
    for name in names:
        if name in FIGURES and why_not(name, saved) is None:
            shows = FIGURES[name].shows
            shows = f"{shows[:1].upper()}{shows[1:]}"
            drawing = partial(_drawn, saved, name, shows)
            made.append(Figure(_key(name), drawing, f"{shows}. {note}".strip()))
    return made


def _drawn(saved: Saved, name: str, shows: str) -> str | None:
    from sim.report.figures import FigureError, draw
    from sim.report.figures.style import to_svg

    try:
        light = to_svg(draw(name, saved, theme="light"), prefix="")
        dark = darkened(light) or to_svg(draw(name, saved, theme="dark"), prefix="")
    except FigureError:
        return None
    return themed(light, dark, _key(name), shows)


def darkened(light: str) -> str | None:
    """The drawing in the dark theme's colours, which takes no second drawing.

    None if it has colours that are not the theme's own, such as those of a scale.
    """
    from sim.report.figures.style import theme_called

    of_light, of_dark = (astuple(theme_called(theme)) for theme in ("light", "dark"))
    colours = dict(zip(of_light, of_dark, strict=True))
    if any(colour not in colours for colour in _COLOUR.findall(light)):
        return None
    return _COLOUR.sub(lambda found: colours[found[0]], light)


def _key(name: str) -> str:
    return name.replace("_", "-")


def themed(light: str, dark: str, key: str, title: str) -> str:
    """One SVG of the two drawings of a figure, or both, each for its theme.

    Ids begin with `key`; the title is what a screen reader says.
    """
    light, dark = (_with_few_ids(svg, f"{key}-{place}-") for place, svg in enumerate((light, dark)))
    same = dark.replace(f"{key}-1-", f"{key}-0-")
    if _COLOUR.sub("", light) != _COLOUR.sub("", same):
        one = _named(light, f"{key}-light", title, "only-light")
        return one + _named(dark, f"{key}-dark", title, "only-dark")
    colours = iter(_COLOUR.findall(same))
    merged = _COLOUR.sub(lambda found: _variable(found[0], next(colours)), light)
    return _named(merged, key, title, "")


def variables(drawn: Iterable[str]) -> str:
    """The rules of a style sheet that give the figures' colours, in the light and in the dark."""
    pairs = sorted({pair for svg in drawn for pair in _VARIABLE.findall(svg)})
    if not pairs:
        return ""
    light = "".join(f"--f{one}{other}:#{one};" for one, other in pairs)
    dark = "".join(f"--f{one}{other}:#{other};" for one, other in pairs)
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}"


def _variable(light: str, dark: str) -> str:
    light, dark = light.lower(), dark.lower()
    return light if light == dark else f"var(--f{light[1:]}{dark[1:]})"


def _with_few_ids(svg: str, prefix: str) -> str:
    """The drawing with the ids alone that it refers to, numbered in their order."""
    used = set(_USED.findall(svg))
    numbers: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        if found[1] not in used:
            return ""
        return f' id="{numbers.setdefault(found[1], f"{prefix}{len(numbers)}")}"'

    svg = _ID.sub(renamed, _CLUTTER.sub("", svg))
    return _USED.sub(lambda found: found[0].replace(found[1], numbers.get(found[1], found[1])), svg)


def _least_width(svg: str) -> int | None:
    """The width in pixels at which the smallest letters can still be read."""
    sizes = [float(size) for size in _LETTERS.findall(svg)]
    box = _BOX.search(svg)
    return ceil(float(box[1]) * LEAST_LETTERS / min(sizes)) if sizes and box else None


def _named(svg: str, key: str, title: str, kind: str) -> str:
    """The drawing as an image with a name."""
    begin = f'<svg role="img" aria-labelledby="name-{key}"' + (f' class="{kind}"' if kind else "")
    width = _least_width(svg)
    if width is not None:
        begin += f' style="min-width:{width}px"'
    svg = svg.replace("<svg", begin, 1)
    at = svg.index(">") + 1
    return f'{svg[:at]}<title id="name-{key}">{escape(title)}</title>{svg[at:]}'
