"""Erlang without simulation: conventions of the metrics, the edges, and the searches."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.planning.asked import Asked, WrongRequestError
from sim.planning.callers_patience import law_of, parse_patience
from sim.planning.erlang import FORMULAS, METRICS, NoAnswerError, System, answer
from sim.planning.erlang_search import Wanted, fewest_agents, most_calls, parse_wanted
from sim.scenario.distributions import Deterministic, Exponential, Gamma
from sim.scenario.errors import ScenarioError
from sim.theory.erlang import erlang_a, erlang_b, mmn
from sim.theory.offered_wait import Leaving

QUEUE = System(9.5 / 60.0, 300.0)


def test_the_three_of_erlang() -> None:
    """C without limits, B without a room to wait, A with exponential patience."""
    c, theory_c = answer(QUEUE, 50), mmn(QUEUE.rate_per_s, 300.0, 50)
    assert c.model == "M/M/50"
    assert c.delayed == pytest.approx(theory_c.delayed, rel=1e-9)
    assert c.service_level == pytest.approx(theory_c.service_level(20.0), rel=1e-9)
    b = answer(replace(QUEUE, max_waiting=0), 50)
    assert b.model == "M/M/50/50"
    assert b.blocked_share == pytest.approx(erlang_b(50, 47.5), rel=1e-9)
    assert (b.delayed, b.service_level, b.asa_s, b.wait_mean_s) == (0.0, 1.0, 0.0, 0.0)
    a, theory_a = answer(replace(QUEUE, leaving=Leaving(120.0)), 45), None
    theory_a = erlang_a(QUEUE.rate_per_s, 300.0, 45, 120.0)
    assert a.model == "M/M/45+M"
    assert a.abandonment == pytest.approx(theory_a.abandonment, rel=1e-9)
    assert a.asa_s == pytest.approx(theory_a.asa_s, rel=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_service_level_formulas(formula: str) -> None:
    """Each of the six, from the shares of the same queue."""
    system = replace(QUEUE, leaving=Leaving(60.0), formula=formula, short_abandon_s=5.0)
    theory = erlang_a(QUEUE.rate_per_s, 300.0, 40, 60.0)
    expected = theory.service_level(20.0, formula, 5.0)  # type: ignore[arg-type]
    assert answer(system, 40).service_level == pytest.approx(expected, rel=1e-9)


def test_nobody_answers() -> None:
    """No agents: all who join give up, after their patience; a full room blocks the others."""
    found = answer(replace(QUEUE, leaving=Leaving(120.0), max_waiting=10), 0)
    assert (found.model, found.abandonment, found.delayed) == ("M/M/0/10+M", 1.0, 1.0)
    assert found.wait_mean_s == pytest.approx(120.0)
    assert found.blocked_share == pytest.approx(erlang_b(10, QUEUE.rate_per_s * 120.0))
    assert (found.asa_s, found.occupancy, found.service_level) == (None, None, 0.0)
    quick = answer(replace(QUEUE, leaving=Leaving(120.0), formula="quick_abandons_as_met"), 0)
    assert quick.service_level == pytest.approx(-math.expm1(-20.0 / 120.0))
    lost = answer(replace(QUEUE, max_waiting=0), 0)
    assert (lost.blocked_share, lost.delayed, lost.service_level) == (1.0, None, None)
    with pytest.raises(NoAnswerError, match="without bound"):
        answer(QUEUE, 0)


def test_nobody_calls() -> None:
    """At a rate of 0 there is nothing to measure but idle agents; the fewest are none."""
    found = answer(replace(QUEUE, rate_per_s=0.0), 5)
    assert [getattr(found, name) for name in METRICS] == [None] * 6 + [0.0]
    wanted = [parse_wanted("service_level >= 80%")]
    assert fewest_agents(replace(QUEUE, rate_per_s=0.0), wanted).agents == 0


@pytest.mark.parametrize("load", [47.5, 50.0, 1e9])
def test_full_load_has_no_numbers(load: float) -> None:
    """At or above full load Erlang C says so; with an end to the waiting there is an answer."""
    system = replace(QUEUE, rate_per_s=load / 300.0)
    with pytest.raises(NoAnswerError, match="grows without bound"):
        answer(system, 47)
    assert answer(replace(system, leaving=Leaving(None, 100.0)), 47).occupancy is not None


@settings(max_examples=30, deadline=None)
@given(
    load=st.floats(0.01, 60.0),
    mean=st.none() | st.floats(5.0, 500.0),
    last=st.just(math.inf) | st.floats(5.0, 300.0),
    room=st.none() | st.integers(0, 30),
    metric=st.sampled_from(["service_level", "asa_s", "wait_mean_s", "abandonment", "delayed"]),
    size=st.floats(0.02, 0.98),
)
def test_the_fewest_are_the_fewest(
    load: float, mean: float | None, last: float, room: int | None, metric: str, size: float
) -> None:
    """Trying every number from 0 finds the same as the search."""
    system = System(load / 300.0, 300.0, Leaving(mean, last), room)
    value = size * 30.0 if metric.endswith("_s") else size
    wanted = Wanted("it", metric, ">=" if metric == "service_level" else "<=", value)
    found = fewest_agents(system, [wanted])
    for n in range(found.agents + 1):
        try:
            met = wanted.is_met(answer(system, n))
        except NoAnswerError:
            met = False
        assert met == (n == found.agents)


@settings(max_examples=15, deadline=None)
@given(
    agents=st.integers(1, 80), mean=st.none() | st.floats(5.0, 500.0),
    room=st.none() | st.integers(1, 30), level=st.floats(0.1, 0.99),
)  # fmt: skip
def test_the_most_calls_are_the_most(
    agents: int, mean: float | None, room: int | None, level: float
) -> None:
    """At the rate found the target is met, a millionth more and it is not."""
    system = System(0.0, 300.0, Leaving(mean), room)
    wanted = Wanted("it", "service_level", ">=", level)
    try:
        found = most_calls(system, agents, [wanted])
    except NoAnswerError:  # a small room: who may wait at all is answered in time
        assert room is not None
        busy = answer(replace(system, rate_per_s=1e5 * agents / 300.0), agents)
        assert wanted.is_met(busy)
        return
    rate = found.system.rate_per_s
    assert wanted.is_met(found)
    try:
        more = answer(replace(system, rate_per_s=rate * (1.0 + 1e-6)), agents)
    except NoAnswerError:
        return
    assert not wanted.is_met(more)


@pytest.mark.parametrize(
    ("targets", "match"),
    [
        (["service_level >= 100%"], "No number of agents"),
        (["delayed <= 0%"], "No number of agents"),
        (["occupancy <= 0%"], "somebody answers"),
        (["occupancy <= 0.0000001%"], "Not even"),
    ],
)
def test_what_nothing_reaches(targets: list[str], match: str) -> None:
    """The search says so instead of going on for ever."""
    with pytest.raises(NoAnswerError, match=match):
        fewest_agents(QUEUE, [parse_wanted(text) for text in targets])


@pytest.mark.parametrize(
    "text",
    ["service_level <= 80%", "delayed >= 50%", "occupancy >= 90%", "asa_s >= 5s",
     "abandonment >= 1%", "blocked_share >= 1%", "wait_mean_s >= 1s"],
)  # fmt: skip
def test_targets_in_the_wrong_direction(text: str) -> None:
    """A target that fewer agents or more calls meet has no bound to look for; each is refused."""
    with pytest.raises(ValueError, match="more agents lead away"):
        parse_wanted(text)


def test_occupancy_is_a_limit() -> None:
    """The fewest agents with an occupancy of 85 %: the load over 0.85, rounded up."""
    assert fewest_agents(QUEUE, [parse_wanted("occupancy <= 85%")]).agents == 56


@pytest.mark.parametrize(
    ("target", "ends", "says"),
    [
        ("abandonment <= 3%", {}, "nobody ever abandons .* give `patience` or `wait_timeout`"),
        ("abandonment <= 3%", {"max_waiting": 5}, "nobody ever abandons"),
        ("blocked_share <= 1%", {"patience": "1min"}, "nobody is ever blocked"),
    ],
)
def test_targets_that_everything_meets(target: str, ends: dict[str, object], says: str) -> None:
    """What can't happen is no target."""
    with pytest.raises(WrongRequestError, match=says):
        Asked.parse(rate="1/min", handle_time="1min", targets=[target], **ends)  # type: ignore[arg-type]


