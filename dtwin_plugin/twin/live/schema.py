"""The GeoPackage of a history: its tables, and the views that QGIS shows as layers.

Written with SQLite alone: one row may be added while QGIS reads, and none is lost where QGIS dies half way.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dtwin_plugin.errors import FormatError, UnavailableError

VERSION = "history of live data 1"  # kept as the description of a table
_PACKAGE_VERSION = 10300  # GeoPackage 1.3
_APPLICATION = 0x47504B47  # "GPKG" (OGC 12-128r19, requirement 2)
_PATIENCE = 20.0  # s that a second QGIS waits for the first to have written
LAST, ALL = "last_values", "observed"

_RD = (
    'PROJCS["Amersfoort / RD New",GEOGCS["Amersfoort",DATUM["Amersfoort",SPHEROID["Bessel 1841",6377397.155,'
    '299.1528128]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Oblique_Stereographic"],'
    'PARAMETER["latitude_of_origin",52.1561605555556],PARAMETER["central_meridian",5.38763888888889],'
    'PARAMETER["scale_factor",0.9999079],PARAMETER["false_easting",155000],PARAMETER["false_northing",463000],'
    'UNIT["metre",1],AUTHORITY["EPSG","28992"]]'
)
_WGS = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
_PACKAGE = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  PRIMARY KEY (table_name, column_name));
CREATE TABLE stations (fid INTEGER PRIMARY KEY AUTOINCREMENT, geom POINT, source TEXT NOT NULL, station TEXT NOT NULL,
  name TEXT, UNIQUE (source, station));
CREATE TABLE channels (fid INTEGER PRIMARY KEY AUTOINCREMENT, station INTEGER NOT NULL REFERENCES stations (fid),
  quantity TEXT NOT NULL, part TEXT NOT NULL, unit TEXT, title TEXT, latest INTEGER, UNIQUE (station, quantity, part));
CREATE TABLE observations (fid INTEGER PRIMARY KEY AUTOINCREMENT, channel INTEGER NOT NULL REFERENCES channels (fid),
  begins DATETIME NOT NULL, ends DATETIME NOT NULL, known DATETIME, value DOUBLE, quality INTEGER NOT NULL,
  received DATETIME NOT NULL, UNIQUE (channel, begins, ends));
CREATE INDEX observations_begins ON observations (begins);
CREATE TABLE revisions (fid INTEGER PRIMARY KEY AUTOINCREMENT, channel INTEGER NOT NULL, begins DATETIME NOT NULL,
  ends DATETIME NOT NULL, known DATETIME, value DOUBLE, quality INTEGER NOT NULL, received DATETIME NOT NULL);
CREATE UNIQUE INDEX revisions_once ON revisions (channel, begins, ends, coalesce(known, ''), coalesce(value, 'none'));
CREATE TABLE gaps (fid INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, begins DATETIME NOT NULL,
  ends DATETIME NOT NULL, reason TEXT NOT NULL, UNIQUE (source, begins, ends));
CREATE TABLE feeds (source TEXT PRIMARY KEY, covered DATETIME, asked DATETIME, current_s DOUBLE, published DATETIME);
CREATE VIEW last_values AS SELECT c.fid AS OGC_FID, s.geom AS geom, s.source AS source, s.station AS station,
  s.name AS name, c.quantity AS quantity, c.part AS part, o.value AS value, c.unit AS unit, o.begins AS begins,
  o.ends AS ends, o.known AS known, o.quality AS quality, CAST(strftime('%s', o.ends) AS INTEGER) AS ended_s,
  coalesce(f.current_s, 3600.0) AS current_s
  FROM channels c JOIN stations s ON s.fid = c.station JOIN observations o ON o.fid = c.latest
  LEFT JOIN feeds f ON f.source = s.source;
CREATE VIEW observed AS SELECT o.fid AS OGC_FID, s.geom AS geom, s.source AS source, s.station AS station,
  s.name AS name, c.quantity AS quantity, c.part AS part, o.value AS value, c.unit AS unit, o.begins AS begins,
  o.ends AS ends, o.known AS known, o.quality AS quality
  FROM observations o JOIN channels c ON c.fid = o.channel JOIN stations s ON s.fid = c.station;
"""
_LAYERS = (("stations", "features"), (LAST, "features"), (ALL, "features"))
_TABLES = ("channels", "observations", "revisions", "gaps", "feeds")


def opened(path: Path) -> sqlite3.Connection:
    """Open a history, which is made where there is none; raises FormatError for a file that is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        is_new = not _tables(store)
        if not is_new and not _is_ours(store):
            raise sqlite3.DatabaseError  # and nothing of it is changed
        if is_new:
            store.execute("PRAGMA auto_vacuum = INCREMENTAL")
        # readers do not wait for a writer, and a writer that dies leaves all as it was
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = NORMAL")
        if is_new:  # who only reads does not wait for who writes
            store.execute("BEGIN IMMEDIATE")
            if not _tables(store):  # another QGIS may have made it meanwhile
                _make(store)
            store.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        store.close()
        if is_busy(error):
            raise busy(path) from error
        raise FormatError(
            "{file} is no history of live data that can be used.", hint="Choose another file.", file=path.name
        ) from error
    return store


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another program writes in the file."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def busy(path: Path) -> UnavailableError:
    """Return the error of a file that another program did not let go of."""
    return UnavailableError(
        "{file} is kept busy by another program for more than {seconds:g} s.",
        hint="Close the program that writes in it; it is tried again.",
        file=path.name,
        seconds=_PATIENCE,
    )


def _is_ours(store: sqlite3.Connection) -> bool:
    told = store.execute("SELECT description FROM gpkg_contents WHERE table_name = 'feeds'").fetchone()
    return bool(told == (VERSION,))


def _tables(store: sqlite3.Connection) -> set[str]:
    return {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _make(store: sqlite3.Connection) -> None:
    for statement in _PACKAGE.split(";\n"):
        if statement.strip():
            store.execute(statement)
    store.execute(f"PRAGMA application_id = {_APPLICATION}")
    store.execute(f"PRAGMA user_version = {_PACKAGE_VERSION}")
    systems = [
        ("Amersfoort / RD New", 28992, "EPSG", 28992, _RD),
        ("WGS 84", 4326, "EPSG", 4326, _WGS),
        ("Undefined Cartesian", -1, "NONE", -1, "undefined"),
        ("Undefined geographic", 0, "NONE", 0, "undefined"),
    ]
    store.executemany(
        "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition) "
        "VALUES (?, ?, ?, ?, ?)",
        systems,
    )
    for table, kind in _LAYERS:
        store.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, 28992)",
            (table, kind, table),
        )
        store.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', 28992, 0, 0)", (table,))
    for table in _TABLES:
        store.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES (?, 'attributes', ?, ?)",
            (table, table, VERSION if table == "feeds" else ""),
        )
