"""Laws that every replication of every scenario obeys, on random scenarios full of ties."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.experiment.replicate import Replicator
from sim.logs import AgentState, Cause, Outcome
from sim.scenario.model import ActionType, Discipline, RoutingMethod, Scenario
from tests.metrics.plain import PlainCall, plays
from tests.property.ran import NEVER, Ran, Spell
from tests.strategies import scenarios

laws = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def state_at(call: PlainCall, t: float) -> str | None:
    """How a call stands at `t`, by its row alone; None before it calls."""
    if call.arrival > t:
        return None
    if call.outcome is Outcome.BLOCKED:
        return "blocked"
    if call.leave is not None and call.leave <= t:
        return call.outcome.name.lower()
    if call.answer is not None and call.answer <= t:
        return "service"
    return "connecting" if call.routed is not None and call.routed <= t else "waiting"


@laws
@given(scenarios(), st.lists(st.floats(0.0, 1.5), max_size=6))
def test_counters_balance_at_every_instant(scenario: Scenario, shares: list[float]) -> None:
    """Claim: per queue, offered = incoming + blocked; incoming = serviced + abandoned +
    overflowed + waiting + connecting; serviced = done + in service; at random instants and at
    those of events, and at the end in the sums too."""
    ran = Ran(scenario)
    instants = [s * scenario.horizon_s for s in shares]
    instants += [c.arrival for c in ran.calls[::5]] + [c.leave for c in ran.calls[::4] if c.leave]
    for t in [*instants, NEVER]:
        for q in range(len(scenario.queues)):
            mine = [c for c in ran.calls if c.queue == q]
            by = Counter(state_at(c, t) for c in mine)
            offered = sum(c.arrival <= t for c in mine)
            incoming = sum(c.arrival <= t and c.joined for c in mine)
            serviced = sum(c.answer is not None and c.answer <= t for c in mine)
            assert offered == incoming + by["blocked"]
            assert incoming == (
                serviced + by["abandoned"] + by["overflowed"] + by["waiting"] + by["connecting"]
            )
            assert serviced == by["done"] + by["service"]


@laws
@given(scenarios())
def test_a_row_is_consistent_with_its_outcome(scenario: Scenario) -> None:
    """Claim: arrival <= routed <= answer <= leave; each outcome has what belongs to it; service
    and wrap-up are what the caller brings, by the agent's speed and the service timeout."""
    ran = Ran(scenario)
    speed = [g.speed for g in scenario.agents for _ in range(g.count)]
    assert [c.number for c in ran.calls] == list(range(len(ran.brought)))
    for c, brought in zip(ran.calls, ran.brought, strict=True):
        happened = [x for x in (c.arrival, c.routed, c.answer, c.leave) if x is not None]
        assert happened == sorted(happened)
        assert (c.routed is None) == (c.agent is None)
        assert (c.cause is not Cause.NONE) == (c.outcome is Outcome.ABANDONED)
        assert 0.0 <= c.arrival < scenario.horizon_s
        has = tuple(x is not None for x in (c.routed, c.answer, c.leave, c.service, c.wrap_up))
        match c.outcome:
            case Outcome.BLOCKED:
                assert has == (False, False, True, False, False)
                assert c.leave == c.arrival
            case Outcome.DONE:
                assert has == (True,) * 5
                assert c.answer is not None and c.agent is not None and c.service is not None
                length = brought.service_s / speed[c.agent]
                most = scenario.queues[c.queue].service_timeout_s
                assert c.service == min(length, most)
                assert c.cut == (most < length)
                assert c.leave == c.answer + c.service
                assert c.wrap_up == brought.wrap_up_s
            case Outcome.ABANDONED:
                assert has[1:] == (False, True, False, False)
                assert c.cause is Cause.HANGUP or c.routed is None
            case Outcome.WAITING:
                assert has == (False,) * 5
            case Outcome.CONNECTING:
                assert has == (True, False, False, False, False)
            case Outcome.SERVICE:
                assert has == (True, True, False, False, False)
            case _:
                raise AssertionError(c.outcome)
        if c.outcome in (Outcome.CONNECTING, Outcome.SERVICE):
            assert not ran.drain
        if not ran.drain:
            assert all(x < scenario.horizon_s for x in happened)


