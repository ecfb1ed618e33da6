"""SWMM input files as text: what the coupling must know of them, and the copy that is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from dtwin_plugin.errors import FormatError, SourceError

UNITS = {"CMS": 1.0, "LPS": 1e-3, "MLD": 1e3 / 86_400.0}  # m3 s-1 of one unit of flow
CLOSED, OPEN = "closed", "manhole"  # tags of nodes
_LARGEST = 200_000_000  # bytes
# Rain falls on the terrain and not on the sub-catchments of the file. Only the full equations know surcharge.
_OPTIONS = {
    "FLOW_ROUTING": "DYNWAVE",
    "SURCHARGE_METHOD": "SLOT",  # EXTRAN lost 23 % of the water of a network of storage nodes that filled up, this 1 %
    "ALLOW_PONDING": "NO",
    "IGNORE_RAINFALL": "YES",
    "IGNORE_SNOWMELT": "YES",
    "IGNORE_GROUNDWATER": "YES",
    "IGNORE_RDII": "YES",
    "IGNORE_QUALITY": "YES",
    "SKIP_STEADY_STATE": "NO",
    "ROUTING_STEP": "1",
    "REPORT_STEP": "01:00:00",
    "THREADS": "1",
}
# sections that draw, report, or make runoff: rain falls on the terrain
_LEFT_OUT = (
    "OPTI REPO FILE MAP COOR VERT POLY BACK LABE SYMB TAGS PROF RAIN EVAP TEMP SUBC SUBA INFI LID_ AQUI GROU GWF SNOW "
    "COVE LOAD RDII HYDR"
).split()
_ENDS = ("END_DATE", "END_TIME", "START_DATE", "START_TIME", "REPORT_START_DATE", "REPORT_START_TIME")
_DAYS = 40  # a run ends before: 10 days of rain and 10 after it
_ABOVE = 10.0  # m that water may stand over a manhole
_STEP = 0.02  # m over its rim in which a manhole widens to the street


@dataclass(frozen=True)
class Junction:
    """A node: level of its bottom, depth up to its rim (0 = not given) and depth of the water at the start [m].

    `area` is that of its shaft [m2]; NaN where it is not given.
    """

    invert: float
    depth: float
    initial: float = 0.0
    area: float = np.nan


@dataclass(frozen=True)
class Manhole:
    """A junction that is coupled: depth up to its rim [m], area below and above that [m2]."""

    depth: float
    area: float
    above: float


@dataclass(frozen=True)
class Inp:
    """A SWMM input file.

    Attributes
    ----------
    sections : tuple of tuple
        Name in capitals and lines without comment, in the order of the file.
    folder : Path
        Where files that it names are looked for.
    """

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    folder: Path = Path()

    def rows(self, name: str) -> Iterator[list[str]]:
        """Yield the words of each line of a section; as in SWMM four letters of its name are enough."""
        for found, lines in self.sections:
            if found[:4] == name[:4]:
                yield from (line.split() for line in lines if line.strip())

    @property
    def options(self) -> dict[str, str]:
        """The options of the file."""
        return {row[0].upper(): row[1] for row in self.rows("OPTIONS") if len(row) > 1}

    @property
    def units(self) -> str:
        """Unit of flow, in capitals; without one SWMM takes CFS."""
        return self.options.get("FLOW_UNITS", "CFS").upper()

    @property
    def junctions(self) -> dict[str, Junction]:
        """The nodes that have a lid on the street, by name.

        These are the junctions that have no tag `closed`, and storage of one area with the tag `manhole`, as the
        reader of GWSW-Hyd writes them.
        """
        tags = self.tags
        found = {}
        for row in self.rows("JUNCTIONS"):
            numbers = [float(word) for word in row[1:4]] + [0.0, 0.0, 0.0]
            if tags.get(row[0]) != CLOSED:
                found[row[0]] = Junction(*numbers[:3])
        for row in self.rows("STORAGE"):
            if tags.get(row[0]) == OPEN and len(row) > 7 and row[4].upper() == "FUNCTIONAL":
                found[row[0]] = Junction(float(row[1]), float(row[2]), float(row[3]), float(row[7]))
        return found

    @property
    def tags(self) -> dict[str, str]:
        """The tag of each node that has one."""
        return {row[1]: row[2].lower() for row in self.rows("TAGS") if len(row) > 2 and row[0].upper() == "NODE"}

    @property
    def coordinates(self) -> dict[str, tuple[float, float]]:
        """Place of each node that has one [m]."""
        return {row[0]: (float(row[1]), float(row[2])) for row in self.rows("COORDINATES") if len(row) > 2}


def read_inp(path: Path) -> Inp:
    """Read a SWMM input file.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read, or is no input file of SWMM.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError("{file} is too large for a SWMM input file.", file=path.name)
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise SourceError("{file} cannot be read.", file=path.name) from error
    inp = parsed(text, path.parent)
    if not any(name.startswith(("JUNC", "STOR")) for name, _ in inp.sections):
        raise FormatError(
            "{file} is no SWMM input file: it has no section [JUNCTIONS].",
            hint="Choose an .inp of SWMM 5, or make one of GWSW-Hyd files with Load sewer network.",
            file=path.name,
        )
    try:
        _ = inp.junctions, inp.coordinates
    except ValueError as error:
        raise FormatError(
            "{file} has a word where a number is expected: {reason}.", file=path.name, reason=str(error)
        ) from error
    return inp


