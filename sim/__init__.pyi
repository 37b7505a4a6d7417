from sim.api import Check as Check
from sim.api import Comparison as Comparison
from sim.api import Plan as Plan
from sim.api import Run as Run
from sim.api import Scenario as Scenario
from sim.api import ScenarioError as ScenarioError
from sim.api import check as check
from sim.api import compare as compare
from sim.api import load as load
from sim.api import loads as loads
from sim.api import run as run
from sim.api import staff as staff
from sim.api import variants as variants

__version__: str