@laws
@given(scenarios())
def test_nobody_waits_while_an_eligible_agent_is_available(scenario: Scenario) -> None:
    """Claim: no call's waiting overlaps a matching agent's being available, by more than an
    instant; and a blocked call found none available."""
    ran = Ran(scenario)
    for call in ran.calls:
        until = min(call.waiting_end, ran.end)
        for agent in ran.matching[call.queue]:
            for spell in ran.spells[agent]:
                if spell.state is not AgentState.AVAILABLE:
                    continue
                if call.joined:
                    both = min(until, spell.to_s) - max(call.arrival, spell.from_s)
                    assert both <= 0.0, (call, spell)
                else:
                    assert not spell.from_s <= call.arrival < spell.to_s, (call, spell)


@laws
@given(scenarios())
def test_max_waiting_is_a_bound_and_blocks_only_when_reached(scenario: Scenario) -> None:
    """Claim: a call is blocked only when its queue holds `max_waiting` waiting calls, and one
    that has to wait finds fewer."""
    ran = Ran(scenario)
    for call in ran.calls:
        room = scenario.queues[call.queue].max_waiting
        ahead = sum(
            c.joined and c.queue == call.queue and c.waiting_end > call.arrival
            for c in ran.calls[: call.number]
        )
        if not call.joined:
            assert room is not None and ahead == room
        elif call.routed != call.arrival:
            assert room is None or ahead < room


@laws
@given(scenarios())
def test_order_of_service_within_a_queue(scenario: Scenario) -> None:
    """Claim: an agent takes of a `fifo` queue the call that joined first, of a `lifo` queue the
    one that joined last, whatever the agent's other queues."""
    ran = Ran(scenario)
    check_order(ran)


@laws
@given(scenarios(max_queues=1))
def test_order_of_service_in_a_single_queue(scenario: Scenario) -> None:
    """Claim: the same in scenarios of one queue."""
    check_order(Ran(scenario))


def left_behind(ran: Ran, taken: PlainCall) -> list[PlainCall]:
    """Calls that waited before, at and after the instant when `taken` was routed."""
    at = taken.routed
    assert at is not None
    return [c for c in ran.calls if c is not taken and c.joined and c.arrival < at < c.waiting_end]


def check_order(ran: Ran) -> None:
    for taken in ran.calls:
        if taken.routed is None:
            continue
        for other in left_behind(ran, taken):
            if other.queue != taken.queue:
                continue
            if taken.routed == taken.arrival:
                # whoever is taken at once finds an agent, so nobody of its queue was waiting
                raise AssertionError((taken, other))
            match ran.queues[taken.queue].discipline:
                case Discipline.FIFO:
                    assert taken.number < other.number
                case Discipline.LIFO:
                    assert taken.number > other.number


@laws
@given(scenarios())
def test_priority_and_order_across_queues(scenario: Scenario) -> None:
    """Claim: an agent who becomes available takes of the matched queues with waiting calls one
    of the highest priority; among queues of one discipline the first or last that joined."""
    ran = Ran(scenario)
    for taken in ran.calls:
        if taken.routed is None or taken.routed == taken.arrival:
            continue
        mine = ran.queues[taken.queue]
        for other in left_behind(ran, taken):
            if taken.agent not in ran.matching[other.queue]:
                continue
            its = ran.queues[other.queue]
            assert its.priority <= mine.priority
            disciplines = {
                q.discipline
                for q, who in zip(ran.queues, ran.matching, strict=True)
                if q.priority == mine.priority and taken.agent in who
            }
            if its.priority == mine.priority and len(disciplines) == 1:
                if mine.discipline is Discipline.FIFO:
                    assert taken.number < other.number
                if mine.discipline is Discipline.LIFO:
                    assert taken.number > other.number


