"""The workload: what callers bring, drawn ahead of the engine from named streams."""
