"""Figures of results at the limits: nobody calls, nobody answers, forty queues, a million calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim.report.figures as figures
from sim.report.figures import FIGURES, draw, names_for
from sim.report.figures.style import to_png, to_svg
from sim.report.saved import Saved, open_result
from tests.report.figures.made import ODD_NAMES, SCENARIOS, compared, plain, run_of, shipped, text

SLOW = pytest.mark.slow
QUICK = ("by_hand", "shift_plan", "platform")
OF_A_RUN = {"day", "waits", "patience", "occupancy", "served", "calls"}


def words(figure: Figure) -> set[str]:
    """All that is written on a figure."""
    return {each.get_text() for each in figure.findobj(Text) if each.get_visible()}


def drawn(result: Any, **options: Any) -> Iterator[tuple[str, Figure]]:
    """Every figure that the result can give, laid out to the last."""
    for name in names_for(result):
        figure = draw(name, result, **options)
        figure.draw_without_rendering()
        yield name, figure


@pytest.mark.parametrize(
    "name", [each if each in QUICK else pytest.param(each, marks=SLOW) for each in SCENARIOS]
)
def test_shipped_scenarios_have_all_figures(name: str) -> None:
    """Each gives those of a run, `flow` where there is a wait flow, `week` beyond a day."""
    given = dict(drawn(shipped(name)))
    scenario = shipped(name).result.scenario
    has_flow = any(queue.wait_flow is not None for queue in scenario.queues)
    more = {"flow"} if has_flow else set()
    more |= {"week"} if scenario.horizon_s > 86400.0 else set()
    assert set(given) == OF_A_RUN | more


def test_nobody_calls() -> None:
    """Without a call every figure says so, or shows zeros; nothing is NaN in a text."""
    made = dict(drawn(run_of(text(rate="0/h"))))
    assert set(made) == OF_A_RUN | {"flow"}
    for name in ("waits", "patience", "flow"):
        assert "no call waited or was answered" in words(made[name])
    assert "no call waits in this window" in words(made["calls"])
    assert "no call was answered" in words(made["served"])
    assert not any("nan" in each.lower() for figure in made.values() for each in words(figure))


def test_nobody_answers() -> None:
    """Without an agent the figures of agents say so and the others are drawn."""
    made = dict(drawn(run_of(text(groups=()))))
    assert "there are no agents" in words(made["occupancy"])
    assert "there are no agents" in words(made["served"])
    assert "nobody is on shift" in words(made["calls"])
    assert "No call is answered at once" in words(made["waits"])


def test_one_replication_has_no_bands() -> None:
    """No interval is drawn where there is none, and the caption says why."""
    made = dict(drawn(run_of(text(("a",), replications=1))))
    assert all(not ax.collections for ax in made["day"].axes)
    assert any("no confidence intervals" in each for each in words(made["day"]))
    assert len(made["occupancy"].axes[0].collections) == 0


def test_forty_queues() -> None:
    """All are there, by name; a figure stays small as SVG."""
    names = tuple(f"queue number {place}" for place in range(40))
    run = run_of(text(names, rate="8/h", replications=2))
    served, occupancy = draw("served", run), draw("occupancy", run)
    assert sum("queue number" in each for each in words(served)) >= 40
    assert "queue number 39 (1)" in words(occupancy)
    for figure in (served, occupancy, draw("calls", run)):
        assert len(to_svg(figure)) < 300_000


def test_names_are_shown_as_they_are() -> None:
    """`$`, `_` at the beginning, `<`, `%`, backslashes, other scripts: never read as notation."""
    run = run_of(text(ODD_NAMES, replications=2))
    made = {name: draw(name, run) for name in ("occupancy", "calls", "flow")}
    for name in ("occupancy", "calls"):
        told = " | ".join(words(made[name]))
        for each in ODD_NAMES:
            assert each[:10] in told
    svg = to_svg(made["calls"])
    assert "$x_1$ &amp; y_2" in svg and "_under_&lt;b&gt;" in svg and "नमस्ते" in svg
    assert "All $are$ <busy>" in " ".join(words(made["flow"]))


def test_variants_may_begin_with_anything() -> None:
    """A legend shows names that matplotlib would leave out or read as notation."""
    from sim.report.figures.panels import legend

    figure = Figure()
    ax = figure.subplots()
    legend(ax, [(line, name) for line, name in zip(ax.plot([1, 2], [[1, 2], [2, 3]]),
                                                   ("_x_", "$y$"), strict=True)])  # fmt: skip
    made = ax.get_legend()
    assert made is not None
    assert [each.get_text() for each in made.get_texts()] == ["_x_", "$y$"]


def test_long_names_that_are_cut_stay_apart() -> None:
    """Names alike in what is left of them are numbered."""
    names = tuple("a name of which only the end tells " + end for end in "ab")
    told = words(draw("served", run_of(text(names))))
    assert sum(" (1)" in each for each in told) and sum(" (2)" in each for each in told)


def test_what_can_not_be_had_is_a_gap() -> None:
    """Null in any metric leaves its place empty, in every figure."""

    def without(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"value", "low", "high", "half_width"}:
            return dict.fromkeys(value)
        if isinstance(value, dict):
            return {key: without(each) for key, each in value.items()}
        return [without(each) for each in value] if isinstance(value, list) else value

    run = plain()
    kept = run.document["total"]["metrics"]
    document = without(run.document)
    for name in ("delayed", "wait_max_s"):  # never null where calls waited
        document["total"]["metrics"][name] = kept[name]
    nulls = Saved(open_result(run).kind, document, in_memory=run.result)
    for name in ("day", "waits", "occupancy"):
        draw(name, nulls).draw_without_rendering()
    of_comparison = without(compared().document)
    (made,) = (figure for _, figure in drawn(of_comparison))
    assert "could not be had" in words(made)


def test_a_million_calls_take_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure that reads every call draws a million of them within seconds, and small."""
    n = 1_000_000
    generator = np.random.default_rng(7)
    arrival = np.sort(generator.uniform(0, 10_000, n))
    wait = np.minimum(generator.exponential(30.0, n), 150.0)
    gone = generator.random(n) < 0.1
    log = {
        "replication": np.arange(n) % 3,
        "queue": np.full(n, "a", object),
        "arrival": arrival,
        "answer": np.where(gone, np.nan, arrival + wait),
        "leave": arrival + wait,
        "outcome": np.where(gone, "abandoned", "done").astype(object),
        "cause": np.where(gone, "hangup", None).astype(object),
    }
    monkeypatch.setattr(Saved, "calls", lambda _, columns: {name: log[name] for name in columns})
    begin = time.process_time()
    figure = draw("patience", plain())
    svg = to_svg(figure)
    assert time.process_time() - begin < 20.0
    assert len(svg) < 200_000
    assert "1,000,000 calls" in " ".join(words(figure))


