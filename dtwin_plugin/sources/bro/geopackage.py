"""The GeoPackage with all cone penetration tests of the BRO, as PDOK offers it: 19 tables that refer to each other.

The file is read as the SQLite database that it is: only the tests of an area are fetched, some hundreds at a time.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Logs
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.stop import stop_if_asked

from .collect import Collector, within
from .cpt import ORDER, UNITS, curves
from .record import Record
from .tree import as_number, snake

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 500  # tests
_SURVEY, _RESULT = "geotechnical_cpt_survey", "cone_penetration_test_result"
_TABLES = {_SURVEY, _RESULT, "cone_penetration_test", "cone_penetrometer_survey", "bro_point"}
_MOST = 20_000_000  # rows of one chunk, where the file has no index to fetch them by
# Tables of one row a test, how they are joined to it, and what is taken from them as columns of a site.
_SITES = f"""
SELECT survey.fid, test.cone_penetration_test_pk, survey.bro_id, place.crs, point.x_or_lon, point.y_or_lat,
       vertical."offset", vertical.vertical_datum, vertical.local_vertical_reference_point,
       survey.quality_regime, survey.delivery_accountable_party, survey.survey_purpose, survey.research_report_date,
       survey.cpt_standard, penetrometer.cpt_method, penetrometer.quality_class, penetrometer.stop_criterion,
       path.predrilled_depth, path.final_depth, test.start_time, history.registration_status,
       history.object_registration_time, history.deregistered
