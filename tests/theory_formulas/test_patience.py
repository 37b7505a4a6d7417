"""M/M/n+G by the building blocks, against closed forms, chains and plain quadrature."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from sim.theory import families
from sim.theory.chains import explore, stationary
from sim.theory.erlang import erlang_a, erlang_b, mmn, mmnk_m
from sim.theory.patience import _log_series, mmn_g
from sim.theory.timeout import mmn_d

NAMES = (
    "blocked_share", "delayed", "abandonment", "asa_s", "wait_mean_s", "wait_sd_s",
    "queue_length_mean", "occupancy",
)  # fmt: skip
REFERENCE = (9.5 / 60.0, 300.0, 50)


def assert_same(one, other, rel=1e-9, times=(0.0, 1.0, 20.0, 99.0)):
    """Both give the same measures and the same law of the wait."""
    for name in NAMES:
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=rel), name
    if one.abandonment > 1e-12:
        assert one.abandon_wait_mean_s == pytest.approx(other.abandon_wait_mean_s, rel=rel)
    for t in times:
        assert one.answered_within(t) == pytest.approx(other.answered_within(t), abs=rel)
        assert one.abandoned_within(t) == pytest.approx(other.abandoned_within(t), abs=rel)
        assert one.wait_tail(t) == pytest.approx(other.wait_tail(t), abs=rel)


def laws():
    """A law of each family, with survival and mean residual by another route."""
    return {
        "exponential": families.exponential(60.0),
        "deterministic": families.deterministic(60.0),
        "gamma": families.gamma(60.0, 30.0),
        "gamma, steep": families.gamma(60.0, 110.0),
        "lognormal": families.lognormal(60.0, 90.0),
        "weibull": families.weibull(60.0, 0.7),
        "capped": families.capped(families.exponential(50.0), 90.0),
        "mixture": families.mixture(
            [(0.3, families.exponential(5.0)), (0.7, families.deterministic(80.0))]
        ),
    }


def test_reference_mmn_d():
    """9.5 calls/min, 5 min, 50 agents, everyone leaves after 100 s: 1.8467 % abandon."""
    assert mmn_d(*REFERENCE, 100.0).abandonment == pytest.approx(0.018467, abs=5e-7)
    general = mmn_g(*REFERENCE, families.deterministic(100.0))
    assert general.abandonment == pytest.approx(0.018467, abs=5e-7)


@pytest.mark.parametrize("n", [45, 47, 50, 60])
@pytest.mark.parametrize("timeout", [1.0, 100.0])
def test_mmn_d_closed_form_is_the_quadrature(n, timeout):
    """The closed form of M/M/n+D equals the general quadrature, under and over full load."""
    one = mmn_d(9.5 / 60.0, 300.0, n, timeout)
    assert_same(one, mmn_g(9.5 / 60.0, 300.0, n, families.deterministic(timeout)))
    assert one.wait_quantile_s(0.99) <= timeout * (1.0 + 1e-9)


@pytest.mark.parametrize("load", [0.5, 0.999999, 1.0, 1.000001, 2.0])
def test_mmn_d_without_any_library(load):
    """M/M/n+D by a plain Simpson sum of the offered wait's density, no library."""
    n, service, timeout = 4, 10.0, 30.0
    capacity, rate = n / service, load * n / service
    steps = 20_000
    h = timeout / steps

    def simpson(f):
        inner = sum((4.0 if i % 2 else 2.0) * f(i * h) for i in range(1, steps))
        return h / 3.0 * (f(0.0) + inner + f(timeout))

    below = math.fsum((rate * service) ** k / math.factorial(k) for k in range(n))
    last = (rate * service) ** (n - 1) / math.factorial(n - 1)

    def density(x):
        return rate * last * math.exp((rate - capacity) * x)

    late = density(timeout) / capacity
    waits = simpson(density)
    total = below + waits + late
    measures = mmn_d(rate, service, n, timeout)
    assert measures.abandonment == pytest.approx(late / total, rel=1e-9)
    assert measures.delayed == pytest.approx((waits + late) / total, rel=1e-9)
    asa = simpson(lambda x: x * density(x)) / (total - late)
    assert measures.asa_s == pytest.approx(asa, rel=1e-9)
    second = (simpson(lambda x: x * x * density(x)) + timeout**2 * late) / total
    sd = math.sqrt(second - measures.wait_mean_s**2)
    assert measures.wait_sd_s == pytest.approx(sd, rel=1e-8)


