"""The program as it is installed, in processes of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sim
from sim.cli.app import callsim

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "pandas", "simpy", "numba", "scipy", "matplotlib", "pyarrow", "rich.table")
COMMANDS = sorted(callsim.commands)
SCENARIO = """
horizon: 1h
replications: 3
queues:
  - {name: support, arrivals: {rate: 1/min}, service_time: 3min}
agents:
  - {name: tier1, count: 4}
"""


def callsim_process(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """`python -m sim ARGUMENTS`, its output captured."""
    options = {"capture_output": True, "text": True, "timeout": 60, "check": False} | more
    return subprocess.run([sys.executable, "-m", "sim", *arguments], **options)  # type: ignore[call-overload]


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of shell in which `callsim` is this program; any failure in a pipe counts."""
    function = f'callsim() {{ "{sys.executable}" -m sim "$@"; }}'
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{function}\n{command}"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small scenario's file."""
    made = tmp_path / "small.yaml"
    made.write_text(SCENARIO)
    return made


def examples() -> list[str]:
    """Every example line of every help text."""
    texts = [callsim.help or "", *(callsim.commands[name].help or "" for name in COMMANDS)]
    return [
        line.strip()
        for text in texts
        for line in re.split(r"Examples?:\n", text)[-1].splitlines()
        if line.strip().startswith("callsim ")
    ]


def test_every_help_has_an_example() -> None:
    """The group and each command show an example."""
    for command in (callsim, *callsim.commands.values()):
        assert re.search(r"Examples?:\n +callsim ", command.help or ""), command.name


@pytest.mark.parametrize("example", examples())
def test_examples_run_as_printed(example: str, tmp_path: Path) -> None:
    """Each example succeeds in an empty folder."""
    done = shell(example, tmp_path)
    assert done.returncode == 0, done.stderr


