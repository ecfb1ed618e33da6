"""The national services, played on this machine with the sample municipality: 3DBAG, AHN, BAG, BGT, BRO, and more.

    python -m scripts.national DATA --catalogue FILE    serve until the end of standard input

FILE becomes a list of sources of the same form as the national one, with the addresses on this machine; the plugin uses
it when the environment variable DTWIN_CATALOGUE names it. The servers are those of the tests, quirks included.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "servers")]


def server(name: str):
    """A server of the tests, as a module."""
    return importlib.import_module(name)


def bag3d_state(data: Path):
    """The 3DBAG with the buildings of the sample."""
    bag3d = server("bag3d_server")
    head, *lines = (data / "buildings.city.jsonl").read_text(encoding="utf-8").splitlines()
    head = json.loads(head)
    scale, shift = (np.array(head["transform"][name]) for name in ("scale", "translate"))
    features = [json.loads(line) for line in lines if line.strip()]
    boxes = []
    for feature in features:
        xy = np.array(feature["vertices"], float)[:, :2] * scale[:2] + shift[:2]
        boxes.append((*xy.min(axis=0), *xy.max(axis=0)))
    boxes = np.array(boxes)

    class Sample(bag3d.Bag3d):
        def matching(self, box):
            if box is None:
                return features
            x0, y0, x1, y1 = boxes.T
            touches = (x0 <= box[2]) & (x1 >= box[0]) & (y0 <= box[3]) & (y1 >= box[1])
            return [features[row] for row in np.flatnonzero(touches)]

        def page(self, found, limit, offset):
            answer = super().page([], limit, offset)
            answer["features"] = found[offset - 1 : offset - 1 + limit]
            answer.update(numberMatched=len(found), numberReturned=len(answer["features"]))
            if answer["features"]:
                answer["metadata"] = {**head, "CityObjects": {}, "vertices": []}
            return answer

    return bag3d, Sample([])


def raster(path: Path) -> tuple[np.ndarray, float, float, float]:
    """The values of a raster (NaN = no data), its left and upper edge, and the size of its cells."""
    from osgeo import gdal

    dataset = gdal.Open(str(path))
    band = dataset.GetRasterBand(1)
    values = band.ReadAsArray().astype(float)
    values[values == band.GetNoDataValue()] = np.nan
    x_min, cell, _, y_max, _, _ = dataset.GetGeoTransform()
    return values, x_min, y_max, cell


def ahn_state(data: Path):
    """The AHN with the heights of the sample."""
    ahn = server("ahn_server")
    grids = {"dtm_05m": raster(data / "terrain_05m.tif"), "dsm_05m": raster(data / "dsm_05m.tif")}
    values, x_min, y_max, cell = grids["dtm_05m"]
    box = (x_min, y_max - cell * values.shape[0], x_min + cell * values.shape[1], y_max)

    class Sample(ahn.Ahn):
        def height(self, coverage, x, y):
            values, x_min, y_max, cell = grids[coverage or "dtm_05m"]
            column = np.clip(((x - x_min) / cell).astype(int), 0, values.shape[1] - 1)
            row = np.clip(((y_max - y) / cell).astype(int), 0, values.shape[0] - 1)
            return values[row, column]

    return ahn, Sample(box)


BAG, BGT, BORDERS = "kadaster/bag/ogc/v2", "lv/bgt/ogc/v1", "kadaster/bestuurlijkegebieden/ogc/v1"
LAYERS = ("standaard", "grijs", "pastel", "water")
MUNICIPALITY = {"identificatie": "GM9998", "naam": "Waterdam", "code": "9998"}


def geojson(path: Path, layer: str) -> list[dict]:
    """The features of a layer, as a server has them."""
    from osgeo import ogr

    dataset = ogr.Open(str(path))
    found = []
    for row in dataset.GetLayerByName(layer):
        item = json.loads(row.ExportToJson())
        found.append({**item, "id": str(item["properties"].get("lokaal_id") or item["id"])})
    return found


def middle(item: dict) -> dict:
    """A point in the middle of the box of a polygon."""
    xy = np.array(item["geometry"]["coordinates"][0], float)[:, :2]
    return {"type": "Point", "coordinates": ((xy.min(axis=0) + xy.max(axis=0)) / 2).tolist()}


def pdok_state(data: Path):
    """The feature services of PDOK: BAG, BGT and the municipality's own border."""
    pdok = server("pdok_server")
    classes = ("wegdeel", "ondersteunendwegdeel", "waterdeel", "begroeidterreindeel", "onbegroeidterreindeel", "pand")
    bgt = {name: geojson(data / "bgt.gpkg", name) for name in classes}
    bgt["vegetatieobject_punt"] = geojson(data / "trees.gpkg", "bomen")
    x_min, y_min, x_max, y_max = json.loads((data / "manifest.json").read_text(encoding="utf-8"))["extent"]
    ring = [[x_min, y_min], [x_max, y_min], [x_max, y_max], [x_min, y_max], [x_min, y_min]]
    border = pdok.feature("9998", {"type": "Polygon", "coordinates": [ring]}, **MUNICIPALITY)
    panden = [
        pdok.feature(item["id"], item["geometry"], identificatie=item["properties"].get("identificatie_bag_pnd"))
        for item in bgt["pand"]
    ]
    homes = [
        pdok.feature(
            f"a{n}", middle(item), openbare_ruimte_naam="Dorpsstraat", huisnummer=n, woonplaats_naam="Waterdam"
        )
        for n, item in enumerate(bgt["pand"], 1)
    ]
    services = {
        BAG: {"pand": panden, "adres": homes, "verblijfsobject": homes},
        BGT: bgt,
        BORDERS: {"gemeentegebied": [border]},
    }
    return pdok, pdok.Pdok(services)