@pytest.mark.parametrize("n", [1, 10, 45, 50, 70])
@pytest.mark.parametrize("room", [None, 0, 1, 10, 100])
def test_exponential_patience_is_erlang_a(n, room):
    """Exponential patience by quadrature equals Erlang A by states, with any room."""
    general = mmn_g(9.5 / 60.0, 300.0, n, families.exponential(100.0), room)
    assert_same(general, mmnk_m(9.5 / 60.0, 300.0, n, room, 100.0))
    assert general.model == mmnk_m(9.5 / 60.0, 300.0, n, room, 100.0).model or room == 0


@pytest.mark.parametrize("rate", [5_000 / 300, 9_990 / 300, 10_000 / 300, 12_000 / 300, 100.0])
@pytest.mark.parametrize("room", [None, 20])
def test_ten_thousand_agents(rate, room):
    """10,000 agents from half to triple load: quadrature, states and closed form agree."""
    n = 10_000
    a = mmnk_m(rate, 300.0, n, room, 100.0)
    assert_same(mmn_g(rate, 300.0, n, families.exponential(100.0), room), a, rel=1e-8)
    if room is None:
        d = mmn_g(rate, 300.0, n, families.deterministic(100.0))
        assert_same(mmn_d(rate, 300.0, n, 100.0), d, rel=1e-6)


def test_long_patience_overloaded():
    """Where Erlang A has too many states the quadrature still answers: the fluid's share."""
    a = mmn_g(40.0, 300.0, 10_000, families.exponential(3e7))
    assert a.abandonment == pytest.approx(1.0 / 6.0, rel=1e-9)
    assert a.wait_mean_s == pytest.approx(3e7 / 6.0, rel=1e-9)


def test_endless_patience_is_erlang_c_or_refused():
    """Nobody ever leaves: Erlang C below full load; ValueError above without a limit."""
    assert_same(mmn_g(*REFERENCE, families.endless()), mmn(*REFERENCE))
    limited = mmn_g(0.2, 300.0, 50, families.endless(), 30)
    assert_same(limited, mmnk_m(0.2, 300.0, 50, 30, None))
    with pytest.raises(ValueError, match="grows without bound"):
        mmn_g(0.2, 300.0, 50, families.endless())
    half = families.mixture([(0.9, families.endless()), (0.1, families.exponential(10.0))])
    with pytest.raises(ValueError, match="grows without bound"):
        mmn_g(0.2, 300.0, 50, half)
    enough = families.mixture([(0.5, families.endless()), (0.5, families.exponential(10.0))])
    assert mmn_g(0.2, 300.0, 50, enough).abandonment > 1.0 - 50 / 60.0


@pytest.mark.parametrize("name", list(laws()))
@pytest.mark.parametrize("n", [8, 10, 13])
def test_building_blocks_by_plain_quadrature(name, n):
    """Delay, abandonment, waits from J, JH, J1 (Zeltyn and Mandelbaum 2005) by scipy's quad.

    P(abandon) = (1 + (lambda - n mu) J)/(E + lambda J), a different expression from the
    module's, and E W = lambda int H exp(g) / (E + lambda J).
    """
    law = laws()[name]
    rate, service = 0.2, 50.0
    capacity, load = n / service, rate * service

    def h(x):  # by quadrature of the survival, not the closed form
        cuts = [0.0, *(b for b in law.breaks_s if b < x), x]
        pieces = pairwise(cuts)
        return sum(
            integrate.fixed_quad(law.survival, lo + (hi - lo) * u, lo + (hi - lo) * v, n=12)[0]
            for lo, hi in pieces
            for u, v in ((0, 1e-4), (1e-4, 1e-2), (1e-2, 0.1), (0.1, 0.4), (0.4, 1))
        )

    def weight(x):
        return math.exp(rate * h(x) - capacity * x)

    cuts = [0.0, 1.0, 20.0, *law.breaks_s, 150.0, 500.0, 2500.0]
    cuts = sorted(set(cuts))

    def quad(f):
        return sum(
            integrate.quad(f, lo, hi, limit=60, epsabs=1e-10, epsrel=1e-9)[0]
            for lo, hi in pairwise(cuts)
        )

    j = quad(weight)
    jh = quad(lambda x: h(x) * weight(x))
    e = 1.0 / erlang_b(n - 1, load)
    measures = mmn_g(rate, service, n, law)
    assert measures.delayed == pytest.approx(rate * j / (e + rate * j), rel=1e-5)
    lost = (1.0 + (rate - capacity) * j) / (e + rate * j)
    assert measures.abandonment == pytest.approx(lost, rel=1e-5)
    assert measures.wait_mean_s == pytest.approx(rate * jh / (e + rate * j), rel=1e-5)


