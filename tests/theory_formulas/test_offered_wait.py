"""The plain route to M/M/n against the numpy one: recursions, state sums and incomplete betas."""

import math
from fractions import Fraction

import pytest
from scipy import special

from sim.theory import erlang, families, patience, timeout
from sim.theory.offered_wait import Leaving, log_erlang_b, log_exponential_sum, waiting
from sim.theory.panels import gauss_legendre

SERVICE_S = 300.0
LEAVING = [
    Leaving(),
    Leaving(120.0),
    Leaving(None, 100.0),
    Leaving(120.0, 100.0),
    Leaving(5.0),
    Leaving(36_000.0, 100.0),
]
MEASURES = (
    "blocked_share", "delayed", "abandonment", "asa_s", "wait_mean_s", "wait_sd_s",
    "queue_length_mean", "occupancy",
)  # fmt: skip


def second_route(rate, n, leaving, room):
    """The same queue by sim.theory.erlang or timeout where they have it, else by mmn_g."""
    mean, last = leaving.patience_mean_s, leaving.timeout_s
    if math.isinf(last) and (mean is None or n <= 300):
        return erlang.mmnk_m(rate, SERVICE_S, n, room, mean)
    if mean is None and room is None:
        return timeout.mmn_d(rate, SERVICE_S, n, last)
    law = families.endless() if mean is None else families.exponential(mean)
    return patience.mmn_g(rate, SERVICE_S, n, families.capped(law, min(last, 1e9)), room)


def assert_same(one, other):
    """Every measure and the law of the wait agree: to 1e-7, or both below 1e-30."""
    for name in MEASURES:
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-7, abs=1e-30), name
    for t_s in (0.0, 5.0, 20.0, 99.0, 100.0, 400.0):
        for name in ("answered_within", "abandoned_within", "wait_tail"):
            here, there = getattr(one, name)(t_s), getattr(other, name)(t_s)
            assert here == pytest.approx(there, rel=1e-7, abs=1e-13), (name, t_s)


@pytest.mark.parametrize("n", [1, 7, 50, 10_000])
@pytest.mark.parametrize("share", [1e-6, 0.9, 0.999, 1.0, 1.5])
@pytest.mark.parametrize("leaving", LEAVING, ids=lambda each: each.symbol or "endless")
def test_two_routes_agree(n, share, leaving):
    """One agent to 10,000, hardly any load to half as much again, every way to leave."""
    rate = share * n / SERVICE_S
    for room in (None, 0, 10):
        if room is None and not leaving.symbol and share >= 1.0:
            with pytest.raises(ValueError, match="grows without bound"):
                waiting(rate, SERVICE_S, n, leaving, room)
            continue
        assert_same(
            waiting(rate, SERVICE_S, n, leaving, room), second_route(rate, n, leaving, room)
        )


def test_a_million_agents():
    """Nothing overflows and Erlang B agrees with the recursion; the load is the square-root rule's.

    In the regime of Halfin and Whitt the chance of delay is near
    1 / (1 + b N(b) / n(b)), b = (n - a) / sqrt(a) (1981, theorem 1; N, n the normal law).
    """
    n, b = 1_000_000, 0.5
    load = n - b * math.sqrt(n)
    found = waiting(load / SERVICE_S, SERVICE_S, n, Leaving())
    density = math.exp(-0.5 * b * b) / math.sqrt(2.0 * math.pi)
    halfin_whitt = 1.0 / (1.0 + b * special.ndtr(b) / density)
    assert found.delayed == pytest.approx(halfin_whitt, rel=2e-3)
    assert math.exp(log_erlang_b(n, load)) == pytest.approx(erlang.erlang_b(n, load), rel=1e-8)


@pytest.mark.parametrize(("n", "load"), [(1, 0.3), (7, 12.5), (50, 47.5), (300, 280.0), (20, 1e-9)])
def test_erlang_b_is_its_definition(n, load):
    """The sum outwards from the largest term, against exact fractions."""
    a = Fraction(load)
    terms = [a**k / math.factorial(k) for k in range(n + 1)]
    exact = terms[-1] / sum(terms)
    log = math.log(exact.numerator) - math.log(exact.denominator)
    assert log_erlang_b(n, load) == pytest.approx(log, rel=1e-12)


@pytest.mark.parametrize("terms", [1, 2, 7, 100, 5000])
@pytest.mark.parametrize("y", [0.0, 1e-9, 3.0, 99.0, 4800.0, 1e6])
def test_exponential_sum(terms, y):
    """sum y^i/i! against the regularised incomplete gamma function, in logarithms."""
    share = special.gammaincc(terms, y)
    if share > 1e-280:
        assert log_exponential_sum(terms, y) == pytest.approx(y + math.log(share), rel=1e-11)
    else:  # y far above: the last term is more than 1 - terms/y of it
        last = (terms - 1) * math.log(y) - math.lgamma(terms)
        assert last <= log_exponential_sum(terms, y) <= last - math.log1p(-terms / y)


def test_gauss_legendre_is_exact_for_polynomials():
    """16 points integrate x^k exactly up to k = 31."""
    for k in range(0, 32):
        exact = 2.0 / (k + 1) if k % 2 == 0 else 0.0
        found = math.fsum(w * x**k for x, w in gauss_legendre())
        assert found == pytest.approx(exact, abs=1e-14)


def test_second_moment_of_short_waits():
    """E min(R, x)^2 where its closed form would cancel: x^2 (1 - 2x/3m + ...)."""
    for z in (1e-9, 1e-3, 0.4999, 0.5001, 3.0):
        exact = 2.0 * special.gammainc(2.0, z)
        assert Leaving(1.0).square_integral(z) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("n", [1, 55, 1000])
@pytest.mark.parametrize("spare", [1e-6, 1e-9, 1e-12, 0.0])
def test_near_full_load_nothing_cancels(n, spare):
    """Up to the last float below full load: delayed C(n, a), mean wait C s / (n - a)."""
    load = math.nextafter(float(n), 0.0) if spare == 0.0 else n * (1.0 - spare)
    rate = load / SERVICE_S
    load = rate * SERVICE_S
    if load >= n:
        with pytest.raises(ValueError, match="at or above"):
            waiting(rate, SERVICE_S, n, Leaving())
        return
    found = waiting(rate, SERVICE_S, n, Leaving())
    assert found.delayed == pytest.approx(erlang.erlang_c(n, load), rel=1e-9)
    assert found.wait_mean_s == pytest.approx(found.delayed * SERVICE_S / (n - load), rel=1e-9)
