"""Laws that hold whatever phones, breaks, overflow, retries, polling and the start bring."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, given, settings

from sim.engine.lower import lower
from sim.engine.reference import Simulation
from sim.engine.rosters import ALWAYS, shifts_of
from sim.engine.spells import agent_log
from sim.experiment.replicate import Replicator, numbered_from
from sim.logs import AgentLog, AgentState, CallLog, Cause, Outcome, SpellLog
from sim.scenario.model import AtHorizon, Scenario
from sim.sums import AgentTotal, Count, Total, wait_bin
from sim.workload.calls import Workload
from sim.workload.initial import initial_calls
from tests.features import rich_scenarios
from tests.metrics.plain import PlainCall, plain_calls
from tests.strategies import NEVER

laws = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Rich:
    """One replication on the SimPy engine."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.replicator = Replicator(scenario, intervals=True, keep_calls=True, keep_agents=True)
        self.replication = self.replicator.run(0)
        self.sums = self.replication.sums
        assert self.replication.calls is not None and self.replication.agents is not None
        self.log = self.replication.calls
        self.calls = plain_calls(self.log)
        self.parents = self.log.parent.tolist()
        self.attempts = self.log.attempt.tolist()
        self.first_arrivals = self.log.first_arrival.tolist()
        self.drain = scenario.at_horizon is AtHorizon.DRAIN

    @cached_property
    def spells(self) -> list[list[tuple[AgentState, float, float]]]:
        log = self.replication.agents
        assert log is not None
        of: list[list[tuple[AgentState, float, float]]] = [
            [] for _ in range(self.scenario.n_agents)
        ]
        for agent, state, a, b in zip(
            log.agent.tolist(), log.state.tolist(), log.from_s.tolist(), log.to_s.tolist(),
            strict=True,
        ):  # fmt: skip
            of[agent].append((AgentState(state), a, b))
        return of

    @cached_property
    def shifts(self) -> list[tuple[tuple[float, float], ...]]:
        given = shifts_of(self.replicator.plant, 0)
        return [given.get(agent, ALWAYS) for agent in range(self.scenario.n_agents)]

    def counts(self, call: PlainCall) -> bool:
        """Whether the call is in the counts: by joining; of those at the start the waiting."""
        if self.scenario.warmup_s > 0.0:
            return call.arrival >= self.scenario.warmup_s
        return call.answer is None or call.answer >= 0.0


@laws
@given(rich_scenarios())
def test_calls_are_conserved(scenario: Scenario) -> None:
    """Claim: per queue, offered = incoming + blocked; incoming = serviced + abandoned +
    overflowed + waiting + connecting; serviced = done + in service; and the sums count so."""
    ran = Rich(scenario)
    assert [c.number for c in ran.calls] == list(range(len(ran.calls)))
    for q in range(len(scenario.queues)):
        mine = [c for c in ran.calls if c.queue == q and ran.counts(c)]
        by = Counter(c.outcome for c in mine)
        counts = ran.sums.counts[q]
        assert counts[Count.BLOCKED] == by[Outcome.BLOCKED]
        assert counts[Count.INCOMING] == len(mine) - by[Outcome.BLOCKED]
        assert counts[Count.OVERFLOWED] == by[Outcome.OVERFLOWED]
        assert counts[Count.SERVICED] == by[Outcome.DONE] + by[Outcome.SERVICE]
        lost = sum(counts[Count[f"ABANDONED_{c.name}"]] for c in Cause if c)
        assert lost == by[Outcome.ABANDONED]
        assert counts[Count.INCOMING] == (
            counts[Count.SERVICED] + lost + counts[Count.OVERFLOWED]
            + counts[Count.WAITING_AT_END] + counts[Count.CONNECTING_AT_END]
        )  # fmt: skip


