"""What a calculation model is: a frozen description and one function on carriers.

From the description alone follow the Processing algorithm, the OGC API process, the reference page and the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .problem import Problem

Values = Mapping[str, Any]
WANTED = "wanted"  # key of the values: the names of the outputs that will be kept, where the caller knows

# kind -> what `run` receives or returns for it
KINDS = {
    "grid": "Grid",
    "features": "Features",
    "surfaces": "Surfaces",
    "points": "iterable of PointCloud; as an input, pathlib.Path of a LAS, LAZ or COPC file",
    "voxels": "Voxels",
    "mesh": "MeshSeries, as an output only",
    "layer": "LayerReference, a layer that stays with its owner",
    "extent": "Extent",
    "number": "float",
    "integer": "int",
    "boolean": "bool",
    "choice": "str, one of the choices",
    "datetime": "datetime.datetime",
    "table": "dict of column name to list of float or str, None where unknown",
    "file": "pathlib.Path",
    "text": "str",
}

# Kinds of local digital twins (MIM8, Minimal Interoperability Mechanisms Plus, 2022) -> what a model does in one
TWIN_KINDS = {
    "awareness": mark("shows what is"),
    "experimental": mark("calculates what would be, for a design or measure that a person thinks of"),
    "predictive": mark("forecasts what will be, from what is measured now"),
    "intelligent": mark("looks for what is best by itself"),
}


@dataclass(frozen=True)
class Field:
    """One input or output of a model.

    Attributes
    ----------
    name : str
        Stable, lower case, as scripts use it.
    title : str
        As people read it, without the unit.
    kind : str
        A key of `KINDS`.
    unit : str
        As UDUNITS reads it; "1" where there is none.
    default : object
        None where there is none.
    minimum, maximum : float or None
        Limits that the value may touch.
    choices : mapping of str to str
        Value to title, for a "choice".
    columns : mapping of str to str
        Column name to unit, for a "table".
    geometry : str
        "point", "line" or "polygon", for "features"; "" for an input that takes all three.
    optional, advanced : bool
        May be left out; shown only to who asks for it, as an output made only then.
    series : bool
        Of a "grid": all its bands, with their times where they have any, and not the first alone.
    doc : str
        One or two sentences: what it is, and what choosing more of it costs.
    style : str
        Name of the style that an output is shown with.
    """

    name: str
    title: str
    kind: str
    unit: str = "1"
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    geometry: str = ""
    optional: bool = False
    advanced: bool = False
    doc: str = ""
    style: str = ""
    series: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(f"field {self.name!r} needs a lower-case name and a kind of {sorted(KINDS)}")
        if self.kind == "choice" and not self.choices or self.kind == "table" and not self.columns:
            raise ValueError(f"field {self.name!r} of kind {self.kind} needs its choices or columns")

    def label(self, translate: Callable[[str], str] = str) -> str:
        """Return the title with its unit, as a form shows it.

        >>> Field("rain", "Rain", "number", "mm").label()
        'Rain [mm]'
        """
        title = translate(self.title)
        return title if self.unit == "1" else f"{title} [{self.unit}]"


def wanted(values: Values, *names: str) -> bool:
    """Return whether any of these outputs will be kept; yes, where the caller does not say.

    >>> wanted({}, "mesh"), wanted({"wanted": {"depth"}}, "mesh"), wanted({"wanted": {"depth"}}, "mesh", "depth")
    (True, False, True)
    """
    kept = values.get(WANTED)
    return kept is None or any(name in kept for name in names)


def _no_checks(_: Values) -> Iterator[Problem]:
    return iter(())


@dataclass(frozen=True)
class Model:
    """A calculation model.

    Attributes
    ----------
    id, version, title, group, summary : str
        Stable id (lower case); version of the method and its code; the rest for people.
    inputs, outputs : tuple of Field
        In the order in which a form shows them.
    run : callable
        `run(values, progress)` gets a value for every input (None for an optional one left out) and returns one for
        every output that it made; raises `ModelError`, `Cancelled`. What `wanted` denies need not be made.
    references : tuple of str
        Where the method is published.
    validity : str
        Where the method holds and where not.
    check : callable
        `check(values)` yields what is wrong beyond the limits of single fields.
    privacy : str
        How open its results are, where they are not: a level of `twin.privacy`. A result "keep_until" then is the day
        after which they must be destroyed.
    any_crs : bool
        Layers may be in any projected system in metres, all in the same one; results are in it too. Otherwise, and
        where they are not alike, they are brought to RD New first.
    beside : bool
        Layers need not lie over each other: what lies beside counts too.
    uncertainty : str
        How far results may be off, and what makes them so, where more is known of it than `validity` says.
    owner, licence : str
        Who answers for the model, and its licence (SPDX); those of the plugin where nothing is said.
    twin_kind : str
        For which kind of digital twin it is made, a key of `TWIN_KINDS`.
    """

    id: str
    version: str
    title: str
    group: str
    summary: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    run: Callable[[Values, Progress], dict[str, Any]]
    references: tuple[str, ...] = ()
    validity: str = ""
    check: Callable[[Values], Iterator[Problem]] = _no_checks
    privacy: str = ""
    beside: bool = False
    any_crs: bool = False
    uncertainty: str = ""
    owner: str = ""
    licence: str = ""
    twin_kind: str = "experimental"

    def __post_init__(self) -> None:
        names = [item.name for item in (*self.inputs, *self.outputs)]
        if len(set(names)) != len(names) or not re.fullmatch(r"[a-z][a-z0-9_]*", self.id):
            raise ValueError(f"model {self.id!r} needs a lower-case id and each field name once")
        if self.twin_kind not in TWIN_KINDS:
            raise ValueError(f"model {self.id!r} needs a kind of twin of {sorted(TWIN_KINDS)}")

    def input(self, name: str) -> Field:
        """Return the input of a name."""
        return next(item for item in self.inputs if item.name == name)
