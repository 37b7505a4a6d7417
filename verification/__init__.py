"""Long statistical runs: the simulator against results that are known exactly."""
