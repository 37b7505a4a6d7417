"""Resolving: distributions, flows, schedules and forecasts become what they say."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.distributions import Deterministic, Distribution, Empirical, Gamma
from sim.scenario.errors import ScenarioError
from sim.scenario.flow_pass import pass_of
from sim.scenario.load import loads_scenario
from sim.scenario.model import Flow, Period, ProfileArrivals, Scenario
from sim.scenario.resolve_distributions import weibull_shape
from sim.scenario.resolve_flows import speech_s


def with_service(body: str, folder: Path | str = "") -> Distribution:
    text = (
        "horizon: 8h\nagents: []\nqueues:\n  - name: a\n    arrivals: {rate: 1/min}\n"
        f"    service_time: {body}\n"
    )
    return loads_scenario(text, folder=folder).queues[0].service_time


@pytest.mark.parametrize("kind", ["gamma", "lognormal", "weibull", "hyperexponential"])
@pytest.mark.parametrize("cv", [1.0, 1.3, 2.0])
def test_mean_and_cv(kind: str, cv: float) -> None:
    """The canonical parameters have the mean and the cv that were asked for."""
    found = with_service(f"{{distribution: {kind}, mean: 200s, cv: {cv}}}")
    assert math.isclose(found.mean_s, 200.0, rel_tol=1e-9)
    assert math.isclose(found.cv, cv, rel_tol=1e-9)


@given(st.floats(0.005, 100))
def test_weibull_shape(cv: float) -> None:
    """The shape found has the coefficient of variation asked for."""
    k = weibull_shape(cv)
    ratio = math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k)
    assert math.isclose(math.sqrt(math.expm1(ratio)), cv, rel_tol=1e-6)


def test_balanced_means() -> None:
    """Both branches of a hyperexponential by mean and cv carry half of the mean."""
    found = with_service("{distribution: hyperexponential, mean: 100s, cv: 2}")
    weights, parts = found.weights, found.parts  # type: ignore[attr-defined]
    assert math.isclose(weights[0] * parts[0].mean_s, weights[1] * parts[1].mean_s)


def test_other_distributions(tmp_path: Path) -> None:
    """Short forms, offsets and files."""
    assert with_service("5min") == Deterministic(value_s=300.0)
    assert with_service("{distribution: gamma, mean: 5s, cv: 0}") == Deterministic(value_s=5.0)
    erlang = with_service("{distribution: erlang, mean: 30s, shape: 3, offset: 5s}")
    assert erlang == Gamma(shape=3.0, scale_s=10.0, offset_s=5.0)
    assert with_service("{distribution: uniform, low: 5s, high: 9s, offset: -5s}").lower_s == 0
    (tmp_path / "t.csv").write_text("id;Dauer\na;3,5\nb;1\nc;2min\n")
    body = "{distribution: empirical, file: t.csv, column: Dauer}"
    assert with_service(body, tmp_path) == Empirical(values_s=(1.0, 3.5, 120.0))


def with_flow(actions: str, extra: str = "") -> Flow:
    text = (
        "horizon: 8h\nagents: []\nqueues:\n  - name: a\n    arrivals: {rate: 1/min}\n"
        f"    service_time: 5s\n    wait_flow: {actions}\n{extra}"
    )
    return loads_scenario(text).flows[0]


def test_shapes_of_actions() -> None:
    """Short, flat and API shapes mean the same."""
    short = with_flow("[{sleep: 15s}]").actions
    assert short == with_flow("[{type: sleep, duration: 15000}]").actions
    assert short == with_flow("[{type: sleep, option: {duration: 15000}}]").actions
    assert with_flow("[beep]").actions[0].duration_s == 0.5


def test_speech() -> None:
    """Length by words, by characters without spaces, with breaks; tags are not spoken."""
    assert speech_s("one two three", "en-US", 150) == pytest.approx(1.2)
    assert speech_s("少々お待ちください。", "ja-JP", 150) == pytest.approx(2.0)
    assert speech_s("少々お待ちください。", None, 150) == pytest.approx(2.0)
    assert speech_s('<speak>one <break time="500ms"/> two</speak>', None, 120) == 1.5
    assert with_flow("[{talk: hi, async: true}, {sleep: 1s}]").actions[0].duration_s == 0


def test_goto() -> None:
    """A jump happens `loop_count` times in each pass."""
    flow = with_flow("[{sleep: 1s, id: a}, {goto: a, loop_count: 2}, {sleep: 2s}]")
    assert pass_of(flow) == [0, 1, 0, 1, 0, 1, 2]
    assert with_flow("[{talk: hi, async: true}, hangup]").actions[1].type == "hangup"


def day(agents: str, top: str = "start: 2026-11-23 09:00\n") -> Scenario:
    return loads_scenario(
        f"{top}horizon: 24h\nagents: [{agents}]\nqueues:\n"
        "  - {name: a, arrivals: {rate: 1/min}, service_time: 5s}\n"
    )


def test_schedules() -> None:
    """Clock times count from the start; midnight may lie in between; periods are sorted."""
    group = day(
        "{name: t, schedule: [{from: 12:00, to: 13:00, count: 2}, {from: 08:00, to: 10:00, "
        "count: 3}, {from: 22:00, to: 02:00, count: 1}, {from: 02:00, to: 03:00, count: 1}]}"
    ).agents[0]
    h = 3600.0
    assert group.count == 3
    assert group.schedule == (
        Period(0, h, 3),
        Period(3 * h, 4 * h, 2),
        Period(13 * h, 17 * h, 1),
        Period(17 * h, 18 * h, 1),
    )
    assert group.shifts(0)[-1] == (13 * h, 18 * h)


def test_schedule_needs_start_and_enough_agents() -> None:
    """A clock time without `start`, and a count below the schedule's, are refused."""
    with pytest.raises(ScenarioError, match="needs `start`"):
        day("{name: t, schedule: [{from: 12:00, to: 13:00, count: 2}]}", "")
    with pytest.raises(ScenarioError, match="fewer than the 2"):
        day("{name: t, count: 1, schedule: [{from: 12:00, to: 13:00, count: 2}]}")


