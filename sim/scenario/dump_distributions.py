"""Distributions as the file writes them."""

from __future__ import annotations

from sim.scenario import distributions as dist
from sim.scenario.units import format_duration


def distribution_document(found: dist.Distribution) -> object:
    """A distribution as the file writes it, by its canonical parameters."""
    d = format_duration
    body: dict[str, object]
    match found:
        case dist.Deterministic():
            if found.offset_s == 0:
                return d(found.value_s)
            body = {"distribution": "deterministic", "value": d(found.value_s)}
        case dist.Exponential():
            body = {"distribution": "exponential", "mean": d(found.scale_s)}
        case dist.Gamma():
            body = {"distribution": "gamma", "shape": found.shape, "scale": d(found.scale_s)}
        case dist.Lognormal():
            body = {"distribution": "lognormal", "mu": found.mu, "sigma": found.sigma}
        case dist.Weibull():
            body = {"distribution": "weibull", "shape": found.shape, "scale": d(found.scale_s)}
        case dist.Uniform():
            body = {"distribution": "uniform", "low": d(found.low_s), "high": d(found.high_s)}
        case dist.Triangular():
            body = {
                "distribution": "triangular",
                "low": d(found.low_s),
                "mode": d(found.mode_s),
                "high": d(found.high_s),
            }
        case dist.Mixture():
            parts = zip(found.weights, found.parts, strict=True)
            body = {"distribution": "mixture", "of": [_part(w, part) for w, part in parts]}
        case dist.Empirical():
            body = {"distribution": "empirical", "values": [d(v) for v in found.values_s]}
        case _:
            raise TypeError(f"no form for {type(found).__name__}")
    if found.offset_s:
        body["offset"] = d(found.offset_s)
    return body


def _part(weight: float, part: dist.Distribution) -> dict[str, object]:
    body = distribution_document(part)
    if isinstance(body, str):
        body = {"distribution": "deterministic", "value": body}
    assert isinstance(body, dict)
    return {"weight": weight, **body}
