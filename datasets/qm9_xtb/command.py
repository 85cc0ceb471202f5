"""What the command lines of the builders share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["parser", "run"]


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that every builder has."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--processes", type=int, default=2)
    made.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    made.add_argument("--check", type=int, metavar="N", help="recompute N molecules, compare")
    made.add_argument("--check-seed", type=int, default=0)
    return made


def run(
    options: argparse.ArgumentParser,
    argv: Sequence[str] | None,
    build: Callable[[argparse.Namespace], None],
    check: Callable[[argparse.Namespace], bool],
) -> int:
    """Build, or check if asked to; exit status 1 when a check finds a difference."""
    args = options.parse_args(argv)
    if args.check is None:
        build(args)
        return 0
    return 0 if check(args) else 1
