"""`python -m scripts.bench [--only flood]`: print the figures as a table and write them to build/bench.json."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOPICS = (
    "cityjson",
    "bag3d",
    "points",
    "area",
    "quality",
    "flood",
    "floodcoarse",
    "floodscan",
    "subsurface",
    "clash",
    "sunlight",
    "noise",
    "traffic",
    "view3d",
    "qgis",
)
COLUMNS = ("name", "value", "unit", "baseline", "ratio", "target")


def show(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "" if value is None else str(value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=TOPICS)
    only = parser.parse_args().only
    rows = []
    print(" | ".join(f"{column:>12}" if column != "name" else f"{column:<58}" for column in COLUMNS), flush=True)
    for topic in [only] if only else TOPICS:
        for row in import_module(f"scripts.bench.{topic}").rows():
            rows.append(row)
            cells = [show(row.get(column)) for column in COLUMNS]
            print(" | ".join([f"{cells[0]:<58}", *(f"{cell:>12}" for cell in cells[1:])]), flush=True)
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    print(f"{len(rows)} rows in {target.relative_to(ROOT)}")
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main())
