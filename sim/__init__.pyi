from sim.api import *  # noqa: F403
from sim.report import figures as figures

__version__: str