@laws
@given(rich_scenarios())
def test_every_call_comes_from_where_it_should(scenario: Scenario) -> None:
    """Claim: an overflowed call has one child, in another queue, at the instant when it left,
    with the same attempt and first arrival; a retry comes from a call that abandoned or was
    blocked, in the same queue, not before that, before the horizon, as the next attempt of at
    most `max_attempts`; nobody else has a parent, and nobody has two children."""
    ran = Rich(scenario)
    children = Counter(p for p in ran.parents if p >= 0)
    assert all(n == 1 for n in children.values())
    for call, parent, attempt, first in zip(
        ran.calls, ran.parents, ran.attempts, ran.first_arrivals, strict=True
    ):
        if call.outcome is Outcome.OVERFLOWED:
            assert children[call.number] == 1
        if parent < 0:
            assert (attempt, first) == (1, call.arrival)
            continue
        origin = ran.calls[parent]
        assert parent < call.number and origin.leave is not None
        if origin.outcome is Outcome.OVERFLOWED:
            assert call.arrival == origin.leave and call.queue != origin.queue
            assert (attempt, first) == (ran.attempts[parent], ran.first_arrivals[parent])
        else:
            assert origin.outcome in (Outcome.ABANDONED, Outcome.BLOCKED)
            retry = scenario.queues[call.queue].retry
            assert retry is not None and attempt <= retry.max_attempts
            assert call.queue == origin.queue
            assert origin.leave <= call.arrival < scenario.horizon_s
            assert (attempt, first) == (ran.attempts[parent] + 1, call.arrival)


@laws
@given(rich_scenarios(ring=False, polling=False))
def test_nobody_waits_while_an_eligible_agent_is_available(scenario: Scenario) -> None:
    """Claim: where calls are routed at once and phones do not ring, no call's waiting overlaps a
    matching agent's being available, by more than an instant."""
    ran = Rich(scenario)
    groups = [group for group in scenario.agents for _ in range(group.count)]
    for call in ran.calls:
        if not call.joined:
            continue
        queue = scenario.queues[call.queue]
        since, until = max(call.arrival, 0.0), call.waiting_end
        for group, own in zip(groups, ran.spells, strict=True):
            if queue.matches(group.tags):
                for state, a, b in own:
                    if state is AgentState.AVAILABLE:
                        assert min(b, until) <= max(a, since)


@laws
@given(rich_scenarios())
def test_agents_spells_tile_the_time_and_fit_the_shifts(scenario: Scenario) -> None:
    """Claim: an agent's spells follow each other from 0 to the end; available, on a break or in
    penalty only on shift, off only off shift; calls that were answered lie in the spells."""
    ran = Rich(scenario)
    ends = {own[-1][2] for own in ran.spells}
    assert len(ends) <= 1
    on_shift = (AgentState.AVAILABLE, AgentState.BREAK, AgentState.PENALTY)
    for agent, own in enumerate(ran.spells):
        assert own[0][1] == 0.0
        for (before, _, b), (after, a, _) in pairwise(own):
            assert a == b and before is not after
        for state, a, b in own:
            inside = math.fsum(max(0.0, min(b, y) - max(a, x)) for x, y in ran.shifts[agent])
            if state in on_shift:
                assert math.isclose(inside, b - a, rel_tol=1e-9)
            if state is AgentState.OFF:
                assert inside == 0.0
        answered = [
            (max(c.answer, 0.0), min(NEVER if c.leave is None else c.leave, own[-1][2]))
            for c in ran.calls
            if c.agent == agent and c.answer is not None
        ]
        noted = math.fsum(b - a for state, a, b in own if state is AgentState.SERVICE)
        told = math.fsum(max(b - a, 0.0) for a, b in answered)
        assert math.isclose(noted, told, rel_tol=1e-9, abs_tol=1e-9)


