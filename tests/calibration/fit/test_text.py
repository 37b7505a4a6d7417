"""Whatever the log, the scenario that is written loads, or the refusal is clear."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calibration.fit.asked import asked
from sim.calibration.fit.calibrate import calibrate
from sim.calibration.fit.document import document
from sim.calibration.fit.scenario_text import scenario_text, value_files
from sim.calibration.history import History, Outcome
from sim.experiment.run import run
from sim.report.calibration import calibration_report
from sim.scenario.distributions import Lognormal, Weibull
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.model import ProfileArrivals, Scenario
from tests.calibration.fit.made import made
from tests.calibration.fit.simulated import history_of

DAY = """
start: 2026-03-02 09:00
time_zone: Europe/Berlin
horizon: 4h
replications: 8
queues:
  - name: sales
    tags: [s]
    arrivals: {profile: {interval: 1h, calls: [60, 90, 110, 80]}, busyness: {cv: 20%}}
    service_time: {distribution: lognormal, mean: 240s, cv: 0.9}
    patience: {distribution: weibull, mean: 200s, cv: 1.3}
    wrap_up: {distribution: exponential, mean: 20s}
  - name: support
    tags: [t]
    arrivals: {rate: 30/h}
    service_time: {distribution: gamma, mean: 240s, cv: 0.5}
    patience: {distribution: exponential, mean: 5min}
agents:
  - {name: s, count: 5, tags: [s]}
  - {name: t, count: 3, tags: [t, s]}