@laws
@given(scenarios())
def test_the_routing_method_chooses_among_the_available(scenario: Scenario) -> None:
    """Claim: a call answered on arrival gets the first agent (`listed`), the one available for
    longest, or the one with the fewest calls, ties to the lowest number, among those who are
    available before and after."""
    ran = Ran(scenario)
    for call in ran.calls:
        if call.routed != call.arrival or call.agent is None:
            continue
        t, number = call.arrival, call.number
        method = ran.queues[call.queue].routing_method
        assert call.agent in ran.matching[call.queue]
        others = [
            a
            for a in ran.matching[call.queue]
            for spell in ran.spells[a]
            if a != call.agent
            and spell.state is AgentState.AVAILABLE
            and spell.from_s < t < spell.to_s
        ]
        for agent in others:
            if method is RoutingMethod.LISTED:
                assert call.agent < agent
            elif method is RoutingMethod.LONGEST_IDLE:
                mine = (available_since(ran, call.agent, t, number), call.agent)
                assert mine < (available_since(ran, agent, t, number), agent)
            elif method is RoutingMethod.FEWEST_CALLS:
                mine = (answered_before(ran, call.agent, t, number), call.agent)
                assert mine < (answered_before(ran, agent, t, number), agent)


def available_since(ran: Ran, agent: int, t: float, number: int) -> float:
    """When an agent available at `t`, as call `number` arrives, last became available."""
    spells = [s.from_s for s in ran.spells[agent] if s.state is AgentState.AVAILABLE]
    freed = [
        c.free_at
        for c in ran.calls
        if c.agent == agent
        and c.routed is not None
        and (c.routed < t or (c.routed == t and c.number < number))
    ]
    return max(x for x in spells + freed if x <= t)


def answered_before(ran: Ran, agent: int, t: float, number: int) -> int:
    """Calls answered by an agent before call `number` arrives at `t`."""
    return sum(
        c.agent == agent
        and c.answer is not None
        and (c.answer < t or (c.answer == t and c.number < number))
        for c in ran.calls
    )


@laws
@given(scenarios())
def test_no_agent_has_two_calls_at_once(scenario: Scenario) -> None:
    """Claim: an agent's calls follow each other, from routing to the end of wrap-up, and go to
    agents who match."""
    ran = Ran(scenario)
    for agent in range(scenario.n_agents):
        mine = [c for c in ran.calls if c.agent == agent]
        busy = sorted((c.routed, c.free_at) for c in mine)  # type: ignore[type-var]
        for (_, free), (routed, _) in pairwise(busy):
            assert routed is not None and free <= routed
        assert all(agent in ran.matching[c.queue] for c in mine)


@laws
@given(scenarios())
def test_agents_spells_tile_the_time(scenario: Scenario) -> None:
    """Claim: each agent's spells follow each other from 0 to the end, which is the horizon or
    (drain) later; no two neighbours are the same state."""
    ran = Ran(scenario)
    assert ran.end == scenario.horizon_s or (ran.drain and ran.end > scenario.horizon_s)
    for own in ran.spells:
        assert own[0].from_s == 0.0 and own[-1].to_s == ran.end
        assert all(s.from_s < s.to_s for s in own)
        for a, b in pairwise(own):
            assert a.to_s == b.from_s
            assert a.state is not b.state


