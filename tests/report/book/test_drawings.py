"""Figures in a page: one drawing for both themes, a name, ids of its own."""

from __future__ import annotations

from pathlib import Path

from sim.report.book.drawings import darkened, drawings, themed, variables
from sim.report.figures import draw
from sim.report.figures.style import to_svg
from sim.report.saved import open_result

LIGHT = (
    '<svg viewBox="0 0 9 9"><g id="axes"><path id="m1" style="fill: #ffffff"/>'
    '<use href="#m1" style="stroke: #0072b2"/></g></svg>'
)
DARK = LIGHT.replace("#ffffff", "#14171c").replace("m1", "m2")


def test_two_drawings_that_differ_in_colours_become_one() -> None:
    """Colours that differ are variables, ids that nobody refers to are gone, the title is there."""
    made = themed(LIGHT, DARK, "day", 'A "day" <1>')
    assert made == (
        '<svg role="img" aria-labelledby="name-day" viewBox="0 0 9 9">'
        '<title id="name-day">A &quot;day&quot; &lt;1&gt;</title>'
        '<g><path id="day-0-0" style="fill: var(--fffffff14171c)"/>'
        '<use href="#day-0-0" style="stroke: #0072b2"/></g></svg>'
    )
    assert variables([made]) == (
        ":root{--fffffff14171c:#ffffff;}\n"
        "@media screen and (prefers-color-scheme: dark){:root{--fffffff14171c:#14171c;}}"
    )


def test_drawings_that_differ_in_more_are_both_there() -> None:
    """Each for its theme, with ids that don't collide."""
    made = themed(LIGHT, DARK.replace("</g>", "<path/></g>"), "day", "A day")
    assert made.count("<svg") == 2
    assert 'class="only-light"' in made and 'class="only-dark"' in made
    assert 'id="day-0-0"' in made and 'id="day-1-0"' in made
    assert variables([made]) == ""


def test_small_letters_keep_a_drawing_wide() -> None:
    """Letters of 6 in a box of 900 are 8.5 pixels high where it is 1275 pixels wide."""
    svg = LIGHT.replace("0 0 9 9", "0 0 900 500").replace(
        "</g>", '<text style="font-size: 6px"/></g>'
    )
    assert 'style="min-width:1275px"' in themed(svg, svg, "day", "A day")


def test_other_colours_take_a_second_drawing() -> None:
    """A colour that is none of the theme's has no dark counterpart."""
    assert darkened(LIGHT.replace("#0072b2", "#123456")) is None


def test_the_dark_drawing_is_that_of_the_dark_theme(small: Path) -> None:
    """Recolouring gives what drawing in the dark theme gives, but for ids made of the colours."""
    saved = open_result(small)
    light, dark = (
        to_svg(draw("day", saved, theme=theme), prefix="") for theme in ("light", "dark")
    )
    recoloured = darkened(light)
    assert recoloured is not None
    assert themed(light, recoloured, "day", "") == themed(light, dark, "day", "")


def test_only_what_can_be_drawn(small: Path) -> None:
    """Unknown figures, and those that the result lacks something for, are left out."""
    made = drawings(open_result(small), ("day", "no_such", "differences"), "note")
    assert [figure.key for figure in made] == ["day"]
    assert made[0].caption.endswith(". note")
