"""The text files of the Transportation Networks set (TNTP): networks, trips, nodes and flows.

Written by many people with many programs: tags in any spelling, tabs, `~` before a comment, `;` or nothing at the end
of a row, columns in another order. What cannot be read is told with its row; nothing is left out without a word.

References
----------
Bar-Gera, Stabler, Sall (2024), Transportation Networks for Research, github.com/bstabler/TransportationNetworks.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dtwin_plugin.errors import FormatError, file_error

from .graph import Floats, Ints
from .matrix_files.limits import expect_room

LARGEST = 1 << 30  # bytes of a file; that of Philadelphia has 50 MB
COLUMNS = ("init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type")
_NAMES = {
    "init": "init_node", "from": "init_node", "tail": "init_node", "term": "term_node", "to": "term_node",
    "head": "term_node", "fftime": "free_flow_time", "freeflowtime": "free_flow_time", "fftt": "free_flow_time",
    "type": "link_type", "alpha": "b", "beta": "power", "speedlimit": "speed",
}  # fmt: skip
_PAIR = re.compile(r"([^\s:;]+)\s*:\s*([^\s:;]+)")


class TntpNetwork(NamedTuple):
    """A network as its file has it.

    Attributes
    ----------
    numbers : ndarray
        int64, shape (nodes,): the number of each node; zones come first.
    zones : int
        How many of the nodes are zones.
    first_through : int
        Nodes (rows of `numbers`) before it only begin or end a path.
    tail, head : ndarray
        int64, shape (links,): rows of `numbers`.
    columns : dict
        The other columns of `COLUMNS`, float64, shape (links,), in the units of the file; 0 where it has none.
    """

    numbers: Ints
    zones: int
    first_through: int
    tail: Ints
    head: Ints
    columns: dict[str, Floats]


def _text(path: str | Path) -> tuple[str, str]:
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST:
            raise FormatError("{file} is larger than a TNTP file can be.", file=path.name)
        return path.read_bytes().decode("utf-8-sig", errors="replace"), path.name
    except OSError as error:
        raise file_error(error) from error


def _parts(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Return the tags of the header, and the rows with their number; comments and empty rows left out."""
    tags: dict[str, str] = {}
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        tag = re.match(r"<\s*([^>]*?)\s*>(.*)", line)
        if tag:
            tags[re.sub(r"[\s_]+", " ", tag[1]).upper()] = tag[2].strip().rstrip(";").strip()
        elif line:
            rows.append((number, line))
    return tags, rows


def _count(tags: dict[str, str], name: str) -> int | None:
    """Return a whole number of the header, or None where it has none."""
    found = re.match(r"[-+]?\d{1,9}(?![\d])", tags.get(name, ""))
    return int(found[0]) if found and int(found[0]) >= 0 else None


def _named(line: str) -> list[str]:
    """Return the names of the columns in a row of names, as `COLUMNS` has them."""
    names = []
    for word in re.split(r"[\t;,]+|\s{2,}|\s(?=[a-z]+_)", line.lstrip("~ \t").strip("; \t").lower()):
        word = re.sub(r"\(.*\)", "", word).strip().replace(" ", "_")
        names.append(_NAMES.get(word.replace("_", ""), _NAMES.get(word.partition("_")[0], word)))
    return [name for name in names if name]


def _table(rows: list[tuple[int, str]], file: str, least: int) -> tuple[list[str], Floats]:
    """Return the names of the columns (empty where none are told) and the numbers of a file of rows."""
    names: list[str] = []
    found: list[list[float]] = []
    for number, line in rows:
        if line.startswith("~"):
            names = names if found else (_named(line) if "node" in line.lower() or "from" in line.lower() else names)
            continue
        words = line.partition(";")[0].replace(",", " ").split()
        if not found and words and re.match(r"[^\W\d]", words[0]):  # a row of names without a mark
            names = _named(line)
            continue
        try:
            values = [float(word) for word in words]
        except ValueError:
            values = []
        if len(values) < least:
            raise FormatError(
                "Row {row} of {file} needs {least} numbers or more: {found}.",
                row=number,
                file=file,
                least=least,
                found=line[:80],
            )
        found.append(values)
    width = min((len(values) for values in found), default=least)
    return names, np.array([values[:width] for values in found], np.float64).reshape(len(found), width)


def _whole(values: Floats, file: str) -> Ints:
    if not ((values == np.floor(values)) & (values >= 0) & (values < 2.0**53)).all():
        raise FormatError("{file} has a node whose number is not whole.", file=file)
    return values.astype(np.int64)


