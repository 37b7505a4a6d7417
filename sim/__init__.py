"""callsim: a discrete-event simulator of call queue routing."""

__version__ = "0.1.0"