def places_state(data: Path):
    """The place search of PDOK, which knows the municipality and some of its addresses."""
    places = server("locatie_server")
    state = places.Places()
    streets = [places.address(n, f"Dorpsstraat {n}, 9998AA Waterdam", 112_400 + 10 * n, 460_500) for n in range(1, 21)]
    state.documents = [places.municipality("9998", "Waterdam", 112_500, 460_500, 500), *streets]
    return places, state


def points_of(data: Path) -> bytes:
    """The point cloud of the sample as COPC, a point every metre: ground, and what stands on it."""
    from dtwin_plugin.data import PointCloud
    from dtwin_plugin.sources.copc import write_copc

    path = data / "points.copc.laz"
    if not path.is_file():
        ground, x_min, y_max, cell = raster(data / "terrain_05m.tif")
        top = raster(data / "dsm_05m.tif")[0]
        rows, columns = np.mgrid[0 : top.shape[0] : 2, 0 : top.shape[1] : 2]
        z, below = top[rows, columns].ravel(), ground[rows, columns].ravel()
        known = np.isfinite(z)
        kind = np.where(np.isnan(below), 6, np.where(z - below > 0.3, 1, 2)).astype(np.uint8)
        x, y = x_min + (columns.ravel() + 0.5) * cell, y_max - (rows.ravel() + 0.5) * cell
        write_copc([PointCloud(x[known], y[known], z[known], kind[known])], path)
    return path.read_bytes()


def files_state(data: Path):
    """A host of files: a tile of the AHN's point cloud, and a background map of one colour."""
    files = server("files_server")
    x_min, y_min = json.loads((data / "manifest.json").read_text(encoding="utf-8"))["extent"][:2]
    cloud = f"/AHN6/01_LAZ/AHN6_2025_C_{x_min:.0f}_{y_min:.0f}.COPC.LAZ"
    state = files.Files({cloud: points_of(data)})
    tile = files.picture(236, 236, 232)
    answer = state.answer

    def drawn(path, query, wanted):
        if path == "/wmts" and query.get("request") == "GetCapabilities":
            return 200, {"Content-Type": "application/xml"}, files.wmts(state.url, LAYERS)
        if path.startswith(tuple(f"/{name}/EPSG:28992/" for name in LAYERS)):
            return 200, {"Content-Type": "image/png"}, tile
        return answer(path, query, wanted)

    state.answer = drawn
    return files, state


BRO = {"CPT": "/sr/cpt/v1", "BHR": "/sr/bhrgt/v2", "GMW": "/gm/gmw/v1", "GLD": "/gm/gld/v1"}
BRO_IDS = {"CPT": "bro-cpt", "BHR": "bro-bhrgt", "GMW": "bro-gmw", "GLD": "bro-gld"}  # of the catalogue