FROM {_SURVEY} survey
LEFT JOIN delivered_location location ON location.geotechnical_cpt_survey_fk = survey.fid
LEFT JOIN bro_location place ON place.delivered_location_fk = location.delivered_location_pk
LEFT JOIN bro_point point ON point.bro_location_fk = place.bro_location_pk
LEFT JOIN delivered_vertical_position vertical ON vertical.geotechnical_cpt_survey_fk = survey.fid
LEFT JOIN cone_penetrometer_survey penetrometer ON penetrometer.geotechnical_cpt_survey_fk = survey.fid
LEFT JOIN trajectory path ON path.cone_penetrometer_survey_fk = penetrometer.cone_penetrometer_survey_pk
LEFT JOIN cone_penetration_test test ON test.cone_penetrometer_survey_fk = penetrometer.cone_penetrometer_survey_pk
LEFT JOIN registration_history history ON history.geotechnical_cpt_survey_fk = survey.fid
ORDER BY survey.fid
"""
_TEXTS = (
    "quality_regime", "owner", "purpose", "report_date", "standard", "method", "quality_class", "stop_criterion",
)  # fmt: skip
_CRS = {"RD": RD, "ETRS89": "EPSG:4258", "WGS84": "EPSG:4326"}


def is_bro(path: Path) -> bool:
    """Tell whether a file is such a GeoPackage, by its tables."""
    try:
        with path.open("rb") as stream:
            if stream.read(16) != b"SQLite format 3\0":
                return False
        with closing(_connect(path)) as base:
            return set(_tables(base)) >= _TABLES
    except (sqlite3.Error, OSError, UnicodeDecodeError):  # the last where sqlite quotes what is damaged
        return False


class BroGeoPackageSource:
    """Cone penetration tests from the GeoPackage of PDOK, as logs.

    Parameters
    ----------
    path : str or path
    chunk : int
        Tests of one chunk.
    """

    def __init__(self, path: str | Path, *, chunk: int = CHUNK) -> None:
        self.path, self.chunk = Path(path), chunk

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, with the extent in ETRS89 as the file states it.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read, or is another GeoPackage.
        """
        with self._base() as base:
            layers = {name: _one(base, f'SELECT count(*) FROM "{name}"') for name in _tables(base)}
            box = base.execute(
                "SELECT min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents WHERE table_name = ?", (_SURVEY,)
            ).fetchone()
            title = base.execute(f"SELECT min(bro_id), max(bro_id) FROM {_SURVEY}").fetchone()
        edges = tuple(as_number(edge) for edge in box[:4]) if box else ()
        facts: dict[str, Any] = {
            "layers": layers,
            "objects": {"CPT": layers[_SURVEY]},
            "rows": layers[_RESULT],
            "ids": [str(name) for name in title if name],
        }
        extent = edges if len(edges) == 4 and all(map(math.isfinite, edges)) else None
        crs = f"EPSG:{int(box[4])}" if box and isinstance(box[4], int) and box[4] > 0 else None
        return SourceInfo("BRO CPT GeoPackage", "logs", crs, extent, layers[_SURVEY], facts)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Logs]:
        """Yield chunks of the tests in an area (None = all).

        Raises
        ------
        SourceError, FormatError
            If it cannot be read, or is another GeoPackage.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        with self._base() as base:
            sites = list(self._sites(base, extent, progress))
            collector = Collector(self.chunk, progress)
            for start in range(0, len(sites), self.chunk):
                stop_if_asked(progress)
                part = sites[start : start + self.chunk]
                rows = self._rows(base, [test for test, _ in part if test is not None], progress)
                for test, record in part:
                    record.rows = curves(rows.get(test, {}) if test is not None else {})
                    for found in collector.add(record):
                        yield from _cut(found, extent)
                progress.report((start + len(part)) / len(sites), "{count} tests", count=start + len(part))
            for found in collector.rest():
                yield from _cut(found, extent)

    def _sites(self, base: Any, extent: Extent | None, progress: Progress) -> Iterator[tuple[int | None, Record]]:
        """Yield the tests, each once, that may lie in an area, with the number by which its rows are found."""
        seen: set[int] = set()
        for number, row in enumerate(base.execute(_SITES)):
            if number % 10_000 == 0:
                stop_if_asked(progress)
            fid = int(row[0])
            if fid in seen:
                continue
            seen.add(fid)
            record = _record(row)
            place = record.rd
            if extent is not None and place is not None and not extent.intersects(Extent(*place, *place)):
                continue
            yield (int(row[1]) if isinstance(row[1], int) else None), record

    def _rows(self, base: Any, tests: list[int], progress: Progress) -> dict[int, dict[str, NDArray[np.float64]]]:
        """Return the measured columns of tests, by the names of the BRO."""
        names = {snake(name): name for name in ORDER}
        there = [row[1] for row in base.execute(f"PRAGMA table_info({_RESULT})") if row[1] in names]
        columns = ", ".join(f'"{name}"' for name in there)
        wanted = ", ".join(str(test) for test in tests)  # whole numbers only
        query = (
            f"SELECT cone_penetration_test_fk, {columns} FROM {_RESULT} "
            f"WHERE cone_penetration_test_fk IN ({wanted}) ORDER BY cone_penetration_test_fk LIMIT {_MOST + 1}"
        )
        found: dict[int, list[tuple[Any, ...]]] = {}
        for number, row in enumerate(base.execute(query)):
            if number % 100_000 == 0:
                stop_if_asked(progress)
            found.setdefault(int(row[0]), []).append(row[1:])
            if number >= _MOST:
                raise _wrong(self.path, f"more than {_MOST} rows for {len(tests)} tests")
        result = {}
        for test, rows in found.items():
            table = np.array([[as_number(value) for value in row] for row in rows], float).reshape(len(rows), -1)
            result[test] = {names[name]: table[:, index] for index, name in enumerate(there)}
        return result

    @contextmanager
    def _base(self) -> Iterator[Any]:
        """Give the database, for reading only; raises SourceError, FormatError."""
        if not self.path.is_file():
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(self.path))
        try:
            with closing(_connect(self.path)) as base:
                missing = sorted(_TABLES - set(_tables(base)))
                if missing:
                    raise _wrong(self.path, f"it has no table {', '.join(missing)}")
                yield base
        except (sqlite3.Error, OverflowError, TypeError, ValueError) as error:
            raise _wrong(self.path, str(error)) from error


def _record(row: tuple[Any, ...]) -> Record:
    datum = str(row[7] or "NAP").upper()
    site: dict[str, Any] = {
        "id": str(row[2] or f"CPT {row[0]}"),
        "object": "CPT",
        "surface": as_number(row[6]) if datum == "NAP" else math.nan,
        "vertical_reference": row[8],
        **{name: None if value is None else str(value) for name, value in zip(_TEXTS, row[9:17])},
        "predrilled_depth": as_number(row[17]),
        "final_depth": as_number(row[18]),
        "date": row[19],
        "status": row[20],
        "registered": row[21],
        "deregistered": row[22],
    }
    crs, x, y = _CRS.get(str(row[3])), as_number(row[4]), as_number(row[5])
    placed = crs is not None and not math.isnan(x + y)
    # Degrees stand in this file as longitude and latitude.
    positions: dict[str, tuple[float, ...]] = {}
    if placed and crs is not None:
        positions[crs] = (x, y) if crs == RD else (y, x)
    return Record("cpt", "CPT", site, positions, {}, UNITS)


def _connect(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    base.execute("PRAGMA trusted_schema = OFF")
    base.text_factory = lambda data: data.decode("utf-8", "replace")
    return base


def _tables(base: Any) -> list[str]:
    """Return the tables with data of the file: no views, and none of the format itself."""
    rows = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith(("gpkg_", "rtree_", "sqlite_", "nga_")) and '"' not in name]


def _one(base: Any, query: str) -> int:
    return int(base.execute(query).fetchone()[0])


def _cut(found: Any, extent: Extent | None) -> Iterator[Logs]:
    chosen = within(found, extent)
    if isinstance(chosen, Logs):
        yield chosen


def _wrong(path: Path, reason: str) -> FormatError:
    return FormatError(
        "{file} cannot be read as the GeoPackage of the BRO: {reason}.",
        hint="Download it again.",
        file=path.name,
        reason=reason[:200].rstrip("."),
    )