def read_network(path: str | Path) -> TntpNetwork:
    """Return the network of a `_net.tntp` file.

    Raises
    ------
    FormatError
        If a row has too few numbers, or a number cannot be.
    """
    text, file = _text(path)
    tags, rows = _parts(text)
    names, table = _table(rows, file, 7)
    if not len(table):
        raise FormatError("{file} has no links.", hint="Give the file that ends in _net.tntp.", file=file)
    if names[:2] != list(COLUMNS[:2]) or not set(COLUMNS[:7]) <= set(names):
        names = list(COLUMNS)
    columns = {name: table[:, at] for at, name in enumerate(names[: table.shape[1]])}
    for name in COLUMNS[2:7]:
        if not (np.isfinite(columns[name]) & (columns[name] >= 0)).all():
            raise FormatError("{file} has a link whose {name} is below 0 or no number.", file=file, name=name)
    tail, head = (_whole(columns[name], file) for name in COLUMNS[:2])
    used, told = np.union1d(tail, head), _count(tags, "NUMBER OF NODES") or 0
    plain = 1 <= int(used[0]) and int(used[-1]) <= told <= 4 * len(used) + 1000  # a header may tell any number
    numbers = np.arange(1, told + 1) if plain else used
    count = len(numbers)
    zones = min(_count(tags, "NUMBER OF ZONES") or 0, count)
    through = int(np.searchsorted(numbers, _count(tags, "FIRST THRU NODE") or 0))
    links = _count(tags, "NUMBER OF LINKS")
    if links and len(table) < links:
        raise FormatError(
            "{file} has {found} links where its header tells {told}.",
            hint="The file is cut off; get it again, or set the number in its header right.",
            file=file,
            found=len(table),
            told=links,
        )
    rest = {name: np.array(columns.get(name, np.zeros(len(table)))) for name in COLUMNS[2:]}
    return TntpNetwork(numbers, zones, through, np.searchsorted(numbers, tail), np.searchsorted(numbers, head), rest)


def read_trips(path: str | Path) -> tuple[list[str], Floats]:
    """Return the zones and the trips of a `_trips.tntp` file.

    Returns
    -------
    zones : list of str
        Their numbers: 1, 2, ... as far as the header tells, or those in the file where they are others.
    trips : ndarray
        float64, shape (zones, zones).

    Raises
    ------
    FormatError
        If there are no trips, one is below 0 or no number, or a pair of zones is there twice.
    """
    text, file = _text(path)
    tags, rows = _parts(text)
    body = " ".join(line for _, line in rows if not line.startswith("~"))
    blocks = re.split(r"\borigins?\b", re.sub(r"(?i)\borigin(?=\d)", "origin ", body), flags=re.IGNORECASE)[1:]
    if not blocks:
        raise FormatError("{file} has no trips.", hint='Each zone needs a line "Origin", its number.', file=file)
    begins, ends, values = [], [], []
    for block in blocks:
        origin = re.match(r"[\s:]*(\d+)\b\s*;?", block)
        if not origin:
            raise FormatError("{file} has an Origin without a number: {found}.", file=file, found=block[:40].strip())
        rest = block[origin.end() :]
        pairs = _PAIR.findall(rest)
        if _PAIR.sub("", rest).replace(";", "").strip():
            raise FormatError(
                "The trips from zone {zone} in {file} are no rows of zone : trips;.", zone=origin[1], file=file
            )
        begins.append(np.full(len(pairs), int(origin[1]), np.int64))
        try:
            ends.append(np.array([int(pair[0]) for pair in pairs], np.int64))
            values.append(np.array([float(pair[1]) for pair in pairs], np.float64))
        except (ValueError, OverflowError) as error:
            raise FormatError(
                "The trips from zone {zone} in {file} are no numbers: {error}.",
                zone=origin[1],
                file=file,
                error=error,
            ) from error
    origins, destinations = np.concatenate(begins), np.concatenate(ends)
    return _matrix(origins, destinations, np.concatenate(values), _count(tags, "NUMBER OF ZONES"), file)


def _matrix(begins: Ints, ends: Ints, values: Floats, told: int | None, file: str) -> tuple[list[str], Floats]:
    if not (np.isfinite(values) & (values >= 0)).all():
        raise FormatError("{file} has trips below 0 or without end.", file=file)
    used = np.union1d(begins, ends)
    plain = bool(told) and len(used) and 1 <= int(used[0]) and int(used[-1]) <= (told or 0)
    numbers = np.arange(1, (told or 0) + 1) if plain else used
    expect_room(len(numbers), 1, file)
    rows, columns = np.searchsorted(numbers, begins), np.searchsorted(numbers, ends)
    cells = rows * len(numbers) + columns
    _, at, times = np.unique(cells, return_index=True, return_counts=True)
    if (times > 1).any():
        twice = cells[at[np.argmax(times > 1)]]
        raise FormatError(
            "{file} has the trips from zone {origin} to {destination} twice.",
            file=file,
            origin=int(numbers[twice // len(numbers)]),
            destination=int(numbers[twice % len(numbers)]),
        )
    trips = np.zeros((len(numbers), len(numbers)))
    trips[rows, columns] = values
    return [str(number) for number in numbers], trips


def read_nodes(path: str | Path) -> tuple[Ints, Floats]:
    """Return the numbers of the nodes of a `_node.tntp` file, and their x and y, shape (nodes, 2)."""
    text, file = _text(path)
    _, table = _table(_parts(text)[1], file, 3)
    return _whole(table[:, 0], file), table[:, 1:3]


def read_flows(path: str | Path) -> tuple[Ints, Ints, Floats, Floats]:
    """Return from, to, volume and cost of the links in a `_flow.tntp` file."""
    text, file = _text(path)
    _, table = _table(_parts(text)[1], file, 4)
    return _whole(table[:, 0], file), _whole(table[:, 1], file), table[:, 2], table[:, 3]


def graph_and_costs(net: TntpNetwork, length_weight: float = 0.0, toll_weight: float = 0.0) -> tuple[Any, Any, Floats]:
    """Return the graph, the times with traffic, and what links cost besides: the weights times length and toll."""
    from .costs import Costs
    from .graph import graph_of

    graph = graph_of(net.tail, net.head, len(net.numbers), net.zones, net.first_through)
    at = net.columns
    costs = Costs(at["free_flow_time"], at["capacity"], at["b"], at["power"])
    return graph, costs, length_weight * at["length"] + toll_weight * at["toll"]
