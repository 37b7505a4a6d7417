"""What a figure shows are the numbers of its result, read back from what was drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection, QuadMesh
from matplotlib.patches import StepPatch

from sim.cli.app import main
from sim.report.figures import FigureError, draw
from tests.report.figures.made import compared, plain, run_of, sweep_folder, text

NONE = float("nan")


def panels(name: str, result: Any, **options: Any) -> list[Axes]:
    """The axes of a figure but for those of colour scales."""
    drawn = draw(name, result, **options).axes
    return [ax for ax in drawn if ax.get_label() != "<colorbar>"]


def steps(ax: Axes) -> list[np.ndarray[Any, Any]]:
    """The values of the lines in steps, in the order of drawing."""
    return [each.get_data().values for each in ax.patches if isinstance(each, StepPatch)]


def numbers(rows: list[Any], metric: str, end: str = "value") -> np.ndarray[Any, Any]:
    found = [row["metrics"][metric][end] for row in rows]
    return np.array([NONE if value is None else value for value in found])


def cells(ax: Axes) -> np.ndarray[Any, Any]:
    (mesh,) = [each for each in ax.collections if isinstance(each, QuadMesh)]
    found = mesh.get_array()
    assert found is not None
    return np.ma.filled(found.astype(float), NONE)


@pytest.mark.parametrize("queue", ["total", "b"])
def test_the_day_is_that_of_the_intervals(queue: str) -> None:
    """Every line of the six panels, and the ends of a band."""
    document = plain().document
    rows = [row for row in document["intervals"] if row["queue"] == queue]
    volume, waiting, level, agents, wait, abandonment = (
        panels("day", plain(), queue=queue)[place] for place in (0, 2, 4, 1, 3, 5)
    )
    offered, abandoned = steps(volume)
    np.testing.assert_array_equal(offered, [row["counts"]["offered"] / 3 for row in rows])
    np.testing.assert_array_equal(abandoned, [row["counts"]["abandoned"] / 3 for row in rows])
    for ax, metric in (
        (waiting, "queue_length_mean"), (level, "service_level"), (wait, "wait_mean_s"),
        (abandonment, "abandonment"),
    ):  # fmt: skip
        np.testing.assert_array_equal(steps(ax)[0], numbers(rows, metric))
    every = document["all_agents_intervals"]
    np.testing.assert_array_equal(steps(agents)[0], [row["on_shift"] for row in every])
    np.testing.assert_array_equal(steps(agents)[1], numbers(every, "busy"))
    (band,) = [each for each in wait.collections if isinstance(each, PolyCollection)]
    corners = np.concatenate([path.vertices for path in band.get_paths()])
    for end in ("low", "high"):
        assert set(numbers(rows, "wait_mean_s", end)) <= set(corners[:, 1])


def test_the_waits_are_those_of_the_histogram() -> None:
    """The bars hold all that wait, the line falls from `delayed`, points are the percentiles."""
    document = plain().document
    upper, lower = panels("waits", plain())
    delayed = document["total"]["metrics"]["delayed"]["value"]
    (bars,) = [each for each in upper.patches if isinstance(each, StepPatch)]
    heights, edges, _ = bars.get_data()
    unit = {"calls per 1 s": 1.0, "calls per 5 s": 5.0}[upper.get_ylabel()]
    assert np.sum(heights * np.diff(edges)) / unit == pytest.approx(delayed, rel=1e-12)
    line, *points = lower.lines
    assert line.get_ydata()[0] == delayed  # type: ignore[index]
    assert line.get_ydata()[-1] == pytest.approx(0.0, abs=1e-12)  # type: ignore[index]
    at = {float(each.get_xdata()[0]) for each in points if len(each.get_xdata()) == 1}  # type: ignore[arg-type,index]
    metrics = document["total"]["metrics"]
    named = {metrics[f"wait_{name}_s"]["value"] for name in ("p50", "p90", "p99")}
    assert named - {0.0} <= at


def test_the_bars_of_patience_are_the_abandoned_calls() -> None:
    """Added up they are the counts by cause; the timeouts stand at the timeout."""
    document = plain().document
    _, lower = panels("patience", plain(), queue="a")
    (queue,) = [each for each in document["queues"] if each["name"] == "a"]
    drawn = 0.0
    for bars in lower.patches:
        assert isinstance(bars, StepPatch)
        heights, edges, base = bars.get_data()
        drawn += float(np.sum(heights - base))
        assert edges[-1] > 150.0
    assert 3 * drawn == pytest.approx(queue["counts"]["abandoned"])
    assert queue["counts"]["abandoned"] > 0


def test_occupancy_is_that_of_the_groups() -> None:
    """Bars of occupancy and within them of utilisation, in the order of the groups."""
    (ax,) = panels("occupancy", plain())
    widths = [patch.get_width() for patch in ax.patches]
    groups = plain().document["agents"]
    assert widths == [*numbers(groups, "occupancy"), *numbers(groups, "utilisation")]


def test_who_served_whom() -> None:
    """A cell is the group's share of the queue's answered calls, empty for none."""
    (ax,) = panels("served", plain())
    serviced = np.array(plain().document["served_by"]["serviced"], float)
    shares = serviced / serviced.sum(axis=1, keepdims=True)
    shares[serviced == 0] = NONE
    np.testing.assert_array_equal(cells(ax), shares)
    assert np.isnan(shares).any()


def test_every_waiting_call_has_a_line_and_every_agent_a_row() -> None:
    """Over the whole of replication 1: lines from joining to the end, bars as long as talks."""
    log = plain().calls()
    log = log[log["replication"] == 1]
    ended = log["answer"].fillna(log["leave"])
    waits = log[ended > log["arrival"]]
    upper, lower = panels("calls", plain(), replication=1, from_s=0.0, to_s=86400.0)
    lines = [
        tuple(segment[:, 0])
        for each in upper.collections
        if isinstance(each, LineCollection)
        for segment in each.get_segments()
    ]
    assert sorted(lines) == sorted(zip(waits["arrival"], ended[waits.index], strict=True))
    talks = [each for each in lower.collections if isinstance(each, PolyCollection)]
    spans = [tuple(path.vertices[[0, 2], 0]) for each in talks for path in each.get_paths()]
    for answer, leave in log[["answer", "leave"]].dropna().itertuples(index=False):
        assert (answer, leave) in spans
    assert [label.get_text() for label in lower.get_yticklabels()] == ["a", "b"]


def test_a_calls_window_lies_around_the_longest_queue() -> None:
    """Without --from and --to the most calls that ever wait are in view."""
    upper, _ = panels("calls", plain())
    log = plain().calls()
    log = log[(log["replication"] == 0)]
    ended = log["answer"].fillna(log["leave"])
    waits = log.assign(ended=ended)[ended > log["arrival"]]
    most = max(
        (int(((waits["arrival"] <= at) & (waits["ended"] > at)).sum()), -at)
        for at in waits["arrival"]
    )
    first, last = upper.get_xlim()
    assert first <= -most[1] <= last


def test_the_flow_is_as_a_caller_hears_it() -> None:
    """Actions follow each other from the instant of joining; what is said is told below."""
    figure = draw("flow", plain(), queue="a")
    bars = [(each.get_x(), each.get_width()) for each in figure.axes[0].patches]
    (flow,) = plain().result.scenario.flows
    talk, sleep = (action.duration_s for action in flow.actions)
    expected = [(0.0, talk), (talk, sleep), (talk + sleep, talk)]
    assert bars[:3] == [pytest.approx(each, rel=1e-12) for each in expected]
    told = [each.get_text() for each in figure.texts]
    assert any("All $are$ <busy>" in each and "5 % hang up" in each for each in told)


def test_differences_are_those_of_the_comparison() -> None:
    """Points and whiskers of a metric, a row for each variant."""
    (ax,) = panels("differences", compared(), metric="asa_s", queue="a")
    rows = [
        row["difference"]
        for row in compared().document["differences"]
        if row["metric"] == "asa_s" and row["queue"] == "a"
    ]
    points = np.asarray(ax.collections[0].get_offsets())
    np.testing.assert_array_equal(points[:, 0], [row["value"] for row in rows])
    whiskers = [tuple(each.get_xdata()) for each in ax.lines[1:]]  # type: ignore[arg-type]
    assert whiskers == [(row["low"], row["high"]) for row in rows]


def test_a_sweep_is_that_of_its_table(tmp_path: Path) -> None:
    """Lines by the second setting, durations where they belong; maps with their half-widths."""
    import pandas as pd

    folder = sweep_folder(tmp_path, "queues.a.wait_timeout=10min,20s,150s", "agents.a.count=1,2")
    table = pd.read_parquet(folder / "sweep.parquet")
    table = table[table["queue"] == "a"]
    (ax,) = panels("sweep", folder, metric="abandonment", queue="a")
    for line, count in zip(ax.lines, (1, 2), strict=True):
        mine = table[table["agents.a.count"] == count].set_index("queues.a.wait_timeout")
        assert list(line.get_xdata()) == [20.0, 150.0, 600.0]  # type: ignore[arg-type]
        order = ["20s", "150s", "10min"]
        assert list(line.get_ydata()) == list(mine.loc[order, "abandonment"])  # type: ignore[arg-type]
    left, right = panels("sweep_map", folder, metric="abandonment", queue="a")
    wide = table.pivot(
        index="agents.a.count", columns="queues.a.wait_timeout", values="abandonment"
    )
    np.testing.assert_array_equal(cells(left), wide[["20s", "150s", "10min"]])
    half = (table["abandonment_high"] - table["abandonment_low"]) / 2
    assert np.nanmax(cells(right)) == half.max()


def test_a_week_has_a_row_for_each_day() -> None:
    """Days begin at midnight; before the start and after the end there is nothing."""
    told = text(("a",), horizon="2d", start="2026-11-23 06:00", interval="6h", rate="2/h")
    run = run_of(told)
    volume, level = panels("week", run)
    rows = [row for row in run.document["intervals"] if row["queue"] == "total"]
    offered = [NONE, *(row["counts"]["offered"] / 3 for row in rows), NONE, NONE, NONE]
    np.testing.assert_array_equal(cells(volume), np.reshape(offered, (3, 4)))
    levels = [NONE, *numbers(rows, "service_level"), NONE, NONE, NONE]
    np.testing.assert_array_equal(cells(level), np.reshape(levels, (3, 4)))
    assert [each.get_text() for each in volume.get_yticklabels()] == ["Mon 23", "Tue 24", "Wed 25"]


def test_actions_have_the_numbers_of_the_report() -> None:
    """The picture's number is the action's place from 1, whatever has no words."""
    told = text().replace('"talk": "All', '"beep": true}, {"talk": "All', 1)
    figure = draw("flow", run_of(told))
    assert any(each.get_text() == "2" for each in figure.axes[0].texts)
    assert any("2. talk" in each.get_text() for each in figure.texts)


def test_a_map_grows_upwards(tmp_path: Path) -> None:
    """The least value of the setting down the side is at the bottom."""
    out = sweep_folder(tmp_path, "agents.a.count=1,2", "agents.b.count=1,2,3")
    left = panels("sweep_map", out)[0]
    assert left.get_ylim()[0] < left.get_ylim()[1]
    labels = [each.get_text() for each in left.get_yticklabels()]
    assert labels == sorted(labels)


def test_a_sample_has_no_map(tmp_path: Path) -> None:
    """Points that share no values would be cells of an empty map: refused, in a sentence."""
    ranges = ("agents.a.speed=0.8..1.2", "agents.b.speed=0.8..1.2", "--sample", "sobol:4")
    out = tmp_path / "sampled"
    path = tmp_path / "s.yaml"
    path.write_text(text(), "utf-8")
    options = [word for each in ranges[:2] for word in ("--set", each)]
    command = ["sweep", str(path), *options, *ranges[2:], "--out", str(out), "-q"]
    assert main([*command, "--engine", "simpy", "--workers", "1"]) == 0
    with pytest.raises(FigureError, match="share no values"):
        draw("sweep_map", out)


def test_agents_are_whole() -> None:
    """The axis of agents on shift has no halves."""
    agents = panels("day", plain())[1]
    ticks = agents.yaxis.get_major_locator()()
    assert all(tick == round(tick) for tick in ticks)
