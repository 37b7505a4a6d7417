"""Ringing and wrap-up: the chain against Erlang A and B, M/G/1, and one caller's transform."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.theory.chains import explore, stationary
from sim.theory.erlang import erlang_b, mmnk_m
from sim.theory.single_server import mg1_wait_mean
from sim.theory.work_stages import mmn_stages

NAMES = (
    "blocked_share", "abandonment", "delayed", "asa_s", "wait_mean_s", "queue_length_mean",
    "occupancy",
)  # fmt: skip


@pytest.mark.parametrize(("room", "patience"), [(None, 40.0), (3, 40.0), (0, 40.0), (6, None)])
def test_without_stages_it_is_the_plain_queue(room, patience):
    """No ring and no wrap-up: M/M/n/n+K+M."""
    one = mmn_stages(0.1, 50.0, 4, patience_mean_s=patience, max_waiting=room)
    other = mmnk_m(0.1, 50.0, 4, room, patience)
    for name in NAMES:
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-10), name
    assert one.utilisation == pytest.approx(one.occupancy, rel=1e-14)


def test_very_short_stages_change_nothing():
    """The limit of a ring and a wrap-up of no length, but that no answer is at once."""
    short = mmn_stages(0.1, 50.0, 4, patience_mean_s=40.0, ring_mean_s=1e-7, wrap_up_mean_s=1e-7)
    none = mmn_stages(0.1, 50.0, 4, patience_mean_s=40.0)
    for name in NAMES:
        if name != "delayed":
            assert getattr(short, name) == pytest.approx(getattr(none, name), rel=1e-7), name
    assert short.delayed == 1.0


@pytest.mark.parametrize(("ring", "wrap"), [(0.0, 30.0), (9.0, 0.0), (9.0, 30.0)])
@pytest.mark.parametrize("patience", [None, 25.0])
def test_without_a_line_it_is_erlang_b(ring, wrap, patience):
    """Loss does not depend on the law of the agent's time, only on its mean (M/G/n/n).

    With patience that time ends where a caller hangs up while the phone rings.
    """
    measures = mmn_stages(
        0.1, 50.0, 6, patience_mean_s=patience, ring_mean_s=ring, wrap_up_mean_s=wrap,
        max_waiting=0,
    )  # fmt: skip
    leave = ring / patience if patience else 0.0
    hung_up = leave / (1.0 + leave)
    held_s = ring / (1.0 + leave) + (1.0 - hung_up) * (50.0 + wrap)
    assert measures.blocked_share == pytest.approx(erlang_b(6, 0.1 * held_s), rel=1e-11)
    assert measures.abandonment == pytest.approx(hung_up, abs=1e-14)
    assert measures.asa_s == pytest.approx(ring / (1.0 + leave), abs=1e-13)


@pytest.mark.parametrize(("ring", "wrap"), [(0.0, 30.0), (9.0, 0.0), (9.0, 30.0)])
def test_one_agent_is_mg1(ring, wrap):
    """One agent, endless patience: Pollaczek and Khinchine for all stages, then a ring."""
    rate, talk = 0.006, 50.0
    stages = np.array([ring, talk, wrap])
    mean = stages.sum()
    second = mean**2 + (stages**2).sum()
    measures = mmn_stages(rate, talk, 1, ring_mean_s=ring, wrap_up_mean_s=wrap)
    exact = mg1_wait_mean(rate, mean, second) + ring
    assert measures.wait_mean_s == pytest.approx(exact, rel=1e-9)
    assert measures.asa_s == pytest.approx(exact, rel=1e-9)
    assert measures.occupancy == pytest.approx(rate * mean, rel=1e-10)
    assert measures.utilisation == pytest.approx(rate * talk, rel=1e-10)
    if not ring:
        assert measures.delayed == pytest.approx(rate * mean, rel=1e-10)


def one_caller(rate, talk, n, patience, ring, wrap, room):
    """P(answered) and E[wait; answered] of a marked caller, by E[exp(-s wait); answered].

    A chain of its own: agents one by one with their stage, the caller's place in line or agent.
    The derivative in s is taken by a complex step.
    """

    def take(agents, line):
        """Free agents take callers; the marked one is 'me'."""
        agents, line = list(agents), list(line)
        for i in range(n):
            if agents[i] == "free" and line:
                agents[i] = "ring me" if line.pop(0) == "me" else "ring"
        return tuple(sorted(agents)), tuple(line)

    def moves(state):
        agents, line = state
        if "answered" in agents or state == ("gone", ()):
            return
        marked = "ring me" in agents or "me" in line
        if not marked and len(line) < room:
            yield take(agents, (*line, "other")), rate
        elif not marked and "free" in agents:
            yield take(agents, ("other",)), rate
        for i, stage in enumerate(agents):

            def turned(to, i=i):
                return take((*agents[:i], to, *agents[i + 1 :]), line)

            if stage == "ring":
                yield turned("talk"), 1.0 / ring
                yield turned("free"), 1.0 / patience
            elif stage == "ring me":
                yield turned("answered"), 1.0 / ring
                yield ("gone", ()), 1.0 / patience
            elif stage == "talk":
                yield turned("wrap"), 1.0 / talk
            elif stage == "wrap":
                yield turned("free"), 1.0 / wrap
        for i, who in enumerate(line):
            if who == "me":
                yield ("gone", ()), 1.0 / patience
            else:
                yield (agents, (*line[:i], *line[i + 1 :])), 1.0 / patience

    states, generator = explore((("free",) * n, ()), moves)
    law = stationary(generator)
    starts = {}
    for p, (agents, line) in zip(law, states, strict=True):
        if "free" in agents or len(line) < room:
            start = take(agents, (*line, "me"))
            starts[start] = starts.get(start, 0.0) + p
    size = 0.0 + sum(starts.values())
    reached, index = [], {}
    for start in starts:
        for state in explore(start, moves)[0]:
            if state not in index:
                index[state] = len(reached)
                reached.append(state)
    q = np.zeros((len(reached), len(reached)))
    for i, state in enumerate(reached):
        for to, by in moves(state):
            q[i, index[to]] += by
            q[i, i] -= by
    answer = np.array(["answered" in agents for agents, _ in reached])
    end = answer | np.array([state == ("gone", ()) for state in reached])
    step = 1e-20
    inner = 1j * step * np.eye(int((~end).sum())) - q[~end][:, ~end]
    transform = np.zeros(len(reached), dtype=complex)
    transform[~end] = np.linalg.solve(inner, q[~end][:, answer].sum(axis=1))
    value = sum(p * transform[index[start]] for start, p in starts.items()) / size
    return value.real, -value.imag / step


def test_waits_of_the_answered_by_a_transform():
    """Abandonment and ASA with ring, wrap-up and a room of 2, by a chain of single agents."""
    args = 0.05, 50.0, 2, 40.0, 9.0, 30.0
    answered, waited = one_caller(*args, room=2)
    rate, talk, n, patience, ring, wrap = args
    measures = mmn_stages(
        rate, talk, n, patience_mean_s=patience, ring_mean_s=ring, wrap_up_mean_s=wrap,
        max_waiting=2,
    )  # fmt: skip
    assert measures.abandonment == pytest.approx(1.0 - answered, rel=1e-9)
    assert measures.asa_s == pytest.approx(waited / answered, rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(
    st.floats(0.01, 0.2), st.integers(1, 5), st.floats(10.0, 200.0),
    st.sampled_from([0.0, 4.0, 20.0]), st.sampled_from([0.0, 15.0, 60.0]),
    st.sampled_from([None, 0, 4]),
)  # fmt: skip
def test_flows_balance(rate, n, patience, ring, wrap, room):
    """What is answered is talked: utilisation by the agents is the shares by the line."""
    measures = mmn_stages(
        rate, 40.0, n, patience_mean_s=patience, ring_mean_s=ring, wrap_up_mean_s=wrap,
        max_waiting=room,
    )  # fmt: skip
    answered = rate * (1.0 - measures.blocked_share) * (1.0 - measures.abandonment)
    assert answered * 40.0 / n == pytest.approx(measures.utilisation, rel=1e-8)
    held = answered * wrap / n
    assert measures.occupancy >= measures.utilisation + held - 1e-12
    assert measures.cut_share <= 1e-12


@pytest.mark.parametrize(
    "change",
    [
        {"n_agents": 0}, {"patience_mean_s": 0.0}, {"ring_mean_s": -1.0}, {"wrap_up_mean_s": -1.0},
        {"max_waiting": -1}, {"wrap_up_mean_s": 60.0}, {"arrival_rate_per_s": 0.0},
    ],
)  # fmt: skip
def test_bad_stages_are_value_errors(change):
    """Invalid numbers, and work that outgrows the agents with nothing to end the waiting."""
    given_ = {"arrival_rate_per_s": 0.05, "service_mean_s": 50.0, "n_agents": 4}
    with pytest.raises(ValueError):
        mmn_stages(**(given_ | change))