@pytest.mark.parametrize("size", [(3.0, 3.0), (30.0, 8.0), (8.3, 11.7)])
def test_any_size_can_be_drawn(size: tuple[float, float]) -> None:
    """A picture has the size that was asked for, to the pixel."""
    import io

    from matplotlib import image

    for name in ("day", "served", "calls"):
        png = to_png(draw(name, plain(), size=size, theme="dark"), dpi=20)
        height, width, _ = image.imread(io.BytesIO(png)).shape
        assert abs(width - 20 * size[0]) <= 1 and abs(height - 20 * size[1]) <= 1


@pytest.mark.parametrize("size", [(1.0, 5.0), (5.0, 100.0), (float("nan"), 5.0)])
def test_other_sizes_are_refused(size: tuple[float, float]) -> None:
    """Too small, too large, not a number."""
    with pytest.raises(figures.FigureError, match="inches"):
        draw("occupancy", plain(), size=size)


def test_a_figure_can_stand_in_a_part_of_another() -> None:
    """`into` takes a part of a figure that somebody else has made."""
    figure = Figure(layout="constrained")
    left, right = figure.subfigures(1, 2)
    assert figures.occupancy(plain(), into=left).figure is left
    axes = figures.waits(plain(), into=right)
    assert all(ax.figure is right for ax in axes)


def test_every_figure_is_described() -> None:
    """Each has a docstring, options, and its page in the documentation."""
    page = (Path(__file__).parents[3] / "docs" / "figures.md").read_text("utf-8")
    for name, each in FIGURES.items():
        assert each.function.__doc__ and "FigureError" in each.function.__doc__
        assert f"--figure {name.replace('_', '-')}" in page
