"""Time series of any file or answer: what it is, is told by what is in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from dtwin_plugin.data import Features, Series
from dtwin_plugin.errors import FormatError, SourceError, file_error

from . import air, coverage, diver, knmi, messages, ngsi_ld, sensorthings, tables
from .builder import Builder
from .datex import add_measured
from .datex_sites import Site, SiteTable, read_sites, tables_beside
from .datex_situations import read_situations
from .documents import LARGEST, documents
from .heads import kind_of
from .times import moment
from .unpacked import joined, unpacked

_HEAD = 1 << 16


def read_series(path: str | Path, sites: str | Path | SiteTable | None = None) -> Series:
    """Return the time series of a file, or of all SensorThings files of a folder together.

    Parameters
    ----------
    path
        A file, gzipped or not, or a folder.
    sites
        The table of measurement sites (a file, or what `read_sites` gives), which measured data of the NDW go with.
        Default the one beside the file by the name that the NDW gives it, where there is one.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read, or is none of the kinds that are read here.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path)
    build = Builder(path.name)
    try:
        with path.open("rb") as raw:
            head = unpacked(raw, path.name).read(_HEAD)
        if kind_of(head) == "rain":
            knmi.add_rain(path, build)
            return build.series()
        table = _table(path, sites) if kind_of(head) == "measured" else {}
        with path.open("rb") as raw:
            add_stream(unpacked(raw, path.name), build, table)
    except OSError as error:
        raise file_error(error) from error
    return build.series()


def parse(body: bytes, name: str, sites: Mapping[str, Site] | None = None) -> Series:
    """Return the time series of an answer of a server, gzipped or not; `name` is the source that they are of.

    Raises
    ------
    FormatError
        As `read_series`.
    """
    build = Builder(name)
    add_stream(unpacked(io.BytesIO(body), name), build, sites or {})
    return build.series()


def _folder(path: Path) -> Series:
    """Read the JSON of a folder as one: entities of SensorThings may stand in files of their own."""
    build = Builder(path.name)
    entities = sensorthings.SensorThings(build)
    for file in sorted(path.glob("*.json")):
        part = Builder(file.name)
        try:
            if file.stat().st_size > LARGEST:
                continue
            for document in documents(file.read_bytes(), part):
                if sensorthings.looks_like(document):
                    entities.add(document)
        except SourceError as error:
            build.remark("{file} is left out: {reason}", file=file.name, reason=str(error))
        for remark in part.series().remarks:
            build.remark(remark.message, **remark.values)
    entities.finish()
    if not build.stations:
        raise FormatError("The folder {file} has no SensorThings.", file=path.name)
    return build.series()


def _table(path: Path, sites: str | Path | SiteTable | None) -> Mapping[str, Site]:
    if isinstance(sites, dict):
        return sites
    beside = [path.with_name(name) for name in tables_beside(path.name)]
    found = Path(sites) if sites else next((file for file in beside if file.is_file()), None)
    if found is None:
        return {}
    with found.open("rb") as raw:
        return read_sites(unpacked(raw, found.name), found.name)


def add_stream(stream: IO[bytes], build: Builder, sites: Mapping[str, Site], only: bool = False) -> None:
    """Add what a stream holds, by its first bytes; `only` the sites of the table, of what has one.

    Raises
    ------
    FormatError
        If it is none of the kinds.
    """
    head = stream.read(_HEAD)
    whole = joined(head, stream)
    kind = kind_of(head)
    if kind in ("measured", "sites"):
        own = add_measured(whole, build, sites, only)
        for name, site in own.items() if not len(build) else ():
            build.station(name, site.place, name=site.name, lanes=site.lanes, side=site.side)
    elif kind == "situations":
        add_situations(read_situations(whole, build.source), build)
    elif kind == "json":
        _add_json(documents(_limited(whole, build), build), build)
    elif kind in _TEXTS:
        _TEXTS[kind](_limited(whole, build).decode("utf-8-sig", "replace"), build)
    else:
        raise FormatError(
            "{file} has no time series of a kind that is read here.",
            hint="Read are DATEX II, SensorThings, NGSI-LD, CoverageJSON, Luchtmeetnet, CSV of the NDW and Waterinfo, "
            "and loggers.",
            file=build.source,
        )


_TEXTS: dict[str, Callable[[str, Builder], None]] = {
    "ndw_csv": tables.add_ndw,
    "water_csv": tables.add_water,
    "logger": diver.add_logger,
}


def _limited(stream: IO[bytes], build: Builder) -> bytes:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise FormatError(
            "{file} has more than {limit} MB.", hint="Read a part of it.", file=build.source, limit=LARGEST >> 20
        )
    return data


def add_situations(pieces: list[Features], build: Builder) -> None:
    """Add situations as stations with one value: 1 while they hold."""
    kind = build.quantity("situation", "1")
    for piece in pieces:
        spans = piece.geometries.coordinate_spans()
        for row in range(len(piece)):
            told = {name: values[row] for name, values in piece.columns.items()}
            place = [tuple(xy) for xy in piece.geometries.coordinates[spans[row] : spans[row + 1]].tolist()]
            plain = {key: value for key, value in told.items() if isinstance(value, str) and key != "id"}
            number = build.station(told.get("id"), place, **{**plain, "name": told.get("type")})
            begin, end = moment(told.get("valid_from")), moment(told.get("valid_to"))
            if begin is not None:
                build.add(number, kind, begin, 1.0, end)


def _add_json(found: list[Any], build: Builder) -> None:
    entities = sensorthings.SensorThings(build)
    read = 0
    for document in found:
        read += 1
        if messages.looks_like(document):
            messages.add_message(document, build)
        elif coverage.looks_like(document):
            coverage.add_coverages(document, build)
        elif air.looks_like(document):
            air.add_answer(document, build)
        elif knmi.is_stations(document):
            knmi.add_stations(document, build)
        elif ngsi_ld.looks_like(document):
            ngsi_ld.add_entities(document, build)
        elif sensorthings.looks_like(document):
            entities.add(document)
        else:
            read -= 1
    entities.finish()
    if not read:
        raise FormatError("{file} has no measurements that are read here.", file=build.source)
