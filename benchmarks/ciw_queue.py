"""M/M/n with a timeout in Ciw, as its documentation has it: reneging after a fixed time."""

from __future__ import annotations

import ciw


def simulate(
    rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    timeout_s: float,
    horizon_s: float,
    seed: int,
) -> tuple[int, int]:
    """Simulate; returns (serviced, abandoned) of the calls that have left."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate_per_s)],
        service_distributions=[ciw.dists.Exponential(1.0 / service_mean_s)],
        number_of_servers=[n_agents],
        reneging_time_distributions=[ciw.dists.Deterministic(timeout_s)],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(horizon_s)
    kinds = [record.record_type for record in simulation.get_all_records()]
    return kinds.count("service"), kinds.count("renege")
