"""Erlang B, C and A against second routes, published values, limits and theorems."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, linalg, special

from sim.theory.chains import mmnk_m_states
from sim.theory.erlang import erlang_a, erlang_b, erlang_c, log_erlang_b, mmn, mmnk_m

CASES = [(1, 0.3), (2, 1.0), (7, 12.5), (50, 47.5), (300, 280.0)]


def exact_b(n, load):
    """Erlang's loss formula as a fraction, from its definition."""
    load = Fraction(load)
    terms = [load**k / math.factorial(k) for k in range(n + 1)]
    return terms[-1] / sum(terms)


@pytest.mark.parametrize(("n", "load"), CASES)
def test_erlang_b_is_its_definition(n, load):
    """The recursion gives the loss formula computed in exact fractions."""
    assert erlang_b(n, load) == pytest.approx(float(exact_b(n, load)), rel=1e-12)


@pytest.mark.parametrize(("n", "load"), CASES)
def test_erlang_b_is_jagermans_integral(n, load):
    """1/B(n, a) = int exp(-t) (1 + t/a)^n dt (Jagerman 1974)."""
    peak = max(0.0, n - load)
    value, _ = integrate.quad(
        lambda t: math.exp(-t + n * math.log1p(t / load)),
        0.0,
        peak + 60.0 + 40.0 * math.sqrt(n),
        points=[peak + 1.0],
        limit=400,
        epsabs=0.0,
        epsrel=1e-12,
    )
    assert erlang_b(n, load) == pytest.approx(1.0 / value, rel=1e-9)


@pytest.mark.parametrize(("n", "load"), [(10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)])
def test_erlang_b_published(n, load):
    """The standard traffic tables give these loads (4 digits) for a loss of 1 %."""
    assert erlang_b(n, load) == pytest.approx(0.01, abs=1.5e-5)


@pytest.mark.parametrize("load", [5_000.0, 9_900.0, 10_000.0, 20_000.0])
def test_erlang_b_at_ten_thousand_agents(load):
    """At 10,000 agents ln B is the log of the Poisson probability over its distribution."""
    n = 10_000
    log_pmf = n * math.log(load) - load - math.lgamma(n + 1.0)
    cdf = special.pdtr(n, load)
    if cdf > 1e-290:
        assert log_erlang_b(n, load) == pytest.approx(log_pmf - math.log(cdf), rel=1e-9)
    else:  # far above: B -> 1 - n/a, to first order
        assert erlang_b(n, load) == pytest.approx(1.0 - n / load, rel=1e-3)


@given(st.integers(1, 200), st.floats(0.1, 250.0))
def test_erlang_b_theorems(n, load):
    """B falls in n, rises in a, and is convex in n (Messerli 1972)."""
    b = [erlang_b(k, load) for k in (n - 1, n, n + 1)]
    if b[2] < 1e-300:  # below the least float: the logs still fall
        logs = [log_erlang_b(k, load) for k in (n - 1, n, n + 1)]
        assert logs[0] > logs[1] > logs[2]
        return
    assert b[0] > b[1] > b[2]
    assert b[0] - b[1] >= (b[1] - b[2]) * (1.0 - 1e-9)
    assert erlang_b(n, load * 1.01) > b[1]


@pytest.mark.parametrize(("n", "load"), [(1, 0.3), (2, 1.0), (7, 6.5), (50, 47.5)])
def test_erlang_c_is_its_definition(n, load):
    """C from the state probabilities in exact fractions."""
    a = Fraction(load)
    below = sum(a**k / math.factorial(k) for k in range(n))
    tail = a**n / math.factorial(n) * n / (n - a)
    assert erlang_c(n, load) == pytest.approx(float(tail / (below + tail)), rel=1e-12)


@pytest.mark.parametrize("load", [9_500.0, 9_990.0, 9_999.99])
def test_erlang_c_at_ten_thousand_agents(load):
    """C = n B/(n - a(1 - B)) with B from the Poisson law, at 10,000 agents."""
    n = 10_000
    log_pmf = n * math.log(load) - load - math.lgamma(n + 1.0)
    b = math.exp(log_pmf) / special.pdtr(n, load)
    assert erlang_c(n, load) == pytest.approx(n * b / (n - load * (1.0 - b)), rel=1e-7)