@laws
@given(rich_scenarios())
def test_agents_sums_are_those_of_their_log(scenario: Scenario) -> None:
    """Claim: within the window, the seconds by state of each group are those of the agent log
    (unanswered rings and connecting together), and time on shift is that of the shifts; and the
    intervals add up to them."""
    ran = Rich(scenario)
    groups = [g for g, group in enumerate(scenario.agents) for _ in range(group.count)]
    start, end = scenario.warmup_s, scenario.horizon_s
    log = np.zeros((len(scenario.agents), len(AgentState)))
    shifts = np.zeros(len(scenario.agents))
    for g, own, mine in zip(groups, ran.spells, ran.shifts, strict=True):
        for state, a, b in own:
            log[g, state] += max(0.0, min(b, end) - max(a, start))
        shifts[g] += math.fsum(max(0.0, min(b, end) - max(a, start)) for a, b in mine)
    sums = ran.sums.agents
    both = sums[:, AgentTotal.CONNECTING] + sums[:, AgentTotal.RINGING]
    for column, state in (
        (both, AgentState.CONNECTING),
        (sums[:, AgentTotal.SERVICE], AgentState.SERVICE),
        (sums[:, AgentTotal.WRAP_UP], AgentState.WRAP_UP),
        (sums[:, AgentTotal.PENALTY], AgentState.PENALTY),
        (sums[:, AgentTotal.BREAK], AgentState.BREAK),
    ):
        np.testing.assert_allclose(column, log[:, state], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(sums[:, AgentTotal.ON_SHIFT], shifts, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ran.sums.slot_agents.sum(axis=1), sums, rtol=1e-9, atol=1e-9)


@laws
@given(rich_scenarios())
def test_the_waits_of_all_begin_in_the_first_queue(scenario: Scenario) -> None:
    """Claim: the rows of the sums together give, over answered and abandoned calls, the waits
    from the first joining: their sum, sum of squares, longest, histogram, the number within the
    queue's threshold, and the number answered at once."""
    ran = Rich(scenario)
    waits, at_once, within = [], 0, 0
    for call, first in zip(ran.calls, ran.first_arrivals, strict=True):
        ended = call.answer is not None or call.outcome is Outcome.ABANDONED
        if not ended or not ran.counts(call):
            continue
        waits.append(call.wait_end - first)
        level = scenario.queues[call.queue].service_level
        within += call.wait_end <= first + level.threshold_s
        at_once += call.answer == first
    counts, totals = ran.sums.counts.sum(axis=0), ran.sums.totals.sum(axis=0)
    told = counts[Count.ANSWERED_IN_THRESHOLD] + counts[Count.ABANDONED_IN_THRESHOLD]
    assert (counts[Count.ANSWERED_AT_ONCE], told) == (at_once, within)
    total = totals[Total.WAIT_ANSWERED] + totals[Total.WAIT_ABANDONED]
    assert math.isclose(total, math.fsum(waits), rel_tol=1e-9, abs_tol=1e-9)
    squares = math.fsum(w * w for w in waits)
    assert math.isclose(totals[Total.WAIT_SQUARED], squares, rel_tol=1e-9, abs_tol=1e-9)
    assert ran.sums.wait_max.max() == max(waits, default=0.0)
    bins = np.bincount(wait_bin(np.array(waits, float)), minlength=ran.sums.waits.shape[1])
    assert np.array_equal(ran.sums.waits.sum(axis=0), bins)
    assert np.array_equal(ran.sums.slot_counts.sum(axis=1), ran.sums.counts)


@laws
@given(rich_scenarios(polling=False, ring=False))
def test_overflow_at_its_time(scenario: Scenario) -> None:
    """Claim: where phones do not ring, nobody waits beyond the overflow time, and a call whose
    flow sends nobody on leaves for the other queue exactly then."""
    ran = Rich(scenario)
    for call in ran.calls:
        queue = scenario.queues[call.queue]
        if queue.overflow is None or not call.joined:
            continue
        due = max(call.arrival + queue.overflow.after_s, 0.0)
        there = ran.drain or due < scenario.horizon_s
        assert call.waiting_end <= due or (call.waiting_end == NEVER and not there)
        if call.outcome is Outcome.OVERFLOWED and queue.wait_flow is None:
            assert call.leave == due


@laws
@given(rich_scenarios())
def test_the_same_seed_gives_the_same_bytes(scenario: Scenario) -> None:
    """Claim: run again, the logs and all sums are the same, to the bit."""
    a, b = Rich(scenario), Rich(scenario)
    assert a.sums.same_as(b.sums)
    for name in type(a.log).__dataclass_fields__:
        assert getattr(a.log, name).tobytes() == getattr(b.log, name).tobytes()


@laws
@given(rich_scenarios())
def test_the_agent_log_follows_from_calls_and_spells(scenario: Scenario) -> None:
    """Claim: what the SimPy engine notes as it goes is what calls, spells and shifts imply."""
    plant = lower(scenario)
    calls: list[CallLog] = []
    spells: list[SpellLog] = []

    def emit(rows: CallLog, ended: SpellLog) -> None:
        calls.append(rows)
        spells.append(ended)

    initial = initial_calls(scenario, 0)
    blocks = numbered_from(Workload(scenario).blocks(0), len(initial))
    run = Simulation(plant, 0, emit, keep_agent_log=True).run(blocks, initial)
    assert run.agent_log is not None
    noted = AgentLog.of_rows(run.agent_log)
    derived = agent_log(
        plant,
        shifts_of(plant, 0),
        CallLog.joined(calls),
        SpellLog.joined(spells),
        float(noted.to_s.max()),
    )
    for name in AgentLog.__dataclass_fields__:
        assert np.array_equal(getattr(noted, name), getattr(derived, name))
