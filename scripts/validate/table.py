"""`python -m scripts.validate.table flood`: the table of build/validation.json as docs/models/<model>.md shows it."""

import json
import sys
from pathlib import Path

ALWAYS = ("mass_error", "negative_depth")  # checked in every case: one line for all


def show(number):
    """Return a number as people read it.

    >>> show(0.0), show(97200.0), show(0.01234567), show(2e-8)
    ('0', '97,200', '0.01235', '2e-08')
    """
    if number == 0:
        return "0"
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.4g}" if abs(number) >= 1e-3 else f"{number:.2g}"


def lines(rows):
    """Yield the lines of the table and what holds in every case."""
    yield "| case | quantity | expected | tolerance | found | the tolerance is |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in rows:
        if row["quantity"] in ALWAYS:
            continue
        mark = "" if row["ok"] else " *"
        numbers = " | ".join(show(row[name]) for name in ("expected", "tolerance", "got"))
        yield f"| {row['case']} | {row['quantity']} | {numbers}{mark} | {row.get('why', '')} |"
    worst = max(row["got"] for row in rows if row["quantity"] == "mass_error")
    cases = len({row["case"] for row in rows})
    lowest = min(row["got"] for row in rows if row["quantity"] == "negative_depth")
    below = "no depth is below 0" if lowest >= 0 else f"the lowest depth is {lowest:.2g} m"
    yield ""
    yield f"In all {cases} cases the mass error is {worst:.1e} at most, and {below}."


def main():
    model = sys.argv[1] if len(sys.argv) > 1 else "flood"
    path = Path(__file__).resolve().parents[2] / "build" / "validation.json"
    rows = [row for row in json.loads(path.read_text(encoding="utf-8")) if row["model"] == model]
    print("\n".join(lines(rows)))


if __name__ == "__main__":
    main()