def parsed(text: str, folder: Path = Path()) -> Inp:
    r"""Return a SWMM input text in its sections.

    >>> inp = parsed("[OPTIONS]\nFLOW_UNITS LPS ;l/s\n[JUNC]\nA 1.0 2.5\n[COORDINATES]\nA 10 20\n")
    >>> inp.units, inp.junctions["A"].depth, inp.coordinates
    ('LPS', 2.5, {'A': (10.0, 20.0)})
    """
    sections: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        bare = line.split(";")[0].rstrip()
        header = re.fullmatch(r"\s*\[\s*(\w+)[^\]]*\]?\s*", bare)
        if header:
            sections.append((header[1].upper(), []))
        elif sections and bare.strip():
            sections[-1][1].append(bare)
    return Inp(tuple((name, tuple(lines)) for name, lines in sections), folder)


def to_run(inp: Inp, manholes: Mapping[str, Manhole]) -> str:
    """Return the text that is run: coupled junctions as storage, which widens above its rim, and no rain of its own.

    A junction of SWMM that floods loses the water, or keeps it in a pond whose volume does not follow its depth. A
    storage node keeps level and volume together.

    Parameters
    ----------
    manholes : mapping of str to Manhole
        The coupled junctions.
    """
    junctions = inp.junctions
    lines: list[str] = []
    for name, rows in inp.sections:
        kind = name[:4]
        if kind in _LEFT_OUT:
            continue
        if kind in ("JUNC", "STOR"):
            rows = tuple(row for row in rows if row.split()[0] not in manholes)
        elif kind == "TIME":
            rows = tuple(_absolute(row, inp.folder) for row in rows)
        lines += [f"[{name}]", *rows, ""]
    storage, curves = ["[STORAGE]"], ["[CURVES]"]
    for number, (name, hole) in enumerate(manholes.items()):
        junction, curve = junctions[name], f"_manhole_{number}"
        top = hole.depth + _ABOVE
        storage.append(f"{name} {junction.invert:.6f} {top:.6f} {junction.initial:.6f} TABULAR {curve} 0 0")
        steps = ((0.0, hole.area), (hole.depth, hole.area), (hole.depth + _STEP, hole.above), (top, hole.above))
        curves += [f"{curve} {'STORAGE ' if k == 0 else ''}{y:.6f} {a:.6f}" for k, (y, a) in enumerate(steps)]
    report = ["[REPORT]", "INPUT NO", "CONTROLS NO", "SUBCATCHMENTS NONE", "NODES NONE", "LINKS NONE"]
    return "\n".join([*_options(inp), "", *lines, *storage, "", *curves, "", *report, ""])


def _options(inp: Inp) -> list[str]:
    given = inp.options
    kept = {name: value for name, value in given.items() if name not in _ENDS and name not in _OPTIONS}
    start = _start(given)
    times = {
        "START_DATE": f"{start:%m/%d/%Y}",
        "START_TIME": f"{start:%H:%M:%S}",
        "REPORT_START_DATE": f"{start:%m/%d/%Y}",
        "REPORT_START_TIME": f"{start:%H:%M:%S}",
        "END_DATE": f"{start + timedelta(days=_DAYS):%m/%d/%Y}",
        "END_TIME": f"{start:%H:%M:%S}",
    }
    return ["[OPTIONS]", *(f"{name} {value}" for name, value in {**kept, **_OPTIONS, **times}.items())]


def _start(options: Mapping[str, str]) -> datetime:
    """Return the start of the file, at which its own inflows and patterns begin; the first of 2000 without one.

    >>> _start({"START_DATE": "01/31/2007", "START_TIME": "06:30"}).isoformat()
    '2007-01-31T06:30:00'
    """
    day, clock = options.get("START_DATE", "01/01/2000"), options.get("START_TIME", "00:00:00")
    for form in ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m-%d-%Y %H:%M:%S", "%b/%d/%Y %H:%M:%S"):
        try:
            return datetime.strptime(f"{day} {clock}", form)
        except ValueError:
            continue
    return datetime(2000, 1, 1)


def _absolute(row: str, folder: Path) -> str:
    """Return a line of a time series with the whole path of the file that it names."""
    found = re.fullmatch(r'(\s*\S+\s+FILE\s+)"?([^"]+?)"?\s*', row, re.IGNORECASE)
    return f'{found[1]}"{folder.resolve() / found[2]}"' if found else row


def rims(inp: Inp) -> dict[str, float]:
    """Return the level of the rim of each junction [m]; NaN where the file gives no depth."""
    return {name: item.invert + item.depth if item.depth > 0 else np.nan for name, item in inp.junctions.items()}