@laws
@given(scenarios())
def test_agents_spells_agree_with_calls_and_shifts(scenario: Scenario) -> None:
    """Claim: the times in service, connecting and wrap-up are those of the agent's calls; an
    agent is available only on shift, off only when not."""
    ran = Ran(scenario)
    for agent, own in enumerate(ran.spells):
        calls = [c for c in ran.calls if c.agent == agent]
        for state, spells in (
            (AgentState.CONNECTING, [(c.routed, c.wait_end) for c in calls]),
            (
                AgentState.SERVICE,
                [
                    (c.answer, NEVER if c.leave is None else c.leave)
                    for c in calls
                    if c.answer is not None
                ],
            ),
            (AgentState.WRAP_UP, [(c.leave, c.free_at) for c in calls if c.answer is not None]),
        ):
            expected = math.fsum(
                max(0.0, min(b, ran.end) - min(a, ran.end)) for a, b in spells if a is not None
            )
            noted = math.fsum(s.to_s - s.from_s for s in own if s.state is state)
            assert math.isclose(noted, expected, rel_tol=1e-9, abs_tol=1e-9)
        for spell in own:
            inside = shared(spell, ran.shifts[agent])
            if spell.state is AgentState.AVAILABLE:
                assert math.isclose(inside, spell.to_s - spell.from_s, rel_tol=1e-9)
            if spell.state is AgentState.OFF:
                assert inside == 0.0


def shared(spell: Spell, shifts: list[tuple[float, float]]) -> float:
    return math.fsum(max(0.0, min(b, spell.to_s) - max(a, spell.from_s)) for a, b in shifts)


@laws
@given(scenarios())
def test_work_begins_within_a_shift(scenario: Scenario) -> None:
    """Claim: a call is routed to an agent from the start of a shift to its end, the instant of
    the end included (a shift's end comes last)."""
    ran = Ran(scenario)
    for call in ran.calls:
        if call.routed is not None and call.agent is not None:
            assert any(a <= call.routed <= b for a, b in ran.shifts[call.agent])


@laws
@given(scenarios())
def test_a_call_leaves_at_its_deadline_for_its_cause(scenario: Scenario) -> None:
    """Claim: nobody waits beyond patience, `wait_timeout` or what the flow does, and an
    abandoned call leaves at the very instant of its cause, of several at one instant the
    flow's, then patience, then the timeout."""
    ran = Ran(scenario)
    for call in ran.calls:
        if not call.joined:
            continue
        patience, timeout = ran.patience_at(call), ran.timeout_at(call)
        stop = min(call.waiting_end, ran.end if ran.drain else scenario.horizon_s)
        driven = ran.driven_away_by(call, min(patience, timeout, max(stop, call.arrival)))
        flow = NEVER if driven is None else driven.end
        assert (
            call.waiting_end <= min(patience, timeout, flow)
            or (
                call.outcome is Outcome.WAITING
                and not ran.drain
                and min(patience, timeout, flow) >= scenario.horizon_s
            )
            or min(patience, timeout, flow) == NEVER
        )
        if call.answer is not None:
            assert call.answer <= patience
        if call.outcome is not Outcome.ABANDONED:
            continue
        if call.routed is not None:
            assert call.cause is Cause.HANGUP and call.leave == max(patience, call.routed)
            continue
        assert call.leave == min(patience, timeout, flow)
        if flow == call.leave:
            assert driven is not None
            queue = ran.queues[call.queue]
            assert queue.wait_flow is not None
            action = scenario.flows[queue.wait_flow].actions[driven.action]
            hangs_up = action.type is ActionType.HANGUP
            assert call.cause is (Cause.FLOW if hangs_up else Cause.ANNOUNCEMENT)
        elif patience == call.leave:
            assert call.cause is Cause.HANGUP
        else:
            assert call.cause is Cause.TIMEOUT


@laws
@given(scenarios())
def test_an_answer_is_delayed_only_by_an_action_to_be_heard_out(scenario: Scenario) -> None:
    """Claim: the answer follows the routing at once, unless an action that must be heard out
    began before (or with the call) and ends later: then it follows at its end."""
    ran = Ran(scenario)
    for call in ran.calls:
        if call.routed is None:
            continue
        queue = ran.queues[call.queue]
        ready = call.routed
        if queue.wait_flow is not None:
            flow = scenario.flows[queue.wait_flow]
            for play in plays(flow, call.arrival, call.routed):
                marked = not flow.actions[play.action].interruptible
                begun = play.begin < call.routed or play.number == 0
                if marked and begun and play.end > call.routed:
                    ready = play.end
        if call.answer is not None:
            assert call.answer == ready
        elif call.outcome is Outcome.ABANDONED:
            assert call.leave is not None and call.leave < ready
        else:
            assert call.outcome is Outcome.CONNECTING and ready >= scenario.horizon_s