def bro_states(data: Path) -> dict[str, Any]:
    """The services of the BRO with the documents of the sample, one a kind of object; empty where it has none."""
    from dtwin_plugin.sources.bro.area import degrees

    bro = server("bro_server")
    documents = {path.stem: path.read_bytes() for path in sorted((data / "subsurface" / "bro").glob("*.xml"))}
    places = {}
    for name, body in documents.items():
        found = re.search(rb"EPSG::28992[^>]*><gml:pos>([\d.]+) ([\d.]+)<", body)
        if found:
            places[name] = float(found[1]), float(found[2])
    for name, body in documents.items():  # levels lie where their well lies
        well = re.search(rb"<c:broId>(GMW\d{12})<", body)
        if well:
            places[name] = places[well[1].decode()]
    states = {}
    for kind in BRO:
        objects = {name: (*places[name], body) for name, body in documents.items() if name.startswith(kind)}
        states[kind] = bro.Bro(objects, degrees)
        states[kind].wells = {name: body for name, body in documents.items() if name.startswith("GMW")}
    return states


def geotop_state(data: Path) -> Any:
    """GeoTOP by OPeNDAP with the voxels of the sample; None where it has none."""
    path = data / "subsurface" / "geotop.nc"
    opendap = server("opendap_server")
    return opendap.Opendap(*opendap.of_file(path)) if path.is_file() else None


@contextmanager
def subsurface(data: Path) -> Iterator[National]:
    """Run the services of what lies below the sample for the length of a block."""
    found = National()
    with ExitStack() as stack:
        for kind, state in bro_states(data).items():
            stack.enter_context(server("bro_server").serve(state))
            found.states[BRO_IDS[kind]], found.addresses[BRO_IDS[kind]] = state, state.url + BRO[kind]
        voxels = geotop_state(data)
        if voxels is not None:
            stack.enter_context(server("opendap_server").serve(voxels))
            found.states["geotop"], found.addresses["geotop"] = voxels, voxels.url
        yield found


@dataclass
class National:
    """The services that run, by the ids of the catalogue."""

    states: dict[str, Any] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def write_catalogue(self, path: Path) -> None:
        """Write the national list with the addresses on this machine."""
        entries = json.loads((ROOT / "resources" / "catalogue" / "national.json").read_text(encoding="utf-8"))
        own = [{**e, "url": self.addresses[e["id"]]} for e in entries if e["id"] in self.addresses]
        path.write_text(json.dumps(own, indent=1), encoding="utf-8")


@contextmanager
def national(data: Path) -> Iterator[National]:
    """Run all services for the length of a block."""
    found = National()
    with ExitStack() as stack:
        bag3d, buildings = bag3d_state(data)
        stack.enter_context(bag3d.serve(buildings))
        ahn, heights = ahn_state(data)
        stack.enter_context(ahn.serve(heights))
        pdok, features = pdok_state(data)
        stack.enter_context(pdok.serve(features))
        place_server, places = places_state(data)
        stack.enter_context(place_server.serve(places))
        file_server, files = files_state(data)
        stack.enter_context(file_server.serve(files))
        found.states = {"3dbag": buildings, "ahn": heights, "pdok": features, "places": places, "files": files}
        found.addresses = {
            "3dbag-api": buildings.url,
            "ahn-wcs": heights.url,
            "bag-ogcapi": features.address(BAG),
            "bgt-ogcapi": features.address(BGT),
            "bestuurlijke-gebieden": features.address(BORDERS),
            "locatieserver": f"{places.url}{place_server.SEARCH}/free",
            "ahn6-copc": f"{files.url}/AHN6/01_LAZ/AHN6_2025_C_{{x}}_{{y}}.COPC.LAZ",
            "brt-a-wmts": f"{files.url}/wmts",
        }
        below = stack.enter_context(subsurface(data))
        found.states |= below.states
        found.addresses |= below.addresses
        yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--catalogue", type=Path, required=True)
    options = parser.parse_args()
    with national(options.data) as services:
        services.write_catalogue(options.catalogue)
        print("\n".join(f"{name}: {url}" for name, url in services.addresses.items()), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
