"""How fast the engines are, beside other programs that do the same. `python -m benchmarks`."""
