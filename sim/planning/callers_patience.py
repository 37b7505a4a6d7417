"""A patience as a person writes it, for the formulas: a mean, or a scenario's distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.theory.offered_wait import Leaving

if TYPE_CHECKING:
    from sim.scenario.distributions import Distribution
    from sim.theory.families import Patience

_AROUND = (
    "{horizon: 1s, agents: [{name: a}],"
    " queues: [{name: q, arrivals: {rate: 1/s}, service_time: 1s}]}"
)
"""A scenario for a patience to stand in, so that it is read by the same rules."""


def parse_patience(text: str, timeout_s: float = math.inf) -> Leaving | Patience:
    """When callers leave: patience as `2min` (the mean of an exponential) or as a distribution.

    `{distribution: gamma, mean: 2min, cv: 50%}` is what a scenario would say. All leave at the
    timeout at the latest. Raises ValueError, or ScenarioError for a distribution that is none.
    """
    from sim.scenario.units import parse_duration

    if not text.lstrip().startswith("{") and "distribution" not in text:
        mean = parse_duration(text)
        if mean <= 0.0:
            raise ValueError("patience must be longer than 0")
        return Leaving(mean, timeout_s)
    return law_of(_read(text), timeout_s)


def law_of(distribution: Distribution | None, timeout_s: float = math.inf) -> Leaving | Patience:
    """The law of a scenario's patience and wait timeout together."""
    from sim.scenario import distributions as kinds

    match distribution:
        case None:
            return Leaving(None, timeout_s)
        case kinds.Exponential(scale_s=mean) if distribution.offset_s == 0.0 and mean > 0.0:
            return Leaving(mean, timeout_s)
        case kinds.Deterministic() if distribution.mean_s > 0.0:
            return Leaving(None, min(distribution.mean_s, timeout_s))
    from sim.theory.families import capped

    law = _family(distribution)
    return law if math.isinf(timeout_s) else capped(law, timeout_s)


def _family(distribution: Distribution) -> Patience:
    from sim.scenario import distributions as kinds
    from sim.theory import families

    law: Patience
    match distribution:
        case kinds.Exponential(scale_s=mean):
            law = families.exponential(mean)
        case kinds.Deterministic(value_s=value):
            law = families.empirical([value])
        case kinds.Gamma(shape=shape, scale_s=scale):
            law = families.gamma(shape * scale, math.sqrt(shape) * scale)
        case kinds.Lognormal():
            plain = kinds.Lognormal(mu=distribution.mu, sigma=distribution.sigma)
            law = families.lognormal(plain.mean_s, math.sqrt(plain.variance_s2))
        case kinds.Weibull(shape=shape, scale_s=scale):
            law = families.weibull(scale, shape)
        case kinds.Uniform(low_s=low, high_s=high) if low < high:
            law = families.uniform(low, high)
        case kinds.Triangular(low_s=low, mode_s=mode, high_s=high) if low < high:
            law = families.triangular(low, mode, high)
        case kinds.Uniform(low_s=low) | kinds.Triangular(low_s=low):
            law = families.empirical([low])
        case kinds.Empirical(values_s=values):
            law = families.empirical(values)
        case kinds.Mixture(weights=weights, parts=parts):
            law = families.mixture(
                [(w, _family(part)) for w, part in zip(weights, parts, strict=True) if w > 0.0]
            )
        case _:
            raise AssertionError(distribution)
    return families.shifted(law, distribution.offset_s) if distribution.offset_s else law


def _read(text: str) -> Distribution:
    """The distribution that a text describes, by the rules of a scenario's file."""
    from pathlib import Path

    from sim.scenario.context import Context
    from sim.scenario.errors import ScenarioError
    from sim.scenario.nodes import Map, Seq, Source
    from sim.scenario.overrides import placed
    from sim.scenario.reader import read_document
    from sim.scenario.resolve_distributions import resolve_distribution
    from sim.scenario.validate import Sink, validated

    around = Source("--patience", _AROUND)
    root = read_document(around)
    value = read_document(Source("--patience", text))
    queues = root["queues"] if isinstance(root, Map) else None
    assert isinstance(root, Map) and isinstance(queues, Seq)
    queue, path = queues[0], ("queues", 0, "patience")
    assert isinstance(queue, Map)
    mark = value.mark if isinstance(value, Map) else root.mark
    queue.place("patience", placed(value, path), mark, mark)
    sink = Sink(root)
    form = validated(root, sink)
    found = None
    if form is not None and not sink.problems:
        patience = form.queues[0].patience
        assert patience is not None
        found = resolve_distribution(patience, Context(sink, Path()), path)
    if sink.problems or found is None:
        raise ScenarioError(sink.in_order())
    return found
