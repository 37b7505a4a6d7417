"""Durations from uniforms: inverse distribution functions, compiled, the same bits everywhere."""
