"""Exact queueing theory: pure functions, no simulation, sources cited.

- ``erlang``: Erlang B, C and A; finite waiting room with exponential patience
- ``patience``: M/M/n+G and M/M/n/n+K+G; ``families``: laws of patience
- ``offered_wait``: the same but general patience, in plain Python and by another route (``panels``)
- ``timeout``: M/M/n+D, first or last come first served
- ``single_server``: M/G/1, orders of service, non-preemptive priority (also M/M/c)
- ``chains``: finite Markov chains and their stationary law
- ``tag_systems``: several queues and agent groups with tags; ``n_design``: one of them, larger
- ``work_stages``: ringing and wrap-up; ``retrials``: callers who call again
- ``overflow``: a loss system that overflows at once into a second queue
- ``window``: M/M/n + M in a window of time, from any start, by order of service
- ``time_varying``: a day with changing arrivals and shifts (``shift_chain``, ``transient``)
- ``day_to_day``: busy and quiet days
"""
