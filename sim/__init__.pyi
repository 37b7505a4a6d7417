from sim.api import Backtest as Backtest
from sim.api import Check as Check
from sim.api import Comparison as Comparison
from sim.api import Erlang as Erlang
from sim.api import NoAnswerError as NoAnswerError
from sim.api import Plan as Plan
from sim.api import Run as Run
from sim.api import Scenario as Scenario
from sim.api import ScenarioError as ScenarioError
from sim.api import Sweep as Sweep
from sim.api import backtest as backtest
from sim.api import check as check
from sim.api import compare as compare
from sim.api import erlang as erlang
from sim.api import load as load
from sim.api import loads as loads
from sim.api import run as run
from sim.api import staff as staff
from sim.api import sweep as sweep
from sim.api import variants as variants
from sim.report import figures as figures

__version__: str
