"""Laws of patience that scenarios have: their integrals, and by second routes."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from sim.theory import families
from sim.theory.erlang import erlang_a
from sim.theory.patience import mmn_g

LAWS = {
    "uniform": families.uniform(10.0, 70.0),
    "uniform from 0": families.uniform(0.0, 70.0),
    "triangular": families.triangular(10.0, 20.0, 70.0),
    "triangular, falling": families.triangular(0.0, 0.0, 70.0),
    "triangular, rising": families.triangular(5.0, 70.0, 70.0),
    "empirical": families.empirical([3.0, 3.0, 10.0, 0.0, 60.0]),
    "later": families.shifted(families.gamma(30.0, 20.0), 15.0),
    "sooner": families.shifted(families.uniform(20.0, 70.0), -12.0),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_integral_is_that_of_the_survival(name):
    """H(x) by quadrature of P(R > u), piece by piece between the breaks."""
    law = LAWS[name]
    for x in (0.0, 1.0, 9.0, 15.5, 33.0, 65.0, 70.0, 200.0):
        edges = [0.0, *sorted({b for b in law.breaks_s if 0.0 < b < x}), x]
        area = sum(
            integrate.quad(lambda u: float(law.survival(np.array([u]))[0]), a, b, limit=200)[0]
            for a, b in pairwise(edges)
        )
        assert law.survival_integral(np.array([x]))[0] == pytest.approx(area, rel=1e-7, abs=1e-9)


def test_many_values_of_an_exponential_are_nearly_erlang_a():
    """Patience from 4,000 quantiles of an exponential law gives Erlang A to a thousandth."""
    u = (np.arange(4000) + 0.5) / 4000
    found = mmn_g(0.16, 300.0, 45, families.empirical(-120.0 * np.log(u)))
    exact = erlang_a(0.16, 300.0, 45, 120.0)
    assert found.abandonment == pytest.approx(exact.abandonment, rel=1e-3)
    assert found.asa_s == pytest.approx(exact.asa_s, rel=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: families.uniform(5.0, 5.0),
        lambda: families.uniform(-1.0, 5.0),
        lambda: families.triangular(1.0, 9.0, 5.0),
        lambda: families.empirical([]),
        lambda: families.empirical([-1.0]),
    ],
)
def test_impossible_laws_are_refused(make):
    """Bounds that don't rise, a mode outside, no values, negative ones."""
    with pytest.raises(ValueError, match=r"must|needs"):
        make()