@pytest.mark.parametrize("name", list(laws()))
def test_laws_of_patience(name):
    """H is the integral of the survival, and the survival falls from 1."""
    law = laws()[name]
    x = np.array([0.0, 0.01, 3.0, 30.0, 59.0, 61.0, 79.0, 95.0, 400.0])
    assert law.survival(x)[0] == pytest.approx(1.0)
    assert np.all(np.diff(law.survival(x)) <= 0.0)
    for value in x[1:]:
        cuts = [0.0, *(b for b in law.breaks_s if b < value), float(value)]
        total = sum(
            integrate.quad(lambda u: float(law.survival(np.array([u]))[0]), lo, hi, epsabs=1e-10)[0]
            for lo, hi in pairwise(cuts)
        )
        assert law.survival_integral(np.array([value]))[0] == pytest.approx(total, rel=1e-7)


@pytest.mark.parametrize("room", [None, 6])
def test_callables_equal_families(room):
    """A survival or a density given as a function gives what the named family gives."""
    shape, scale = 4.0, 15.0
    family = families.gamma(60.0, 30.0)
    by_survival = families.from_survival(lambda x: special.gammaincc(shape, x / scale), 2000.0)
    by_density = families.from_density(
        lambda x: np.exp(-x / scale) * (x / scale) ** 3 / (6.0 * scale), 2000.0
    )
    expected = mmn_g(0.2, 50.0, 9, family, room)
    assert_same(mmn_g(0.2, 50.0, 9, by_survival, room), expected)
    assert_same(mmn_g(0.2, 50.0, 9, by_density, room), expected)
    jump = families.from_survival(lambda x: np.where(x < 40.0, 1.0, 0.25), 300.0)
    steps = families.mixture(
        [(0.75, families.deterministic(40.0)), (0.25, families.deterministic(300.0))]
    )
    assert_same(mmn_g(0.2, 50.0, 9, jump, room), mmn_g(0.2, 50.0, 9, steps, room))


@pytest.mark.parametrize("room", [1, 2, 5])
@pytest.mark.parametrize("n", [1, 3])
def test_finite_room_with_general_patience_by_phases(n, room):
    """M/M/n/n+K+G with patience of two exponential phases, as a chain of ordered phases.

    This is the check of the finite room's product form: the chain knows each waiting call's
    place and phase, and nothing of ages.
    """
    rate, service, phase = 0.12, 20.0, 15.0

    def moves(state):
        busy, queue = state
        if busy < n:
            yield (busy + 1, ()), rate
        elif len(queue) < room:
            yield (n, (*queue, 1)), rate
        if queue:
            yield (n, queue[1:]), n / service
        elif busy:
            yield (busy - 1, ()), busy / service
        for i, at in enumerate(queue):
            rest = (2,) if at == 1 else ()
            yield (n, queue[:i] + rest + queue[i + 1 :]), 1.0 / phase

    states, generator = explore((0, ()), moves)
    law = stationary(generator)
    blocked = sum(p for p, s in zip(law, states, strict=True) if len(s[1]) == room)
    length = sum(p * len(s[1]) for p, s in zip(law, states, strict=True))
    second_phase = sum(p * s[1].count(2) for p, s in zip(law, states, strict=True))
    busy = sum(p * s[0] for p, s in zip(law, states, strict=True))
    joined = rate * (1.0 - blocked)
    measures = mmn_g(rate, service, n, families.gamma(30.0, math.sqrt(2.0) * 15.0), room)
    assert measures.blocked_share == pytest.approx(blocked, rel=1e-9)
    assert measures.queue_length_mean == pytest.approx(length, rel=1e-9)
    assert measures.abandonment == pytest.approx(second_phase / phase / joined, rel=1e-9)
    assert measures.occupancy == pytest.approx(busy / n, rel=1e-9)
    delayed = sum(p for p, s in zip(law, states, strict=True) if s[0] == n) - blocked
    assert measures.delayed == pytest.approx(delayed / (1.0 - blocked), rel=1e-9)


