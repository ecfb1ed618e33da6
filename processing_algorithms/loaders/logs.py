"""Soundings, boreholes, wells and levels: from files, and by area from the basic register of the subsurface (BRO)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Union

from dtwin_plugin.data import Features, Logs
from dtwin_plugin.errors import Cancelled, DtwinError, InputError, OfflineError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.translate import mark

from .common import ASSUME_CRS, EXTENT, GROUP, REQUIRED_EXTENT, names_in, transport
from .log_outputs import COLUMN_DIAMETER, GROUND, LOG_OUTPUTS, LogTables, Noted

if TYPE_CHECKING:
    from collections.abc import Callable

    Found = Union[Logs, Features]

_KINDS = "cpt, bhrgt, bhrg, bhrp, sfr, gmw, gld, gmn, gar, guf"
_READ = 0.7  # part of the work


def _run_bro(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.bro import BroService

    kinds = names_in(values["kinds"]) or []
    if not kinds:
        raise InputError("No kinds are given.", hint="Choose some of {kinds}.", kinds=_KINDS)
    noted = Noted(progress)
    services = [BroService(kind, transport=transport(), url=_address(kind, values)) for kind in dict.fromkeys(kinds)]

    def readers() -> Iterator[tuple[str, Callable[[Progress], Iterator[Found]]]]:
        for service in services:
            yield service.kind.upper(), lambda part, own=service: own.read(values["extent"], part)  # type: ignore[misc]

    tables = _gathered(readers(), len(services), noted)
    return tables.outputs(values, Part(noted, _READ, 1.0), mark("The BRO"), noted)


def _address(kind: str, values: Values) -> str | None:
    """Return the address of a service of the user's own, in which {kind} stands for the kind; None for that known."""
    text = (values["address"] or "").strip()
    return text.replace("{kind}", kind.lower()) if text else None


def _run_files(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.log_collection import readings

    paths = [path for path in (values["file"], values["folder"]) if path]
    if not paths:
        raise InputError("Neither a file nor a folder is given.", hint="Choose one.")
    noted = Noted(progress)
    found = [item for path in paths for item in readings(path, assume_crs=values["assume_crs"] or None, told=noted)]
    readers = ((item.name, lambda part, own=item: own.read(values["extent"], part)) for item in found)  # type: ignore[misc]
    tables = _gathered(readers, len(found), noted)
    return tables.outputs(values, Part(noted, _READ, 1.0), str(values["file"] or values["folder"]), noted)


def _gathered(
    readers: Iterator[tuple[str, Callable[[Progress], Iterator[Found]]]], count: int, noted: Noted
) -> LogTables:
    """Read one thing after the other; what is refused is told, and stops no other.

    Raises
    ------
    DtwinError
        If all are refused: what the first was refused for.
    """
    tables, refused = LogTables(), list[DtwinError]()
    for number, (name, read) in enumerate(readers):
        part = Part(noted, _READ * number / count, _READ * (number + 1) / count)
        try:
            for found in read(part):
                tables.add(found)
        except (Cancelled, OfflineError):
            raise
        except DtwinError as error:
            refused.append(error)
            noted.refuse(name, error)
    if refused and len(refused) == count:
        raise refused[0]
    tables.refused = len(refused)
    return tables


_PLACES = "Only what lies in it is read; default all."
_REFERENCES = (
    "Basisregistratie Ondergrond: catalogues of CPT, BHR-GT, BHR-P, BHR-G, SFR, GMW, GLD, GMN, GAR and GUF.",
    "Robertson (2009), Interpretation of cone penetration tests - a unified approach. Can. Geotech. J. 46, 1337-1355.",
    "NEN-EN-ISO 22476-1:2012, Electrical cone and piezocone penetration test.",
)
_VALIDITY = (
    "A layer of a cone penetration test is a run of equal soil behaviour: how the soil acts under the cone, and not a "
    "sample of it. What was not measured is empty; heights are m NAP, depths m below the surface."
)

LOAD_BRO = Model(
    id="loadbro",
    version="1.0.0",
    title="Load soundings, boreholes and wells (BRO)",
    group=GROUP,
    summary="Objects of the basic register of the subsurface by area: cone penetration tests with their curves, "
    "boreholes as sticks coloured by soil, wells with screens, groundwater levels and composition.",
    inputs=(
        REQUIRED_EXTENT,
        Field(
            "kinds",
            "Kinds",
            "text",
            default="cpt, bhrgt, gmw, gld",
            doc="With commas between them: cpt, bhrgt, bhrg, bhrp, sfr, gmw, gld, gmn, gar, guf. Each is a search, and "
            "a request for each object in the area.",
        ),
        GROUND,
        COLUMN_DIAMETER,
        Field(
            "address",
            "Address",
            "text",
            optional=True,
            advanced=True,
            doc="Of a service of your own, in which {kind} stands for the kind; default that of the BRO.",
        ),
    ),
    outputs=LOG_OUTPUTS,
    run=_run_bro,
    references=_REFERENCES,
    validity=_VALIDITY,
)

LOAD_LOGS = Model(
    id="loadlogs",
    version="1.0.0",
    title="Load soundings and boreholes from files",
    group=GROUP,
    summary="Cone penetration tests, boreholes, wells and levels from GEF, BRO documents, the GeoPackage of the BRO, "
    "DINO text files and tables (CSV, Parquet): one file, a zip or a folder with all of these.",
    inputs=(
        Field("file", "File", "file", optional=True, doc="A file or a zip of files."),
        Field(
            "folder",
            "Folder",
            "text",
            optional=True,
            doc="The path of a folder; all that is read here in it and in the folders within it is loaded.",
        ),
        replace(EXTENT, doc=mark(_PLACES)),
        GROUND,
        COLUMN_DIAMETER,
        ASSUME_CRS,
    ),
    outputs=LOG_OUTPUTS,
    run=_run_files,
    references=(*_REFERENCES, "GEF-CPT-Report 1.1.2 and GEF-BORE-Report 1.0.0, CUR-commissie GEF."),
    validity=_VALIDITY,
)
