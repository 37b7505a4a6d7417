"""Work that is shared: workers that die, work that can't be done, who does it when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment import share
from sim.experiment.gathered import Gathered
from sim.experiment.pieces import Pieces
from sim.experiment.result import Result
from sim.experiment.run import run
from sim.experiment.work import Done, OneScenario, Piece, PieceFailedError, Task, Worker
from sim.scenario.model import Scenario
from tests.metrics.test_against_plain import DAY

MANY = replace(DAY, replications=12)


@dataclass(frozen=True)
class Deadly(OneScenario):
    """A job whose worker is killed at the start of a point, as often as the folder has files."""

    folder: str = ""
    parent: int = 0

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        left = sorted(Path(self.folder).iterdir())
        if left and os.getpid() != self.parent:
            left[0].unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return self.only


@dataclass(frozen=True)
class Failing(OneScenario):
    """A job that fails for a reason of its own."""

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        raise MemoryError


def document(result: Result) -> dict[str, object]:
    """The result document without the time that it took."""
    made = result.document(with_intervals=False)
    del made["elapsed_s"]
    return made


def gathered(job: OneScenario, workers: int) -> Result:
    """The result of a job with so many processes."""
    pieces = Pieces(iter([0]), 1, lambda _: (), job.only.replications)
    (done,) = (each for each in share.shared(pieces, job, workers=workers) if each is not None)
    assert isinstance(done.result, Gathered)
    return done.result.result(engine=job.engine, elapsed_s=0.0)


def deadly(tmp_path: Path, deaths: int) -> Deadly:
    """A job at which so many workers will die."""
    for number in range(deaths):
        (tmp_path / str(number)).touch()
    return Deadly(MANY, "compiled", False, False, str(tmp_path), os.getpid())


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_dies_is_replaced(tmp_path: Path, deaths: int) -> None:
    """Claim: workers killed at their work change nothing in the result."""
    assert document(gathered(deadly(tmp_path, deaths), 2)) == document(run(MANY))
    assert not list(tmp_path.iterdir())


def test_work_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    """Claim: after three deaths over the same piece the run ends, and says over which and how."""
    with pytest.raises(PieceFailedError, match=r"replications .*ended by SIGKILL.*3 times"):
        gathered(deadly(tmp_path, 50), 2)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_says_where(workers: int) -> None:
    """Claim: an error in a worker ends the run with the piece and the cause."""
    with pytest.raises(PieceFailedError, match="replications 1 to 1: out of memory"):
        gathered(Failing(MANY, "compiled", False, False), workers)  # type: ignore[arg-type]


def test_short_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim: without a number of workers, work that is soon done stays in this process; work that
    takes longer does not; the result is the same."""
    started: list[int] = []

    class Counted(share.Team):
        def begin(self, task: Task) -> None:
            started.append(len(task))
            super().begin(task)

    monkeypatch.setattr(share, "Team", Counted)
    monkeypatch.setattr(share, "cores", lambda: 2)
    short = run(MANY, workers=None)
    assert not started
    monkeypatch.setattr(share, "PAYS_S", 0.0)
    long = run(MANY, workers=None)
    assert started
    assert document(long) == document(short)


def test_a_worker_stops_at_its_time() -> None:
    """Claim: a worker without time does one replication of the first piece and no other piece."""
    worker = Worker(OneScenario(MANY, "compiled", False, False))
    done = worker.do((Piece(0), Piece(1)), longest_s=0.0)
    assert [(d.piece.point, d.reached, d.of, d.is_whole) for d in done] == [(0, 1, 12, False)]


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_every_replication_is_done_once(sizes: list[int], workers: int, random: object) -> None:
    """Claim: whatever workers leave undone, lose or finish in whichever order, each replication
    of each point is done exactly once, and each point is handed over once, in order within."""
    pick = random  # hypothesis' own random numbers
    pieces = Pieces(iter(range(len(sizes))), len(sizes), lambda p: (f"a={p}",))
    going: list[Task] = []
    whole: list[int] = []
    lost = 2
    while True:
        while len(going) < workers and (task := pieces.take(workers)) is not None:
            going.append(task)
        if not going:
            break
        task = going.pop(pick.randrange(len(going)))  # type: ignore[attr-defined]
        if lost and pick.random() < 0.2:  # type: ignore[attr-defined]
            lost -= 1
            pieces.lost(task, "lost")
            continue
        answer = []
        for piece in task[: pick.randint(1, len(task))]:  # type: ignore[attr-defined]
            of = sizes[piece.point]
            reached = pick.randint(piece.first + 1, piece.stop or of)  # type: ignore[attr-defined]
            answer.append(Done(piece, reached, of, 0.3, Listed(range(piece.first, reached))))
        for done in pieces.finished(task, answer):
            whole.append(done.piece.point)
            assert list(done.result.numbers) == list(range(sizes[done.piece.point]))
    assert sorted(whole) == list(range(len(sizes)))
    assert pieces.n_replications == sum(sizes)


class Listed:
    """Stands for what was gathered of some replications."""

    def __init__(self, numbers: range) -> None:
        self.numbers = list(numbers)

    def absorb(self, following: Listed) -> None:
        self.numbers += following.numbers


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def is_alive(pid: int) -> bool:
    """Whether a process is there and not just waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def long_run(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A run on two processes in the midst of its work, and these processes."""
    path = tmp_path / "long.yaml"
    path.write_text(
        "{horizon: 8h, replications: 1000000, agents: [{name: a, count: 9}],"
        " queues: [{name: q, arrivals: {rate: 2/min}, service_time: 4min}]}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "run", str(path), "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 60
    while len(found := children(process.pid)) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(found) == 2
    yield process, found
    process.kill()
    process.communicate()


def gone(processes: list[int], seconds: float) -> bool:
    """Whether all of them end within some seconds."""
    end = time.monotonic() + seconds
    while any(map(is_alive, processes)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(is_alive, processes))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("to_all", [True, False], ids=["at a terminal", "to the parent"])
def test_an_interrupt_leaves_no_orphans(
    long_run: tuple[subprocess.Popen[str], list[int]], to_all: bool
) -> None:
    """Claim: Ctrl-C ends the workers too, without a word of theirs; the exit code is 130."""
    process, workers = long_run
    time.sleep(0.5)
    if to_all:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "\nInterrupted.\n")
    assert gone(workers, 1.0)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_workers_follow_a_killed_parent(
    long_run: tuple[subprocess.Popen[str], list[int]],
) -> None:
    """Claim: workers whose parent is killed end by themselves within some seconds."""
    process, workers = long_run
    process.kill()
    process.wait()
    assert gone(workers, 10.0)


def test_two_processes_compile_once(tmp_path: Path) -> None:
    """Claim: of two processes that start without compiled code one compiles; the other waits for
    it, and finds the same file."""
    code = (
        "import sys; from sim.jit import entry\n"
        "from tests.experiment.slow_to_compile import double\n"
        "print(double(21.0), sum(double.stats.cache_misses.values()))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = sorted(process.communicate(timeout=100)[0].split() for process in both)
    assert told == [["42.0", "0"], ["42.0", "1"]]