def test_any_rate_is_an_answer_too() -> None:
    """Who never waits is answered in time at any rate."""
    with pytest.raises(NoAnswerError, match="any rate"):
        most_calls(replace(QUEUE, max_waiting=0), 5, [parse_wanted("service_level >= 80%")])


def test_where_more_agents_may_be_worse() -> None:
    """Short abandonments that count as met beyond the threshold: refused, not searched wrongly."""
    system = replace(
        QUEUE, leaving=Leaving(60.0), formula="short_abandons_as_met", short_abandon_s=40.0
    )
    with pytest.raises(ValueError, match="rise and fall"):
        fewest_agents(system, [parse_wanted("service_level >= 80%")])


def test_patience_as_written() -> None:
    """A bare duration is the mean of an exponential; a mapping is a scenario's distribution."""
    assert parse_patience("2min", 100.0) == Leaving(120.0, 100.0)
    assert parse_patience("{distribution: exponential, mean: 2min}") == Leaving(120.0)
    assert law_of(Deterministic(value_s=30.0), 100.0) == Leaving(None, 30.0)
    assert law_of(None, 100.0) == Leaving(None, 100.0)
    law = law_of(Gamma(shape=1.0, scale_s=120.0))
    assert law.symbol == "G"
    exact = erlang_a(QUEUE.rate_per_s, 300.0, 45, 120.0)
    found = answer(replace(QUEUE, leaving=law), 45)
    assert found.abandonment == pytest.approx(exact.abandonment, rel=1e-8)
    assert law_of(Exponential(scale_s=120.0, offset_s=5.0)).symbol == "G"