"""


def written(history: History, **options: object) -> Scenario:
    """The scenario of a log, through its text; the document and the report on the way."""
    found = calibrate(history, asked(**options))  # type: ignore[arg-type]
    text = scenario_text(found)
    told = document(found, text)
    json.dumps(told, allow_nan=False)
    assert calibration_report(told, width=80).strip()
    return loads_scenario(text)


def test_the_scenario_says_what_was_found() -> None:
    """Numbers are those of the fit, to three digits; a comment stands beside each."""
    found = calibrate(history_of(DAY, seed=1), asked())
    text = scenario_text(found, "Monday")
    made = loads_scenario(text)
    sales = made.queues[0]
    assert made.name == "Monday"
    assert made.horizon_s == 4 * 3600.0
    arrivals = sales.arrivals
    assert isinstance(arrivals, ProfileArrivals) and arrivals.busyness is not None
    assert sum(arrivals.calls) == pytest.approx(found.queues[0].arrivals.per_day.value, abs=0.01)
    assert isinstance(sales.service_time, Lognormal) and isinstance(sales.patience, Weibull)
    assert sales.service_time.mean_s == pytest.approx(found.queues[0].service.mean.value, rel=5e-3)
    assert sales.wrap_up is not None and sales.wrap_up == made.queues[1].wrap_up
    assert sales.wrap_up.mean_s == pytest.approx(found.wrap_up.mean_s, rel=5e-3)
    assert [set(team.tags) for team in made.agents] == [{"sales"}, {"sales", "support"}]
    lines = text.splitlines()
    for key in ("service_time:", "patience:", "busyness:", "wrap_up: &"):
        place = next(i for i, line in enumerate(lines) if key in line)
        assert lines[place - 1].lstrip().startswith("#"), key
    assert "95 %:" in text


def test_calibrated_days_are_like_those_of_the_log() -> None:
    """The log of a simulated truth, calibrated and simulated: abandonment and mean wait of the two
    differ by less than both half-widths over days (at 95 %) and a fifth of that."""
    history = history_of(DAY, seed=4, replications=20)
    found = calibrate(history, asked())
    made = loads_scenario(scenario_text(found), overrides=["replications=100", "seed=9"])
    told = run(made).document(with_intervals=False)
    for queue, fit in zip(told["queues"], found.queues, strict=True):
        for name, seen in (("abandonment", fit.abandonment), ("asa_s", fit.asa_s)):
            assert seen.value is not None and seen.half_width is not None
            again = queue["metrics"][name]
            allowed = seen.half_width + again["half_width"]
            assert abs(again["value"] - seen.value) < 1.2 * allowed, (queue["name"], name)


def test_empirical_conversations_are_those_of_the_log() -> None:
    history = history_of(DAY, seed=1)
    found = calibrate(history, asked(service="empirical"))
    files = value_files(found, "x")
    assert list(files) == ["x-service-1.csv", "x-service-2.csv"]
    values = [float(line) for line in files["x-service-1.csv"].splitlines()[1:]]
    talk = found.history.talk_s[(found.history.queue == 0) & found.history.answered()]
    assert values == np.sort(talk).tolist()
    assert "file: x-service-1.csv, column: service_s" in scenario_text(found, "", "x")


def test_a_family_can_be_asked_for() -> None:
    found = calibrate(history_of(DAY, seed=1), asked(service="gamma"))
    assert {q.service.chosen.law.family.name for q in found.queues} == {"gamma"}


HOUR = 3600.0


def test_one_call_makes_a_scenario() -> None:
    scenario = written(made(day=[0], clock_s=[10 * HOUR + 5]))
    assert scenario.queues[0].service_time.mean_s == 60.0
    assert scenario.queues[0].patience is None
    assert scenario.n_agents in (1, 2)


def test_one_day_has_no_intervals_and_says_so() -> None:
    history = history_of(DAY, seed=1, replications=1)
    found = calibrate(history, asked())
    text = scenario_text(found)
    assert "One day is no sample of days" in text
    assert found.queues[0].arrivals.per_day.low is None
    loads_scenario(text)


def test_without_abandonments_patience_is_endless_and_bounded() -> None:
    """Nobody of 60 who waited 10 s gave up: the mean of an exponential patience is at least 600 s
    over the 95 % bound of no event, 3.0."""
    clock = 9 * HOUR + 60.0 * np.arange(60)
    calls = made(day=np.zeros(60, int), clock_s=clock, wait_s=10.0)
    found = calibrate(calls, asked())
    assert found.queues[0].patience is not None
    assert found.queues[0].patience.at_least_s == pytest.approx(600.0 / -np.log(0.05))
    assert loads_scenario(scenario_text(found)).queues[0].patience is None


def test_without_an_answered_call_it_is_refused() -> None:
    calls = made(day=[0, 0], clock_s=[1e4, 2e4], outcome=Outcome.ABANDONED, wait_s=30.0)
    with pytest.raises(ScenarioError, match="nothing to tell how long one takes"):
        calibrate(calls, asked())


def test_a_queue_without_answers_has_those_of_all() -> None:
    n = 100
    clock = 9 * HOUR + 30.0 * np.arange(n)
    queue = (np.arange(n) % 10 == 0).astype(int)
    calls = made(
        day=np.zeros(n, int), clock_s=clock, queue=queue, queues=("big", "small"), wait_s=5.0,
        outcome=np.where(queue == 1, Outcome.LEFT, Outcome.ANSWERED),
        talk_s=np.linspace(10.0, 100.0, n),
    )  # fmt: skip
    found = calibrate(calls, asked())
    assert [fit.service_of_all for fit in found.queues] == [False, True]
    loads_scenario(scenario_text(found))


def test_names_that_a_scenario_does_not_take_are_made_such() -> None:
    names = ("total", "", "a: b, {c}", "new\nline", "new line", 'quo"te', "é" * 300)
    n = 70
    calls = made(
        day=np.zeros(n, int), clock_s=9 * HOUR + 30.0 * np.arange(n), queue=np.arange(n) % 7,
        queues=names, agent=np.arange(n) % 7, agents=tuple(f"agent\n#{i}" for i in range(7)),
    )  # fmt: skip
    scenario = written(calls)
    assert len({queue.name for queue in scenario.queues}) == 7
    assert scenario.queues[2].name == "a: b, {c}"


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 80),
    days=st.integers(1, 6),
    queues=st.integers(1, 3),
    agents=st.integers(0, 4),
    step=st.sampled_from([0.001, 1.0, 60.0]),
)
def test_any_small_log_makes_a_scenario_or_a_clear_refusal(
    seed: int, n: int, days: int, queues: int, agents: int, step: float
) -> None:
    """With any outcomes, waits and conversations, whole or not, of 0 or of hours."""
    rng = np.random.default_rng(seed)
    outcome = rng.integers(0, 6, n)
    calls = made(
        day=rng.integers(0, days, n), clock_s=rng.random(n) * 86_399,
        wait_s=np.rint(rng.exponential(60.0, n) * (outcome != Outcome.BLOCKED) / step) * step,
        talk_s=np.rint(rng.choice([0.0, 1.0, 100.0, 10_000.0], n) * rng.random(n) / step) * step,
        outcome=outcome, queue=rng.integers(0, queues, n),
        agent=rng.integers(0, agents, n) if agents else -1,
        priority=rng.integers(0, 2, n), wrap_up_s=rng.choice([np.nan, 0.0, 30.0], n),
        queues=tuple("abc"[:queues]), agents=tuple("wxyz"[:agents]), resolution_s=step,
    )  # fmt: skip
    try:
        scenario = written(calls, interval="1h")
    except ScenarioError as error:
        assert "nothing to tell" in str(error)
        return
    assert scenario.n_agents >= 1


def test_a_centre_that_never_closes_is_a_whole_day() -> None:
    n = 24 * 12
    calls = made(
        day=np.repeat([0, 1, 2], n), clock_s=np.tile(300.0 * np.arange(n), 3),
        agent=np.tile(np.arange(n) // 96, 3), agents=("night", "day", "late"),
    )  # fmt: skip
    scenario = written(calls)
    assert scenario.horizon_s == 86_400.0
    schedule = scenario.agents[0].schedule
    assert schedule is None or (schedule[0].from_s, schedule[-1].to_s) == (0.0, 86_400.0)