@pytest.mark.parametrize("load", [2.0, 2.5, 100.0])
def test_erlang_c_refuses_full_load(load):
    """At or above full load Erlang C says clearly that it has no answer."""
    with pytest.raises(ValueError, match="grows without bound"):
        erlang_c(2, load)
    with pytest.raises(ValueError, match="grows without bound"):
        mmn(load, 1.0, 2)


def test_erlang_c_wait_is_a_mixture_of_gammas():
    """P(W > t), mean and sd of M/M/n follow from the states: j waiting, j+1 services."""
    rate, service, n = 9.5 / 60.0, 300.0, 50
    measures = mmn(rate, service, n)
    states = mmnk_m_states(rate, service, n, 1500)
    j = np.arange(1500.0)
    seen = states[n:-1]
    assert measures.delayed == pytest.approx(seen.sum(), rel=1e-10)
    for t in (0.0, 20.0, 200.0):
        tail = seen @ special.gammaincc(j + 1.0, n / service * t)
        assert measures.wait_tail(t) == pytest.approx(tail, rel=1e-10)
        assert measures.service_level(t) == pytest.approx(1.0 - tail, rel=1e-10)
    unit = service / n
    mean = seen @ (j + 1.0) * unit
    second = seen @ ((j + 1.0) * (j + 2.0)) * unit**2
    assert measures.wait_mean_s == pytest.approx(mean, rel=1e-10)
    assert measures.wait_sd_s == pytest.approx(math.sqrt(second - mean**2), rel=1e-10)
    assert measures.queue_length_mean == pytest.approx(states[n:] @ np.arange(1501.0), rel=1e-9)


def test_published_erlang_c_and_a():
    """Garnett, Mandelbaum, Reiman 2002, table 1: 48 calls/min, 1 min, 50 agents, patience 2 min.

    M/M/n: wait 20.8 s, 90 % within 58.1 s, queue 17, load 96 %. M/M/n+M: 3.1 % abandon,
    wait 3.7 s (3.1 % of 120 s), 90 % within 12.5 s, queue 3, load 93 %.
    """
    c = mmn(0.8, 60.0, 50)
    assert c.wait_mean_s == pytest.approx(20.8, abs=0.06)
    assert c.wait_quantile_s(0.9) == pytest.approx(58.1, abs=0.06)
    assert c.queue_length_mean == pytest.approx(17.0, abs=0.5)
    a = erlang_a(0.8, 60.0, 50, 120.0)
    assert a.abandonment == pytest.approx(0.031, abs=0.0005)
    assert a.wait_mean_s == pytest.approx(3.7, abs=0.06)
    assert a.wait_quantile_s(0.9) == pytest.approx(12.5, abs=0.1)
    assert a.queue_length_mean == pytest.approx(3.0, abs=0.5)
    assert a.occupancy == pytest.approx(0.93, abs=0.005)


A_CASES = [
    (0.1, 30.0, 2, 10.0), (9.5 / 60.0, 300.0, 50, 100.0), (0.5, 300.0, 100, 400.0),
    (1.0, 10.0, 12, 5000.0),
]  # fmt: skip


@pytest.mark.parametrize("case", A_CASES)
def test_erlang_a_from_the_states(case):
    """Delay, lengths, abandonment and occupancy of Erlang A from its birth-death chain."""
    rate, service, n, patience = case
    measures = erlang_a(*case)
    states = mmnk_m_states(rate, service, n, 3000, patience)
    number = np.arange(len(states))
    waiting = np.maximum(number - n, 0)
    assert measures.delayed == pytest.approx(states[n:].sum(), rel=1e-10)
    assert measures.queue_length_mean == pytest.approx(states @ waiting, rel=1e-9)
    lost = states @ waiting / patience / rate
    assert measures.abandonment == pytest.approx(lost, rel=1e-9)
    assert measures.occupancy == pytest.approx(states @ np.minimum(number, n) / n, rel=1e-9)


