"""Wait flows laid out in time: the engines' timeline against a walk through the actions."""

from __future__ import annotations

from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.timeline import EndKind, unroll
from sim.scenario.model import ActionType, Flow
from tests.metrics.plain import plays
from tests.strategies import TENTHS, WHOLE, flows


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from((WHOLE, TENTHS)).flatmap(lambda grid: flows("f", grid)),
    st.integers(0, 300).map(lambda k: k * 0.1) | st.floats(0.0, 1e5),
)
def test_a_timeline_is_the_walk_through_the_actions(flow: Flow, joined: float) -> None:
    """Claim: action by action, jumps followed, the instants are the same to the bit; no action
    ends before it begins, and each begins at the end of the one before, over several passes."""
    timeline = unroll(flow)
    heard = list(islice(plays(flow, joined, joined + 1e9), 5 * len(timeline.steps)))
    now = joined
    for play in heard:
        n, at = divmod(play.number, len(timeline.steps))
        step = timeline.steps[at]
        if step.end_s > step.begin_s:
            now = timeline.instant(joined, n, step.end_s)
        assert (step.action, now) == (play.action, play.end)
        assert step.hangs_up == (flow.actions[play.action].type is ActionType.HANGUP)
    assert all(p.begin <= p.end for p in heard)
    assert all(a.end == b.begin for a, b in pairwise(heard))


@given(flows("f", TENTHS), st.integers(0, 10_000), st.floats(0.0, 1e6))
def test_the_end_of_a_pass_is_the_beginning_of_the_next(flow: Flow, n: int, joined: float) -> None:
    """Claim: to the last bit, and never by a running sum."""
    timeline = unroll(flow)
    end = timeline.instant(joined, n, timeline.cycle_s)
    assert end == joined + (n + 1) * timeline.cycle_s
    if timeline.cycle_s > 0.0:
        assert end == timeline.instant(joined, n + 1, 0.0)


@given(flows("f", TENTHS), st.integers(0, 60))
def test_the_limit_of_actions(flow: Flow, limit: int) -> None:
    """Claim: counting 2 for a pass and 1 for an action as they start, the flow ends before the
    first that would exceed the limit, unless it has hung up before."""
    timeline = unroll(flow, limit)
    counted, n = 0, 0
    found = None
    while found is None:
        counted += 2
        for i, step in enumerate(timeline.steps):
            if counted + 1 > limit or counted > limit:
                found = (EndKind.LIMIT, n, i)
                break
            counted += 1
            if step.hangs_up:
                found = (EndKind.HANGUP, n, i)
                break
        n += 1
    ending = timeline.ending
    assert ending is not None
    assert (ending.kind, ending.n, ending.step) == found
    assert ending.offset_s == timeline.steps[ending.step].begin_s
