"""Tables of a case: CSV in its usual variants and the stage files of LISFLOOD-FP, as columns of numbers."""

import re
from pathlib import Path

import numpy as np

from dtwin_plugin.errors import FormatError

DELIMITERS = ("\t", ";", ",")
# how a column of times is named, and how many seconds its unit holds
UNITS = ((r"min", 60.0), (r"(hour|uur|_h$|\[h|\(h|^h$)", 3600.0), (r"", 1.0))


def read_table(path):
    """Return the columns of a table as arrays of float, NaN where a value is missing; columns of text are left out.

    Commas, semicolons, tabs or spaces separate; after a semicolon a decimal comma is read too. A table without a header
    has the columns "1", "2", ... A stage file has the columns "time" and "p1", "p2", ...
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError("The table {file} of the case cannot be read: {error}.", file=path, error=error) from error
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stage = next((n for n, line in enumerate(lines) if line.lower().startswith("time; stages")), None)
    if stage is not None:
        rows = [line.split() for line in lines[stage + 1 :]]
        names = ["time", *(f"p{n}" for n in range(1, len(rows[0])))] if rows else ["time"]
        return _columns(names, rows, path)
    if not lines:
        raise FormatError("The table {file} of the case is empty.", file=path)
    delimiter = next((d for d in DELIMITERS if d in lines[0]), None)
    rows = [[cell.strip().strip('"') for cell in line.split(delimiter)] for line in lines]
    if all(_number(cell, delimiter) is not None for cell in rows[0]):
        rows.insert(0, [str(n) for n in range(1, len(rows[0]) + 1)])
    return _columns(rows[0], rows[1:], path, delimiter)


def _columns(names, rows, path, delimiter=None):
    columns = {}
    for place, name in enumerate(names):
        cells = [row[place] if place < len(row) else "" for row in rows]
        numbers = [np.nan if not cell else _number(cell, delimiter) for cell in cells]
        if None not in numbers:
            columns[name] = np.array(numbers, float)
    if not rows or not columns:
        raise FormatError("The table {file} of the case has no numbers.", file=path)
    return columns


def _number(cell, delimiter):
    try:
        return float(cell.replace(",", ".") if delimiter == ";" else cell)
    except ValueError:
        return None


def column(table, name, path):
    """Return a column by its name, whatever its capitals."""
    named = {key.lower(): key for key in table}
    if str(name).lower() not in named:
        raise FormatError(
            "The table {file} has no column {name} with numbers; found: {known}.",
            file=path,
            name=name,
            known=", ".join(table),
        )
    return table[named[str(name).lower()]]


def through_time(spec, folder, value="value"):
    """Return the times [s] and values of a table; without names the first column is time and the second the value.

    Without `seconds` the name of the column of times tells its unit: min, hour, uur or h; otherwise seconds.
    """
    path = folder / spec["csv"]
    table = read_table(path)
    names = list(table)
    time = spec.get(
        "time", next((n for n in names if re.match(r"(t$|time|tijd|min|hour|uur|sec)", n.lower())), names[0])
    )
    others = [name for name in names if name.lower() != str(time).lower()]
    if value not in spec and not others:
        raise FormatError("The table {file} has no column of values beside {time}.", file=path, time=time)
    seconds = spec.get("seconds", next(unit for pattern, unit in UNITS if re.search(pattern, str(time).lower())))
    return column(table, time, path) * float(seconds), column(table, spec.get(value, others[0] if others else ""), path)
