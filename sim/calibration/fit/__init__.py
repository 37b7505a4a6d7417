"""From the visits of a log to the numbers of a scenario, each with its uncertainty.

Days are the sample: calls of one day wait behind each other, so they are none by themselves.
"""