@pytest.mark.parametrize("case", A_CASES[:3])
def test_erlang_a_is_palms_incomplete_gamma(case):
    """Delay by Palm's function A(x, y) = 1F1-like sum: e^y y^-x x gamma(x, y), and Erlang B.

    P(delay) = A B / (1 + (A - 1) B), P(abandon | delay) = 1/(rho A) + 1 - 1/rho
    (Mandelbaum and Zeltyn 2007, section 3).
    """
    rate, service, n, patience = case
    x, y = n * patience / service, rate * patience
    a = math.exp(y - x * math.log(y) + math.lgamma(x) + math.log(x)) * special.gammainc(x, y)
    b = float(exact_b(n, Fraction(rate) * Fraction(service)))
    delayed = a * b / (1.0 + (a - 1.0) * b)
    rho = rate * service / n
    measures = erlang_a(*case)
    assert measures.delayed == pytest.approx(delayed, rel=1e-9)
    lost = delayed * (1.0 / (rho * a) + 1.0 - 1.0 / rho)
    assert measures.abandonment == pytest.approx(lost, rel=1e-8)


def waits_by_matrix(rate, service, n, room, patience, t):
    """P(answered within t), P(abandoned within t) by the exponential of the tagged call's chain."""
    theta = 1.0 / patience if patience else 0.0
    states = mmnk_m_states(rate, service, n, room, patience)
    seen = states[:-1] / states[:-1].sum()
    q = np.zeros((room + 2, room + 2))  # j ahead, answered, gone
    for j in range(room):
        q[j, j - 1 if j else room] = n / service + j * theta
        q[j, room + 1] = theta
        q[j, j] = -q[j].sum()
    start = np.concatenate((seen[n:], [seen[:n].sum(), 0.0]))
    return tuple((start @ linalg.expm(q * t))[room:])


@pytest.mark.parametrize("t", [0.0, 3.0, 20.0, 120.0])
@pytest.mark.parametrize("patience", [None, 80.0])
def test_waits_with_a_finite_room(t, patience):
    """The beta (or gamma) law of the wait equals a matrix exponential of the places."""
    args = (0.2, 40.0, 6, 9, patience)
    measures = mmnk_m(*args)
    answered, gone = waits_by_matrix(*args, t)
    assert measures.answered_within(t) == pytest.approx(answered, abs=1e-12)
    assert measures.abandoned_within(t) == pytest.approx(gone, abs=1e-12)
    assert measures.wait_tail(t) == pytest.approx(1.0 - answered - gone, abs=1e-12)


@pytest.mark.parametrize("patience", [None, 80.0])
def test_wait_moments_with_a_finite_room(patience):
    """Means and sd of the wait are the integrals of its law (by quadrature)."""
    measures = mmnk_m(0.2, 40.0, 6, 9, patience)

    def quad(f):
        return integrate.quad(f, 0.0, 1500.0, limit=400, epsabs=1e-12)[0]

    mean = quad(measures.wait_tail)
    second = quad(lambda t: 2.0 * t * measures.wait_tail(t))
    assert measures.wait_mean_s == pytest.approx(mean, rel=1e-8)
    assert measures.wait_sd_s == pytest.approx(math.sqrt(second - mean**2), rel=1e-8)
    answered = 1.0 - measures.abandonment
    asa = quad(lambda t: answered - measures.answered_within(t)) / answered
    assert measures.asa_s == pytest.approx(asa, rel=1e-8)
    if patience:
        lost = measures.abandonment
        gone = quad(lambda t: lost - measures.abandoned_within(t)) / lost
        assert measures.abandon_wait_mean_s == pytest.approx(gone, rel=1e-7)
    else:
        assert measures.abandon_wait_mean_s is None
        assert measures.abandonment == 0.0


def test_erlang_a_between_b_and_c():
    """Endless patience gives Erlang C, none Erlang B, a huge room the unlimited one."""
    rate, service, n = 0.15, 300.0, 50
    c, long = mmn(rate, service, n), erlang_a(rate, service, n, 1e10)
    for name in ("delayed", "wait_mean_s", "wait_sd_s", "asa_s", "occupancy"):
        assert getattr(long, name) == pytest.approx(getattr(c, name), rel=1e-6)
    assert long.service_level(20.0) == pytest.approx(c.service_level(20.0), rel=1e-7)
    none = erlang_a(rate, service, n, 1e-9)
    assert none.abandonment == pytest.approx(erlang_b(n, 45.0), rel=1e-7)
    assert mmnk_m(rate, service, n, 0, 50.0).blocked_share == pytest.approx(erlang_b(n, 45.0))
    roomy, a = mmnk_m(rate, service, n, 2000, 50.0), erlang_a(rate, service, n, 50.0)
    assert roomy.blocked_share < 1e-100
    assert roomy.wait_sd_s == pytest.approx(a.wait_sd_s, rel=1e-12)
    assert mmnk_m(rate, service, n, 3000, None).wait_mean_s == pytest.approx(c.wait_mean_s)


