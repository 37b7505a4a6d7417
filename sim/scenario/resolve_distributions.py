"""Distributions: every way to write one becomes its canonical parameters."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

from sim.scenario import form_distributions as forms
from sim.scenario.context import Context
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
)
from sim.scenario.form_values import Form
from sim.scenario.nodes import Path, format_path
from sim.scenario.tables import Table, TableError, number, read_table
from sim.scenario.units import UNITS, parse_duration

NOTHING = Deterministic(value_s=0.0)
"""Stands for a distribution that had a problem."""


class _Wrong(Exception):
    """A message about a field of the distribution."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def resolve_distribution(
    form: forms.DistributionForm, context: Context, path: Path
) -> Distribution:
    """The canonical distribution of a form; never negative."""
    if isinstance(form, float):
        return Deterministic(value_s=float(form))
    try:
        found = _resolved(form, context, path)
        if form.offset:
            found = dataclasses.replace(found, offset_s=float(form.offset))
        if not (math.isfinite(found.mean_s) and math.isfinite(found.variance_s2)):
            raise _Wrong("distribution", "these parameters have no finite mean and variance")
    except _Wrong as wrong:
        context.problem((*path, wrong.field), str(wrong))
        return NOTHING
    except TableError as error:
        context.sink.add(dataclasses.replace(error.problem, path=format_path(path)))
        return NOTHING
    except (OverflowError, ZeroDivisionError):
        context.problem(path, "these parameters have no finite mean and variance")
        return NOTHING
    if found.lower_s < 0:
        context.problem((*path, "offset"), "with this offset the duration could be negative")
        return NOTHING
    return found


def _resolved(form: forms.DistributionForm, context: Context, path: Path) -> Distribution:
    match form:
        case forms.DeterministicForm():
            return Deterministic(value_s=form.value)
        case forms.ExponentialForm():
            return Exponential(scale_s=form.mean)
        case forms.GammaForm():
            return _gamma(form)
        case forms.LognormalForm():
            return _lognormal(form)
        case forms.WeibullForm():
            return _weibull(form)
        case forms.ErlangForm():
            return Gamma(shape=float(form.shape), scale_s=form.mean / form.shape)
        case forms.UniformForm():
            _rising(low=form.low, high=form.high)
            return Uniform(low_s=form.low, high_s=form.high)
        case forms.TriangularForm():
            _rising(low=form.low, mode=form.mode, high=form.high)
            return Triangular(low_s=form.low, mode_s=form.mode, high_s=form.high)
        case forms.HyperexponentialForm():
            return _hyperexponential(form)
        case forms.MixtureForm():
            parts = tuple(
                resolve_distribution(part.part, context, (*path, "of", i))
                for i, part in enumerate(form.of)
            )
            return Mixture(weights=_shares("of", [part.weight for part in form.of]), parts=parts)
        case forms.EmpiricalForm():
            return Empirical(values_s=tuple(sorted(_values(form, context, path))))
    raise AssertionError(form)


def _one_way(form: Form, *ways: tuple[str, str]) -> int:
    """Which of several pairs of parameters was written."""
    written = [any(getattr(form, name) is not None for name in way) for way in ways]
    words = " or ".join(f"`{a}` and `{b}`" for a, b in ways)
    if sum(written) != 1:
        raise _Wrong("distribution", f"write {words}")
    chosen = written.index(True)
    missing = [name for name in ways[chosen] if getattr(form, name) is None]
    if missing:
        raise _Wrong("distribution", f"`{missing[0]}` is missing: write {words}")
    return chosen


def _positive(name: str, value: float) -> float:
    if value <= 0:
        raise _Wrong(name, f"`{name}` must be more than 0")
    return value


def _gamma(form: forms.GammaForm) -> Distribution:
    if _one_way(form, ("mean", "cv"), ("shape", "scale")) == 0:
        assert form.mean is not None and form.cv is not None
        if form.cv == 0:
            return Deterministic(value_s=form.mean)
        shape = 1 / form.cv**2
        return Gamma(shape=shape, scale_s=form.mean / shape)
    assert form.shape is not None and form.scale is not None
    return Gamma(shape=form.shape, scale_s=form.scale)


