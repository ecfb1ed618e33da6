"""`python -m dtwin_plugin.twin check-log FILE`: was a line of the access log changed or taken out?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .access_log import broken_at


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return 0 where the log is whole, 1 where a line does not follow, 2 where it is not read."""
    path = _parser().parse_args(arguments).path
    try:
        number = broken_at(path)
    except OSError as error:
        print(f"{path} cannot be read: {error.strerror or error}.", file=sys.stderr)
        return 2
    if number:
        print(f"{path}: line {number} does not follow from the one before it.")
        return 1
    print(f"{path}: each line follows from the one before it.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dtwin_plugin.twin", description="The files of a twin.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("check-log", help="tell whether a line of the access log was changed or taken out")
    one.add_argument("path", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
