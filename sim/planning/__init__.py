"""How many agents: formulas without simulation, requirements by interval."""