def _lognormal(form: forms.LognormalForm) -> Distribution:
    if _one_way(form, ("mean", "cv"), ("mu", "sigma")) == 0:
        assert form.mean is not None and form.cv is not None
        if form.cv == 0:
            return Deterministic(value_s=form.mean)
        log_variance = math.log1p(form.cv**2)
        mean = _positive("mean", form.mean)
        return Lognormal(mu=math.log(mean) - log_variance / 2, sigma=math.sqrt(log_variance))
    assert form.mu is not None and form.sigma is not None
    return Lognormal(mu=form.mu, sigma=form.sigma)


def _weibull(form: forms.WeibullForm) -> Distribution:
    if _one_way(form, ("mean", "cv"), ("shape", "scale")) == 0:
        assert form.mean is not None and form.cv is not None
        if form.cv == 0:
            return Deterministic(value_s=form.mean)
        if not 0.005 <= form.cv <= 100:
            raise _Wrong("cv", "the `cv` of a Weibull distribution must lie in 0.005 .. 100")
        shape = weibull_shape(form.cv)
        return Weibull(shape=shape, scale_s=form.mean / math.exp(math.lgamma(1 + 1 / shape)))
    assert form.shape is not None and form.scale is not None
    if form.shape < 0.02:
        raise _Wrong("shape", "the `shape` of a Weibull distribution must be at least 0.02")
    return Weibull(shape=form.shape, scale_s=form.scale)


def weibull_shape(cv: float) -> float:
    """The shape k whose coefficient of variation is `cv`, by bisection on ln k.

    1 + cv^2 = G(1 + 2/k) / G(1 + 1/k)^2 falls in k; its logarithm is compared.
    """
    wanted = math.log1p(cv * cv)
    low, high = math.log(0.02), math.log(1000.0)
    for _ in range(200):
        middle = (low + high) / 2
        k = math.exp(middle)
        if math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k) > wanted:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _hyperexponential(form: forms.HyperexponentialForm) -> Distribution:
    if _one_way(form, ("mean", "cv"), ("means", "probabilities")) == 0:
        assert form.mean is not None and form.cv is not None
        if form.cv < 1:
            raise _Wrong("cv", "the `cv` of a hyperexponential distribution is at least 1")
        mean, square = _positive("mean", form.mean), form.cv**2
        first = (1 + math.sqrt((square - 1) / (square + 1))) / 2
        weights, means = [first, 1 - first], [mean / (2 * first), mean / (2 * (1 - first))]
    else:
        assert form.means is not None and form.probabilities is not None
        weights, means = list(form.probabilities), list(form.means)
        if len(weights) != len(means):
            raise _Wrong(
                "probabilities",
                f"{len(means)} means need as many probabilities, found {len(weights)}",
            )
        if abs(math.fsum(weights) - 1) > 1e-9:
            raise _Wrong("probabilities", f"the sum must be 1, found {math.fsum(weights):.9g}")
    parts = tuple(Exponential(scale_s=each) for each in means)
    return Mixture(weights=_shares("probabilities", weights), parts=parts)


def _shares(field: str, weights: list[float]) -> tuple[float, ...]:
    """Weights in proportion, with sum 1; left as they are when they have it already."""
    total = math.fsum(weights)
    if total <= 0:
        raise _Wrong(field, "at least one weight must be more than 0")
    if abs(total - 1) <= 1e-12:
        return tuple(weights)
    return tuple(weight / total for weight in weights)


def _rising(**values: float) -> None:
    names = list(values)
    for a, b in pairwise(names):
        if values[a] > values[b]:
            raise _Wrong(b, f"`{b}` must not be less than `{a}`")


def _values(form: forms.EmpiricalForm, context: Context, path: Path) -> list[float]:
    if (form.values is None) == (form.file is None):
        raise _Wrong("distribution", "write `values`, or `file` and `column`")
    if form.values is not None:
        return form.values
    assert form.file is not None
    source = context.read_text(form.file, (*path, "file"))
    if source is None:
        return [0.0]
    table = read_table(source)
    column = table.column(form.column, ()) if form.column is not None else 0
    assert column is not None
    unit = float(UNITS[form.unit or "s"])
    return [_value(table, row, column, unit) for row in table.rows]


def _value(table: Table, row: tuple[int, list[str]], column: int, unit: float) -> float:
    text = table.cell(row, column)
    bare = number(text)
    try:
        value = bare * unit if bare is not None else parse_duration(text)
    except ValueError as error:
        raise table.error(row[0], str(error)) from None
    if value < 0:
        raise table.error(row[0], f"a duration must not be negative, found `{text}`")
    return value