@laws
@given(scenarios())
def test_flow_counts_follow_from_the_call_log(scenario: Scenario) -> None:
    """Claim: an action is started when it begins strictly before the call stops listening (its
    answer, its leaving, else the horizon), completed when it has ended by then; hang-ups are
    those of calls that left for it; calls of the warm-up are not counted."""
    ran = Ran(scenario)
    expected = [[[0, 0, 0] for _ in flow.actions] for flow in scenario.flows]
    for call in ran.calls:
        queue = ran.queues[call.queue]
        if not call.joined or queue.wait_flow is None or call.arrival < scenario.warmup_s:
            continue
        rows = expected[queue.wait_flow]
        until = call.wait_end if call.wait_end < NEVER else scenario.horizon_s
        for play in plays(scenario.flows[queue.wait_flow], call.arrival, until):
            if play.begin < until:
                rows[play.action][0] += 1
                rows[play.action][1] += play.end <= until
        if call.cause in (Cause.ANNOUNCEMENT, Cause.FLOW):
            driven = ran.driven_away_by(call, until)
            assert driven is not None
            rows[driven.action][2] += 1
    assert ran.replication.sums.plays.tolist() == [row for flow in expected for row in flow]


@laws
@given(scenarios())
def test_drained_means_nothing_more_can_happen(scenario: Scenario) -> None:
    """Claim: under `drain` whoever is left waits for ever: without a deadline, and without a
    matching agent on shift just before the horizon."""
    ran = Ran(scenario)
    if not ran.drain:
        return
    for call in ran.calls:
        if call.outcome is not Outcome.WAITING:
            continue
        assert ran.patience_at(call) == ran.timeout_at(call) == NEVER
        flow = ran.queues[call.queue].wait_flow
        if flow is not None:
            actions = scenario.flows[flow].actions
            heard = {p.action for p in plays(scenario.flows[flow], 0.0, 1000.0)}
            assert not any(
                actions[i].type is ActionType.HANGUP or actions[i].hangup_probability > 0
                for i in heard
            )
        for agent in ran.matching[call.queue]:
            assert all(b < NEVER for _, b in ran.shifts[agent])


@laws
@given(scenarios())
def test_the_same_seed_gives_the_same_logs(scenario: Scenario) -> None:
    """Claim: run again, both logs and all sums are the same, to the bit."""
    a, b = Ran(scenario).replication, Ran(scenario).replication
    assert a.sums.same_as(b.sums)
    assert a.calls is not None and b.calls is not None
    assert a.agents is not None and b.agents is not None
    for mine, other in ((a.calls, b.calls), (a.agents, b.agents)):
        for name in type(mine).__dataclass_fields__:
            assert getattr(mine, name).tobytes() == getattr(other, name).tobytes()


@laws
@given(scenarios())
def test_both_engines_give_the_same_bytes(scenario: Scenario) -> None:
    """Claim: SimPy and compiled engine agree to the last bit: both logs, and all sums with
    intervals; so every law here holds for both."""
    a, b = (
        Replicator(scenario, engine=engine, intervals=True, keep_calls=True, keep_agents=True).run(
            0
        )
        for engine in ("simpy", "compiled")
    )
    assert a.sums.same_as(b.sums)
    assert a.calls is not None and b.calls is not None
    assert a.agents is not None and b.agents is not None
    for mine, other in ((a.calls, b.calls), (a.agents, b.agents)):
        for name in type(mine).__dataclass_fields__:
            assert getattr(mine, name).tobytes() == getattr(other, name).tobytes()
