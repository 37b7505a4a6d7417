"""`python -m sim` is `callsim`."""

from __future__ import annotations

import sys


def main() -> int:
    """The whole program; the exit code. Ctrl-C is honoured while it still loads."""
    try:
        from sim.cli.app import main as run
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