@pytest.mark.parametrize("name", list(laws()))
@pytest.mark.parametrize("room", [None, 4])
def test_moments_are_integrals_of_the_law(name, room):
    """Mean, sd, asa and abandoned wait are integrals of the law of the wait; shares add up."""
    measures = mmn_g(0.2, 50.0, 9, laws()[name], room)
    cuts = sorted(
        {0.0, 1e-6, 1e-4, 1e-2, 0.2, 2.0, 10.0, *laws()[name].breaks_s, 150.0, 600.0, 2500.0}
    )
    nodes, weights = np.polynomial.legendre.leggauss(24)
    mean = second = asa = gone = 0.0
    answered = 1.0 - measures.abandonment
    for lo, hi in pairwise(cuts):
        for u, w in zip(nodes, weights, strict=True):
            t, dt = 0.5 * (lo + hi + (hi - lo) * u), 0.5 * (hi - lo) * w
            tail = measures.wait_tail(t)
            met, left = measures.answered_within(t), measures.abandoned_within(t)
            assert met + left + tail == pytest.approx(1.0, abs=1e-10)
            mean += tail * dt
            second += 2.0 * t * tail * dt
            asa += (answered - met) * dt / answered
            gone += (measures.abandonment - left) * dt / measures.abandonment
    assert measures.wait_mean_s == pytest.approx(mean, rel=1e-5)
    assert measures.wait_sd_s == pytest.approx(math.sqrt(second - mean**2), rel=1e-5)
    assert measures.asa_s == pytest.approx(asa, rel=1e-5)
    assert measures.abandon_wait_mean_s == pytest.approx(gone, rel=1e-5)


def test_impatience_limits():
    """A timeout near 0 gives Erlang B, a very long one Erlang C; a cap beyond reach nothing."""
    rate, service, n = 0.15, 300.0, 50
    none = mmn_d(rate, service, n, 1e-9)
    assert none.abandonment == pytest.approx(erlang_b(n, 45.0), rel=1e-7)
    assert_same(mmn_d(rate, service, n, 1e5), mmn(rate, service, n), rel=1e-9)
    capped = families.capped(families.exponential(100.0), 1e5)
    assert_same(mmn_g(rate, service, n, capped), erlang_a(rate, service, n, 100.0))
    hasty = mmn_g(rate, service, n, families.exponential(1e-6))
    assert hasty.abandonment == pytest.approx(erlang_b(n, 45.0), rel=1e-6)
    assert hasty.wait_mean_s == pytest.approx(hasty.abandonment * 1e-6, rel=1e-6)
    tiny = mmn_d(rate, service, 200, 100.0)
    assert 0.0 < tiny.abandonment < 1e-50  # relative precision far out in the tail


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0.02, 0.6), st.integers(1, 40), st.floats(5.0, 300.0), st.floats(0.2, 2.0),
)  # fmt: skip
def test_theorems_of_patience(rate, n, mean, cv):
    """Of all laws with one mean the constant one abandons least and delays most.

    P(abandon) falls and P(delay) rises in J, which rises with H = E min(R, x) <= min(ER, x)
    (Mandelbaum and Zeltyn 2004). More agents, less abandonment. Served flow = busy agents.
    """
    law = families.gamma(mean, cv * mean)
    some, least = mmn_g(rate, 50.0, n, law), mmn_d(rate, 50.0, n, mean)
    assert least.abandonment <= some.abandonment * (1.0 + 1e-9)
    assert least.delayed >= some.delayed * (1.0 - 1e-9)
    assert least.wait_mean_s >= some.wait_mean_s * (1.0 - 1e-9)
    assert mmn_g(rate, 50.0, n + 1, law).abandonment <= some.abandonment * (1.0 + 1e-9)
    assert some.abandonment + some.answered_within(1e9) == pytest.approx(1.0, abs=1e-10)
    # busy agents: n when delayed, else Poisson cut at n - 1
    load = rate * 50.0
    others = load * (1.0 - erlang_b(n - 1, load))
    busy = some.delayed * n + (1.0 - some.delayed) * others
    assert load * (1.0 - some.abandonment) == pytest.approx(busy, rel=1e-8)


@pytest.mark.parametrize("room", [1, 2, 10, 1000])
def test_cut_exponential_series(room):
    """log of sum_{i<K} y^i/i! holds near 0, near K and far above, where the share underflows."""
    y = np.array([0.0, 0.5, 9.0, 900.0, 1500.0, 3000.0, 50_000.0])
    i = np.arange(room)
    logs = special.xlogy(i, y[:, None]) - special.gammaln(i + 1.0)
    assert _log_series(y, room) == pytest.approx(special.logsumexp(logs, axis=1), rel=1e-11)


def test_bad_laws_are_refused():
    """A rising survival, a density above 1 and weights off 1 are ValueErrors."""
    with pytest.raises(ValueError):
        families.from_survival(lambda x: 0.5 + 0.1 * np.sin(x), 30.0)
    with pytest.raises(ValueError):
        families.from_density(np.ones_like, 5.0)
    with pytest.raises(ValueError):
        families.mixture([(0.5, families.endless())])
    with pytest.raises(ValueError):
        families.gamma(10.0, 0.0)
    with pytest.raises(ValueError):
        mmn_d(1.0, 1.0, 1, -1.0)
