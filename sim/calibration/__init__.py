"""From a real telephone log to a scenario, and the proof that it predicts the log."""