def loaded_by(*arguments: str) -> list[str]:
    """The heavy modules that a command has imported by its end."""
    code = (
        "import sys; from sim.__main__ import main; code = main();"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr);"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return re.findall(r"'([\w.]+)'", done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """No help text needs the libraries that take time to import."""
    assert loaded_by(*arguments) == []


def test_validate_loads_nothing_heavy(path: Path) -> None:
    """Checking a scenario needs none of them either."""
    assert loaded_by("validate", str(path)) == []


@pytest.mark.parametrize("command", ["--help", "validate"])
def test_light_commands_are_fast(command: str, path: Path) -> None:
    """The best of five starts takes well under half a second of processor time."""
    arguments = [command] if command == "--help" else [command, str(path)]
    spent = []
    for _ in range(5):
        before = os.times()
        assert callsim_process(*arguments).returncode == 0
        after = os.times()
        spent.append(
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system
        )
    assert min(spent) < 0.5


def test_the_version_is_the_packages() -> None:
    """--version prints the name and the version."""
    assert callsim_process("--version").stdout == f"callsim {sim.__version__}\n"


def test_no_command_is_bad_usage() -> None:
    """Without a command: the help, on standard error, and 2."""
    done = callsim_process()
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: callsim" in done.stderr


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    """The message names the file; there is no traceback."""
    for command in ("run", "validate"):
        done = callsim_process(command, str(tmp_path / "none.yaml"))
        assert done.returncode == 2
        assert "none.yaml" in done.stderr
        assert "Traceback" not in done.stderr


def test_run_gives_a_report_and_json(path: Path) -> None:
    """The whole way: a report at 80 columns, and the same run as JSON from standard input."""
    done = callsim_process("run", str(path), env={**os.environ, "COLUMNS": "80"})
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Queues (calls per replication)" in done.stdout
    assert "\x1b" not in done.stdout
    done = callsim_process("run", "-", "--json", "--seed", "3", input=SCENARIO)
    document = json.loads(done.stdout)
    assert document["format"] == "callsim.result/1"
    assert document["seed"] == 3
    assert document["replications"] == 3


def test_a_folder_is_the_same_twice(path: Path, tmp_path: Path) -> None:
    """Two runs with one seed are equal to the byte, but for the time they took."""
    for name in ("a", "b"):
        done = callsim_process("run", str(path), "--out", str(tmp_path / name), "--intervals")
        assert done.returncode == 0, done.stderr
    for file in sorted((tmp_path / "a").iterdir()):
        one, other = (file.read_bytes(), (tmp_path / "b" / file.name).read_bytes())
        if file.name == "result.json":
            one, other = (
                json.dumps({**json.loads(text), "elapsed_s": 0}).encode() for text in (one, other)
            )
        assert one == other, file.name


def test_the_folders_scenario_is_the_scenario(path: Path, tmp_path: Path) -> None:
    """scenario.yaml, run again, gives the same result."""
    assert callsim_process("run", str(path), "--out", str(tmp_path / "a")).returncode == 0
    again = callsim_process("run", str(tmp_path / "a" / "scenario.yaml"), "--json")
    before = json.loads((tmp_path / "a" / "result.json").read_text("utf-8"))
    after = json.loads(again.stdout)
    assert {**before, "elapsed_s": 0} == {**after, "elapsed_s": 0}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "arguments", [["--help"], ["schema"], ["run", "{path}"], ["run", "{path}", "--json"]]
)
def test_a_full_disk_is_a_failure(arguments: list[str], path: Path) -> None:
    """A result that can't be written is 3 and one message, whatever prints it."""
    with open("/dev/full", "w") as full:
        done = callsim_process(
            *(item.format(path=path) for item in arguments),
            capture_output=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 3
    assert done.stderr == "Error: standard output: No space left on device\n"


@pytest.mark.parametrize(
    "command", ["callsim --help", "callsim schema", "callsim run small.yaml --json"]
)
def test_a_reader_may_leave(command: str, path: Path) -> None:
    """A pipe that is closed early is no failure and gets no message."""
    done = shell(f"{command} | true", path.parent)
    assert done.returncode == 0
    assert done.stderr == ""


def test_an_interrupted_run_ends_with_130(tmp_path: Path) -> None:
    """Ctrl-C: the exit code 130, one word, nothing on standard output, no folder."""
    long = tmp_path / "long.yaml"
    long.write_text(SCENARIO.replace("replications: 3", "replications: 100000"))
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "-v", "run", str(long), "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever started the tests may ignore the signal, and children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stderr is not None
    process.stderr.readline()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "Interrupted." in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_a_draft_is_printed_and_refused_until_it_is_written(tmp_path: Path) -> None:
    """`new --from-voipbin` ends with 0; `validate` and `run` of its draft with 2 and no traceback.

    Warnings stand on standard error only, and `-q` leaves them out; broken JSON is 2.
    """
    queue = {"name": "支持", "wait_timeout": 100000}
    page = json.dumps({"result": [queue], "next_page_token": "2022"})
    drafted = callsim_process("new", "--from-voipbin", "-", input=page)
    assert drafted.returncode == 0
    assert drafted.stderr == (
        "warning: the list of queues goes on (its `next_page_token` is not empty):"
        " give all its pages\n"
    )
    quiet = callsim_process("new", "-q", "--from-voipbin", "-", input=page)
    assert (quiet.stdout, quiet.stderr) == (drafted.stdout, "")
    for command in ("validate", "run"):
        refused = callsim_process(command, "-", input=drafted.stdout)
        assert refused.returncode == 2
        assert refused.stdout == ""
        assert refused.stderr.count("is still blank") == 4
    filled = drafted.stdout.replace("agents: <blank>", "agents: [{name: team}]")
    options = [f"--set=queues[0].{each}" for each in ("arrivals.rate=1/min", "service_time=9s")]
    done = callsim_process("validate", "-", "--horizon=1h", *options, input=filled)
    assert done.stdout == "<stdin>: valid\n"
    broken = tmp_path / "broken.json"
    broken.write_text('[{"name": "a",\n  }]')
    failed = callsim_process("new", "--from-voipbin", str(broken))
    assert failed.returncode == 2
    assert failed.stderr.startswith(f"{broken}:2:3: not valid JSON: expected a key")
    missing = callsim_process("new", "--from-voipbin", "no.json")
    assert (missing.returncode, missing.stderr) == (2, "no.json: no such file\n")