@pytest.mark.parametrize(
    "text",
    [
        "{distribution: uniform, low: 10s, high: 1min}",
        "{distribution: triangular, low: 0s, mode: 10s, high: 1min}",
        "{distribution: lognormal, mean: 1min, cv: 2}",
        "{distribution: weibull, mean: 1min, cv: 50%}",
        "{distribution: empirical, values: [0s, 5s, 90s]}",
        "{distribution: hyperexponential, mean: 1min, cv: 2}",
        "{distribution: mixture, of: [{weight: 1, distribution: deterministic, value: 9s},"
        " {weight: 3, distribution: gamma, mean: 1min, cv: 1}]}",
        "{distribution: uniform, low: 20s, high: 20s}",
        "{distribution: deterministic, value: 0s}",
    ],
)
def test_every_distribution_has_an_answer(text: str) -> None:
    """In overload: the flow is conserved, and nobody is answered after the timeout."""
    found = answer(replace(QUEUE, leaving=parse_patience(text, 100.0)), 40)
    assert found.abandonment is not None and found.occupancy is not None
    assert 47.5 * (1.0 - found.abandonment) == pytest.approx(40 * found.occupancy, rel=1e-9)
    assert found.asa_s is not None and 0.0 <= found.asa_s < 100.0


def test_a_bad_distribution_names_its_place() -> None:
    """As in a scenario: line, column and what is allowed."""
    with pytest.raises(ScenarioError, match=r"--patience:1:16: .*no distribution `gama`"):
        parse_patience("{distribution: gama, mean: 2min}")


def test_every_problem_at_once() -> None:
    """Bad values are all told, by the names of the options."""
    with pytest.raises(WrongRequestError) as told:
        Asked.parse(
            rate="9.5", handle_time="0s", agents="5.5", wait_timeout="x", formula="best",
            targets=["servce_level >= 1"], dashes=True,
        )  # fmt: skip
    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "--rate", "--handle-time", "--agents", "--wait-timeout", "--formula", "--target",
    ]  # fmt: skip
    assert "did you mean `service_level`" in lines[-2] and "two of" in lines[-1]


def test_a_bare_timeout_is_milliseconds() -> None:
    """As in a scenario, where it has the real API's name; 0 is none."""
    common = {"rate": "1/min", "handle_time": "1min", "agents": 3}
    assert Asked.parse(**common, wait_timeout="90000").system.leaving == Leaving(None, 90.0)
    assert Asked.parse(**common, wait_timeout="1min").system.leaving == Leaving(None, 60.0)
    assert Asked.parse(**common, wait_timeout=0).system.leaving == Leaving()