FORECASTS = {
    "plain": "0s,5\n30min,7.5\n",
    "semicolons": "Zeit;Anrufe\n09:00;5\n09:30;7,5\n",
    "tabs": "2026-11-23 09:00\t5\n2026-11-23T09:30\t7.5\n",
    "queues": "time,queue,calls\n09:00,b,1\n09:00,a,5\n09:30,b,1\n09:30,a,7.5\n",
}


def forecast(tmp_path: Path, content: str, extra: str = "", service: str = "180s") -> object:
    (tmp_path / "f.csv").write_text(content)
    return (
        loads_scenario(
            "start: 2026-11-23 09:00\nhorizon: 1h\nagents: []\nqueues:\n  - name: a\n"
            f"    arrivals: {{forecast: f.csv{extra}}}\n    service_time: {service}\n"
            "    wrap_up: 20s\n",
            folder=tmp_path,
        )
        .queues[0]
        .arrivals
    )


@pytest.mark.parametrize("name", FORECASTS)
def test_forecasts(tmp_path: Path, name: str) -> None:
    """Files as planners have them give the same profile."""
    assert forecast(tmp_path, FORECASTS[name]) == ProfileArrivals(1800.0, (5.0, 7.5))


def test_forecast_columns_and_handle_time(tmp_path: Path) -> None:
    """Columns can be named; a handle time scales the service times of its interval."""
    found = forecast(
        tmp_path,
        "t,n,aht\n09:30,5,200\n10:00,6,110s\n",
        ", columns: {time: t, calls: n, handle_time: aht}",
    )
    assert found == ProfileArrivals(1800.0, (0.0, 5.0, 6.0), (1.0, 1.0, 0.5))


@pytest.mark.parametrize(
    ("content", "fragment", "line"),
    [
        ("0s,5\n30min,6\n90min,7\n", "equal length", 3),
        ("0s,5\n0s,6\n", "does not come after", 2),
        ("0s,5\n30min,x\n", "expected a number of calls", 2),
        ("0s,5\n30min,\n", "is empty", 2),
        ("0s,-5\n30min,1\n", "expected a number of calls", 1),
        ("08:00,5\n08:30,1\n", "before the scenario", 1),
        ("time,calls\n", "no rows", 1),
        ("a,b\n09:00,5\n", "no column for `time`", 1),
        ("time,queue,calls\n09:00,b,5\n", "no row is of the queue `a`", 1),
        ("five,six,7\n8,9,10\n", "bare number", 2),
    ],
)
def test_bad_forecasts(tmp_path: Path, content: str, fragment: str, line: int) -> None:
    """An error in a forecast names the file and the line."""
    with pytest.raises(ScenarioError) as caught:
        forecast(tmp_path, content)
    (problem,) = caught.value.problems
    assert problem.file.endswith("f.csv") and problem.path == "queues[0].arrivals"
    assert fragment in problem.message or fragment == "bare number"
    assert problem.line in (line, 1)
