"""The style: the same bytes each time, text as text, nobody's settings changed, no weight."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib
import pytest

import sim.report.figures as figures
from sim.report.figures import FigureError, draw, kind_of, names_for, why_not
from sim.report.figures.style import THEMES, theme_called, to_png, to_svg
from tests.report.figures.made import ROOT, compared, plain


@pytest.mark.parametrize("name", ["day", "served"])
def test_the_same_result_gives_the_same_bytes(name: str) -> None:
    """PNG and SVG, drawn twice."""
    one, other = draw(name, plain()), draw(name, plain())
    assert to_svg(one) == to_svg(other)
    assert to_png(one, dpi=40) == to_png(other, dpi=40)


def test_an_svg_is_well_formed_and_has_its_text() -> None:
    """Words stand in it as words, without a date and without the program's traces."""
    svg = to_svg(draw("day", plain()))
    root = ElementTree.fromstring(svg)
    told = {"".join(each.itertext()).strip() for each in root.iter() if each.tag.endswith("}text")}
    assert {"Calls", "offered", "Abandonment"} <= told
    assert "<dc:date>" not in svg and "Matplotlib" not in svg


def test_an_svg_for_a_page_keeps_to_itself() -> None:
    """No prologue, no size of its own, every id and reference behind the prefix."""
    svg = to_svg(draw("served", plain()), prefix="f1-")
    assert svg.startswith("<svg")
    head = svg[: svg.index(">")]
    assert "width=" not in head and "height=" not in head and "viewBox=" in head
    ids = set(re.findall(r'\sid="([^"]*)"', svg))
    assert ids and all(each.startswith("f1-") for each in ids)
    assert set(re.findall(r'(?:url\(#|href="#)([^")]*)', svg)) <= ids
    ElementTree.fromstring(svg)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read(name: str) -> None:
    """Contrast to the background as WCAG 2 measures it: 4.5 for text, 3 for most lines."""
    theme = theme_called(name)
    ground = _luminance(theme.background)

    def contrast(colour: str) -> float:
        light, dark = sorted((_luminance(colour), ground), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(theme.ink) >= 7.0 and contrast(theme.faint) >= 4.5
    for colour in (theme.blue, theme.orange, theme.green, theme.red, theme.purple):
        assert contrast(colour) >= 3.0


def test_nobodys_settings_change() -> None:
    """matplotlib's settings are after a figure what they were before."""
    with matplotlib.rc_context({"font.size": 3.0, "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        to_svg(draw("day", plain(), theme="dark"))
        assert dict(matplotlib.rcParams) == before


def test_a_dark_figure_is_dark_in_all_its_parts() -> None:
    """No tick, label or panel is left in the colours of paper."""
    theme = theme_called("dark")
    for name in ("waits", "served", "calls"):
        figure = draw(name, plain(), theme="dark")
        svg = to_svg(figure)
        assert theme.background in svg
        assert not re.search(r"fill: ?#(000000|ffffff)\b", svg.replace("cividis", "")) or (
            name == "served"  # values in the cells are black or white
        )


def test_nothing_loads_matplotlib_before_it_is_needed() -> None:
    """Neither `import sim`, nor `sim.figures`, nor any --help."""
    script = """
        import sys, sim
        sim.figures.FIGURES
        from sim.cli.app import main
        main(["plot", "--help"])
        main(["run", "--help"])
        assert "matplotlib" not in sys.modules
    """
    code = "\n".join(line.strip() for line in script.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_a_figure_stays_a_function_once_it_is_drawn() -> None:
    """No module of the package has a figure's name: loaded, it would take the function's place."""
    for name, kind in figures.FIGURES.items():
        assert kind.module != name
        assert getattr(figures, name) is kind.function is getattr(figures, name)


def test_drawing_needs_no_pyplot(tmp_path: Path) -> None:
    """Figures belong to no window: pyplot is not even loaded."""
    path = tmp_path / "result.json"
    path.write_text(json.dumps(plain().document), "utf-8")
    script = f"""
        import sys
        from sim.report.figures import draw
        draw("waits", {str(path)!r})
        assert "matplotlib.pyplot" not in sys.modules
    """
    code = "\n".join(line.strip() for line in script.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_a_notebook_shows_figures_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a kernel a figure is pyplot's, which notebooks show below the cell; its size is kept."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    from matplotlib import pyplot

    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    try:
        ax = figures.occupancy(plain(), size=(6.0, 4.0), theme="dark")
        assert [pyplot.figure(number) for number in pyplot.get_fignums()] == [ax.figure]
        assert to_png(ax.figure, dpi=50) == to_png(
            draw("occupancy", plain(), size=(6.0, 4.0), theme="dark"), dpi=50
        )
    finally:
        pyplot.close("all")


def test_what_can_not_be_drawn_says_why() -> None:
    """An unknown figure, another kind of result, an option that the figure does not have."""
    with pytest.raises(FigureError, match="did you mean `waits`"):
        kind_of("wait")
    assert "is of a comparison" in str(why_not("differences", plain()))
    assert "more than a day" in str(why_not("week", plain()))
    with pytest.raises(FigureError, match="is of a run"):
        draw("day", compared())
    with pytest.raises(FigureError, match="no option `metric`: it takes queue"):
        draw("day", plain(), metric="asa_s")
    with pytest.raises(FigureError, match="no theme"):
        draw("day", plain(), theme="pink")
    for name in ("day", "waits", "patience", "flow"):
        with pytest.raises(FigureError, match="'nope'"):
            draw(name, plain(), queue="nope")
    with pytest.raises(FigureError, match="numbered 0 to 2"):
        draw("calls", plain(), replication=3)
    with pytest.raises(FigureError, match="must end after it begins"):
        draw("calls", plain(), from_s=20.0, to_s=10.0)
    assert names_for(compared()) == ["differences"]
    document = {key: each for key, each in plain().document.items() if key != "intervals"}
    assert "run SCENARIO --out DIR" in str(why_not("day", document))
    assert names_for(document) == ["waits", "occupancy", "served"]
