"""A fuzzer that holds the two engines to one meaning: random scenarios, compared bit by bit."""