def test_erlang_a_overloaded_by_far_is_a_fluid():
    """10,000 agents at 120 % load: abandonment 1/6, all waits near -patience ln(5/6)."""
    a = erlang_a(40.0, 300.0, 10_000, 100.0)
    assert a.abandonment == pytest.approx(1.0 / 6.0, rel=1e-10)
    assert a.asa_s == pytest.approx(100.0 * math.log(1.2), rel=1e-2)
    assert a.occupancy == pytest.approx(1.0, abs=1e-12)
    assert a.wait_quantile_s(0.99) < 30.0


def test_too_many_states_is_an_error():
    """An overloaded queue with patience of a year is refused in words."""
    with pytest.raises(ValueError, match="mmn_g"):
        erlang_a(40.0, 300.0, 10_000, 3e7)


@settings(deadline=None)
@given(
    st.floats(0.01, 2.0), st.floats(5.0, 100.0), st.integers(1, 100), st.floats(1.0, 1000.0),
)  # fmt: skip
def test_erlang_a_theorems(rate, service, n, patience):
    """More agents: less delay, abandonment, waiting. More patience: more delay, less abandonment.

    Shares add up, Little's law holds, asa and abandoned waits mix to the mean wait.
    """
    a, more = erlang_a(rate, service, n, patience), erlang_a(rate, service, n + 1, patience)
    slack = 1.0 + 1e-9
    assert more.delayed <= a.delayed * slack
    assert more.abandonment <= a.abandonment * slack
    assert more.wait_mean_s <= a.wait_mean_s * slack
    longer = erlang_a(rate, service, n, 1.5 * patience)
    assert longer.delayed >= a.delayed / slack
    assert longer.abandonment <= a.abandonment * slack
    p = a.abandonment
    if a.abandon_wait_mean_s is not None and p > 1e-200:
        mixed = (1.0 - p) * a.asa_s + p * a.abandon_wait_mean_s
        assert mixed == pytest.approx(a.wait_mean_s, rel=1e-8)
    assert a.queue_length_mean == pytest.approx(rate * a.wait_mean_s)
    for t in (0.0, 5.0, 50.0):
        total = a.answered_within(t) + a.abandoned_within(t) + a.wait_tail(t)
        assert total == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: erlang_b(-1, 1.0), lambda: erlang_b(2, 0.0), lambda: erlang_c(0, 0.5),
        lambda: erlang_b(1.5, 1.0), lambda: mmn(math.nan, 1.0, 1),
        lambda: erlang_a(1.0, 1.0, 1, 0.0), lambda: mmnk_m(1.0, 1.0, 1, -1, None),
        lambda: mmn(0.1, 1.0, 1).service_level(-1.0),
        lambda: mmn(0.1, 1.0, 1).wait_quantile_s(1.0),
        lambda: mmn(0.1, 1.0, 1).service_level(1.0, "short_abandons_as_met"),
    ],
)  # fmt: skip
def test_bad_input_is_a_value_error(call):
    """Impossible parameters raise ValueError, never a wrong number."""
    with pytest.raises(ValueError):
        call()


def test_service_level_formulas():
    """The six formulas from the two shares within the threshold."""
    a = erlang_a(0.2, 40.0, 7, 80.0)
    t, h = 20.0, 5.0
    met, quick, short = a.answered_within(t), a.abandoned_within(t), a.abandoned_within(h)
    expected = {
        "answered_of_incoming": met,
        "excluding_quick_abandons": met / (1.0 - quick),
        "quick_abandons_as_met": met + quick,
        "answered_of_answered": met / (1.0 - a.abandonment),
        "short_abandons_as_met": met + short,
        "excluding_short_abandons": met / (1.0 - short),
    }
    for formula, value in expected.items():
        assert a.service_level(t, formula, h) == pytest.approx(value, rel=1e-12)
