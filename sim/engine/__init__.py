"""The engines: what happens to the calls of a workload. They know neither files nor statistics."""
