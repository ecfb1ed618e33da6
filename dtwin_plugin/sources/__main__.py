"""`python -m dtwin_plugin.sources describe PATH…`: what has been delivered?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from .describe import describe_files
from .describe_one import describe_one, limit_memory

_WIDTH = 110  # characters of a line of facts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return 0 if every file was loaded, or refused in a sentence."""
    options = _parser().parse_args(arguments)
    if options.command == "describe-one":
        limit_memory()
        print(json.dumps(describe_one(options.path)))
        return 0
    rows = describe_files(options.paths, options.timeout)
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print(table(rows))
    return 1 if any(row.get("crashed") for row in rows) else 0


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as text that is easily read: a line a file, and what else is known below it."""
    lines = []
    for row in rows:
        memory = "" if row.get("peak_mb") is None else f", {row['peak_mb']:.0f} MB"
        lines.append(f"{row['status']:<8} {row['file']}  [{row['seconds']:.2f} s{memory}]")
        if row["status"] == "loaded":
            count = f"{row['count']} {_UNITS.get(row['carrier'], 'objects')}"
            lines.append(f"         {row['format']}, {count}, CRS {row['crs'] or 'not stated'}, {_extent(row)}")
            lines += [f"         {name}: {_short(value)}" for name, value in row["facts"].items() if value]
        lines += [f"         ! {text}" for text in (*row["warnings"], row["message"]) if text]
    loaded = sum(row["status"] == "loaded" for row in rows)
    lines.append(f"{loaded} loaded, {len(rows) - loaded} refused")
    return "\n".join(lines)


_UNITS = {"grid": "cells", "points": "points", "surfaces": "objects", "features": "features"}


def _extent(row: dict[str, Any]) -> str:
    if not row["extent"]:
        return "no extent"
    return "extent " + ", ".join("?" if value is None else f"{value:.2f}" for value in row["extent"])


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{count} x {name or '(none)'}" for name, count in value.items())
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dtwin_plugin.sources", description="What has been delivered?")
    commands = parser.add_subparsers(dest="command", required=True)
    many = commands.add_parser("describe", help="files and folders, each file in a process of its own")
    many.add_argument("paths", nargs="+", metavar="PATH")
    many.add_argument("--json", action="store_true", help="as a JSON list")
    many.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds for each file (60)")
    one = commands.add_parser("describe-one", help="one file, in this process, as one line of JSON")
    one.add_argument("path")
    return parser


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
