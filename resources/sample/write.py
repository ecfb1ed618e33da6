"""Writing rasters, GeoPackages and the description of the set, the same bytes every time where the format allows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr

from . import EXTENT, SEED, X_ORIGIN, Y_ORIGIN
from .bgt import LAYERS, Piece
from .buildings import Building
from .geometry import CELL, rd, snapped
from .streets import Street
from .trees import Tree

NODATA = 3.4028234663852886e38  # as the AHN web service gives it
ORIGIN = np.array([X_ORIGIN, Y_ORIGIN])
STAMP = "2025-09-03T00:00:00.000Z"
DAY, EVENING, NIGHT = 0.067, 0.030, 0.0095  # share of the daily traffic in one hour of each period


def write_raster(values: np.ndarray, path: Path, description: str) -> None:
    """Write heights as a tiled GeoTIFF in RD New; NaN becomes the no-data value of the AHN."""
    rows, columns = values.shape
    options = ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE", "PREDICTOR=3"]
    target = gdal.GetDriverByName("GTiff").Create(str(path), columns, rows, 1, gdal.GDT_Float32, options)
    target.SetGeoTransform((EXTENT[0], CELL, 0.0, EXTENT[3], 0.0, -CELL))
    target.SetProjection(rd(28992).ExportToWkt())
    target.SetMetadataItem("AREA_OR_POINT", "Area")
    band = target.GetRasterBand(1)
    band.SetNoDataValue(NODATA)
    band.SetDescription(description)
    band.SetUnitType("m")
    band.WriteArray(np.where(np.isnan(values), np.float32(NODATA), np.round(values, 3)).astype(np.float32))
    target = None


def _create(path: Path) -> ogr.DataSource:
    return ogr.GetDriverByName("GPKG").CreateDataSource(str(path), ["DATETIME_FORMAT=UTC"])


def _layer(
    source: ogr.DataSource, name: str, kind: int, fields: dict[str, int], code: int = 28992, title: str = ""
) -> ogr.Layer:
    options = ["GEOMETRY_NAME=geom", "SPATIAL_INDEX=YES", *([f"IDENTIFIER={title}"] if title else [])]
    layer = source.CreateLayer(name, rd(code), kind, options)
    for field, field_type in fields.items():
        layer.CreateField(ogr.FieldDefn(field, field_type))
    return layer


def _insert(layer: ogr.Layer, geometry: ogr.Geometry, values: dict) -> None:
    feature = ogr.Feature(layer.GetLayerDefn())
    for key, value in values.items():
        if value is not None:
            feature.SetField(key, value)
    feature.SetGeometry(geometry)
    layer.CreateFeature(feature)


def write_bgt(pieces: list[Piece], path: Path) -> dict[str, int]:
    """Write the BGT with one layer a class; give the number of objects in each."""
    text, whole, real = ogr.OFTString, ogr.OFTInteger, ogr.OFTReal
    common = {"lokaal_id": text, "bronhouder": text, "bgt_status": text, "plus_status": text}
    common |= {"begin_registratie": text, "eind_registratie": text, "relatieve_hoogteligging": whole}
    cover = {"fysiek_voorkomen": text, "plus_fysiek_voorkomen": text}
    own: dict[str, dict[str, int]] = {
        "wegdeel": {"functie": text, "plus_functie": text, **cover},
        "ondersteunendwegdeel": {"functie": text, "plus_functie": text, **cover},
        "waterdeel": {"type": text, "plus_type": text, "peil": real, "bodemhoogte": real},
        "begroeidterreindeel": cover,
        "onbegroeidterreindeel": cover,
        "pand": {"identificatie_bag_pnd": text},
    }
    source, counts = _create(path), {}
    for name in LAYERS:
        chosen = [piece for piece in pieces if piece.layer == name]
        layer = _layer(source, name, ogr.wkbPolygon, {**common, **own[name]})
        layer.StartTransaction()
        for piece in chosen:
            for i, part in enumerate(snapped(piece.geometry, ORIGIN)):
                suffix = {"lokaal_id": f"{piece.fields['lokaal_id']}-{i}"} if i else {}
                _insert(layer, part, {**piece.fields, **suffix})
        layer.CommitTransaction()
        counts[name] = layer.GetFeatureCount()
    source = None
    return counts


def write_roads(nodes: list[tuple[float, float]], links: list[dict], path: Path) -> None:
    """Write the road sections in the columns of the NWB, with traffic a period and what a noise model needs."""
    text, whole, real = ogr.OFTString, ogr.OFTInteger, ogr.OFTReal
    fields = {"WVK_ID": whole, "JTE_ID_BEG": whole, "JTE_ID_END": whole, "STT_NAAM": text, "WEGBEHSRT": text}
    fields |= {
        "RIJRICHTNG": text,
        "BST_CODE": text,
        "GME_NAAM": text,
        "snelheid": whole,
        "wegdek": text,
        "etmaalintensiteit": whole,
    }
    periods = {"dag": DAY, "avond": EVENING, "nacht": NIGHT}
    fields |= {f"intensiteit_{c}_{p}": real for c in ("lv", "mv", "zv") for p in periods}
    source = _create(path)
    layer = _layer(source, "wegvakken", ogr.wkbLineString, fields)
    layer.StartTransaction()
    for i, link in enumerate(links):
        street: Street = link["street"]
        values = {
            "WVK_ID": 600000001 + i,
            "JTE_ID_BEG": 500000001 + link["begin"],
            "JTE_ID_END": 500000001 + link["end"],
        }
        values |= {"STT_NAAM": street.name, "WEGBEHSRT": "G", "RIJRICHTNG": "B", "GME_NAAM": "Waterdam"}
        values |= {
            "BST_CODE": "RB",
            "snelheid": street.profile.speed,
            "etmaalintensiteit": round(sum(street.profile.traffic)),
        }
        values["wegdek"] = {"asfalt": "DAB", "gebakken klinkers": "klinkers"}.get(
            street.profile.material, "elementen in keperverband"
        )
        for category, day in zip(("lv", "mv", "zv"), street.profile.traffic):
            values |= {f"intensiteit_{category}_{p}": round(day * share, 2) for p, share in periods.items()}
        geometry = ogr.Geometry(ogr.wkbLineString)
        for x, y in np.round(link["line"] + ORIGIN, 3):
            geometry.AddPoint_2D(float(x), float(y))
        _insert(layer, geometry, values)
    layer.CommitTransaction()
    junctions = _layer(source, "juncties", ogr.wkbPoint, {"JTE_ID": whole})
    for i, (x, y) in enumerate(nodes):
        geometry = ogr.Geometry(ogr.wkbPoint)
        geometry.AddPoint_2D(round(x + X_ORIGIN, 3), round(y + Y_ORIGIN, 3))
        _insert(junctions, geometry, {"JTE_ID": 500000001 + i})
    source = None


def write_trees(trees: list[Tree], path: Path) -> None:
    """Write the trees as points on the ground."""
    source = _create(path)
    fields = {"boom_id": ogr.OFTInteger, "hoogte": ogr.OFTReal, "kroondiameter": ogr.OFTReal, "soort": ogr.OFTString}
    layer = _layer(source, "bomen", ogr.wkbPoint25D, fields, 7415)
    layer.StartTransaction()
    for i, tree in enumerate(trees):
        geometry = ogr.Geometry(ogr.wkbPoint25D)
        geometry.AddPoint(round(tree.x + X_ORIGIN, 2), round(tree.y + Y_ORIGIN, 2), tree.z)
        _insert(
            layer,
            geometry,
            {"boom_id": i + 1, "hoogte": tree.height, "kroondiameter": tree.crown, "soort": tree.species},
        )
    layer.CommitTransaction()
    source = None


def write_manifest(folder: Path, buildings: list[Building], counts: dict) -> None:
    """Write what the set is: its extent, its reference systems, its counts and its licence."""
    uses: dict[str, int] = {}
    for building in buildings:
        uses[building.house.use] = uses.get(building.house.use, 0) + 1
    manifest = {
        "title": "Waterdam",
        "description": "A fictional neighbourhood of 1 km2 in the western polder of the Netherlands, made by rule. "
        "No place, building, street or person in it exists.",
        "fictional": True,
        "seed": SEED,
        "licence": "CC0-1.0",
        "extent": EXTENT,
        "crs": {"horizontal": "EPSG:28992", "vertical": "EPSG:5709", "compound": "EPSG:7415"},
        "counts": {"buildings": len(buildings), "by_use": uses, **counts},
        "notes": [
            "terrain_05m.tif has no ground below buildings and water, as the AHN; terrain_05m_filled.tif has no "
            "holes: water at its level (its bed is the field bodemhoogte of waterdeel), buildings at their floor.",
            "intensiteit_* are vehicles an hour in the day (7-19), evening (19-23) and night (23-7).",
            "In the BGT, level 0 covers the ground once; bridges and the railway viaduct lie on level 1.",
            "subsurface/ has voxels as GeoTOP, and cone tests, boreholes, wells and levels as the BRO gives them, the "
            "tests as GEF too; klic/ a delivery in IMKL 2.0, confidential as all of them are, though it is fictional.",
            "traffic.gpkg has zones, gates and three variants of the roads; count is the traffic that is assumed, in "
            "an hour of the day. rates_example.csv and vehicles_example.csv are invented: not for decisions.",
            "plan.gpkg is a plan for the Parklaan, and measures.gpkg one against water in the Wilhelminastraat.",
        ],
        "files": sorted({path.name for path in folder.iterdir()} | {"manifest.json"}),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
