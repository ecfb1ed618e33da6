"""What lies below the sample: the house's own sources read it back, and it hangs together."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.models.subsurface.cables import place
from dtwin_plugin.models.subsurface.clash import OUTCOMES, clashes, objects
from dtwin_plugin.models.subsurface.depth_bodies import circles, heights_of
from dtwin_plugin.models.subsurface.required import required
from dtwin_plugin.sources.bro import BroService, BroSource
from dtwin_plugin.sources.gef import GefSource
from dtwin_plugin.sources.geotop import GeotopServiceSource, GeotopSource, joined
from dtwin_plugin.sources.klic import KlicSource, areas_of, depths_of, lines_of, points_of, precautions_of
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.vector import VectorSource
from resources.sample import EXTENT

AREA = Extent(*EXTENT)


@pytest.fixture(scope="module")
def counts(sample):
    return json.loads((sample / "manifest.json").read_text(encoding="utf-8"))["counts"]


@pytest.fixture(scope="module")
def ground(sample):
    dataset = gdal.Open(str(sample / "terrain_05m_filled.tif"))
    return Grid(dataset.ReadAsArray().astype(np.float32), EXTENT[0], EXTENT[3], 0.5, unit="m")


@pytest.fixture(scope="module")
def logs(sample):
    """What the BRO has, by kind."""
    return {found.kind: found for found in BroSource(sample / "subsurface" / "bro").read()}


@pytest.fixture(scope="module")
def voxels(sample):
    return joined(GeotopSource(sample / "subsurface" / "geotop.nc").read())


@pytest.fixture(scope="module")
def delivery(sample):
    (path,) = (sample / "klic").glob("Levering_*_1.zip")
    return KlicSource(path).load()


def columns(logs, number):
    """The rows of one site."""
    return logs.take(np.array([number])).rows


def test_every_test_and_borehole_reads_and_stands_on_the_ground(logs, ground, counts):
    assert len(logs["cpt"]) == counts["cpts"] == 12
    assert len(logs["borehole"]) + 2 == counts["boreholes"] == 10  # two are GEF only
    assert len(logs["well"]) == counts["wells"] and len(logs["levels"]) == counts["level_series"] == 2 * counts["wells"]
    for kind in ("cpt", "borehole", "well"):
        sites = logs[kind].sites
        x, y = sites.geometries.coordinates[:, :2].T
        assert sites.columns["surface"].astype(float) == pytest.approx(ground.sample(x, y), abs=0.02)  # to a centimetre


def test_a_cone_test_is_the_same_as_gef_and_as_bro(sample, logs):
    for number, name in enumerate(logs["cpt"].sites.columns["id"]):
        (gef,) = GefSource(sample / "subsurface" / "gef" / f"{name}.gef").read()
        mine, theirs = columns(logs["cpt"], number), gef.rows
        for column in ("depth", "cone_resistance", "friction", "friction_ratio", "pore_pressure", "inclination"):
            np.testing.assert_array_equal(mine[column], theirs[column], err_msg=f"{name} {column}")
        assert gef.sites.geometries.coordinates[0].tolist() == pytest.approx(
            logs["cpt"].sites.geometries.coordinates[number].tolist()
        )


def test_what_a_cone_test_feels_is_what_the_boreholes_beside_it_find(logs):
    """In the park lies the sand of the river, outside of it peat: resistance and ratio tell them apart."""
    found = {}
    for number, name in enumerate(logs["cpt"].sites.columns["id"]):
        rows = columns(logs["cpt"], number)
        between = (rows["depth"] > 2.0) & (rows["depth"] < 3.0)
        found[int(name[-2:])] = np.median(rows["cone_resistance"][between]), np.median(rows["friction_ratio"][between])
    for park in (2, 3, 4):
        assert found[park][0] > 3 and found[park][1] < 2
    for polder in (7, 10):
        assert found[polder][0] < 0.5 and found[polder][1] > 5


def test_layers_of_boreholes_lie_on_each_other_and_are_the_soil_of_the_voxels(logs, voxels):
    same, count = 0, 0
    for number in range(len(logs["borehole"])):
        part = logs["borehole"].take(np.array([number]))
        rows, surface = part.rows, float(part.sites.columns["surface"][0])
        assert rows["top"][0] == 0 and np.array_equal(rows["top"][1:], rows["bottom"][:-1])
        assert (rows["lithoclass"] >= 0).all()
        x, y = part.sites.geometries.coordinates[0, :2]
        i, j = int((x - EXTENT[0]) // 100), int((y - EXTENT[1]) // 100)
        for top, bottom, soil in zip(rows["top"], rows["bottom"], rows["lithoclass"]):
            for depth in np.arange(max(top, 1.2) + 0.25, bottom, 0.5):  # made ground is described by what it is made of
                k = int((surface - depth - voxels.z_min) // 0.5)
                same += voxels.probability[i, j, k, soil] > 0
                count += 1
    assert count > 60 and same / count > 0.9  # a voxel is 100 m wide, a borehole 10 cm


def test_voxels_are_laid_out_as_geotop_and_covered_by_peat_and_clay(sample, voxels):
    info = GeotopSource(sample / "subsurface" / "geotop.nc").describe()
    assert info.facts["dimensions"] == {"x": 10, "y": 10, "z": 313} and info.facts["cell_size"] == (100.0, 100.0, 0.5)
    assert info.facts["x"] == (112_000, 112_900) and info.facts["z"] == (-50.0, 106.0)
    assert {"strat", "lithok", "onz_lk", "onz_ls", *(f"kans_{n}" for n in range(1, 10))} <= set(info.facts["variables"])
    known = voxels.classes > 0
    assert np.nansum(voxels.probability[known], axis=-1) == pytest.approx(1.0, abs=1e-6)
    best = np.take_along_axis(voxels.probability, np.maximum(voxels.classes, 0)[..., None], axis=-1)[..., 0]
    assert np.all(best[known] == np.nanmax(voxels.probability[known], axis=-1))
    level = int((-4.0 - voxels.z_min) / 0.5)
    river, polder = voxels.classes[7, 4, level], voxels.classes[1, 1, level]
    assert (river, polder) == (5, 1) or (river, polder) == (6, 1)  # sand below the park, peat below the polder
    assert set(np.unique(voxels.classes[:, :, : int(30 / 0.5)])) == {7}  # down below all is coarse sand
    assert np.nanmax(voxels.layers["uncertainty"]) > 20 and np.nanmin(voxels.layers["uncertainty"]) == 0


def test_levels_stay_below_the_ground_and_are_higher_in_winter(logs):
    levels, wells = logs["levels"], logs["well"]
    surface = dict(zip(wells.sites.columns["id"], wells.sites.columns["surface"]))
    for number in range(len(levels)):
        part = levels.take(np.array([number]))
        rows = part.rows
        month = rows["time"].astype("datetime64[M]").astype(int) % 12 + 1
        assert len(rows["level"]) == 104 and rows["level"].max() < surface[part.sites.columns["well"][0]]
        assert rows["level"][np.isin(month, (1, 2))].mean() > rows["level"][np.isin(month, (7, 8))].mean() + 0.1


def test_the_delivery_is_imkl_with_all_that_a_street_has(delivery, counts):
    lines = lines_of(delivery)
    themes = Counter(lines.features.columns["theme"])
    assert 400 <= len(lines.features) <= 1500 and len(lines.features) == counts["klic_lines"] and lines.without == 0
    assert set(themes) == {
        "laagspanning", "middenspanning", "gasLageDruk", "gasHogeDruk", "water", "rioolVrijverval",
        "rioolOnderOverOfOnderdruk", "datatransport", "warmte", "buisleidingGevaarlijkeInhoud",
    }  # fmt: skip
    assert {"Mantelbuis", "Kabelbed"} <= set(lines.features.columns["type"])
    assert set(lines.features.columns["accuracy"]) == {"tot30cm", "tot50cm", "tot100cm"}
    assert all(size > 0 for size in lines.features.columns["diameter"][lines.features.columns["type"] != "Kabelbed"])
    kinds = Counter(depths_of(delivery).columns["kind"])
    assert kinds["nap"] > 50 and kinds["surface"] > 5 and kinds["geometry"] > 5
    precautions = precautions_of(delivery)
    assert set(precautions.columns["theme"]) == {"gasHogeDruk", "buisleidingGevaarlijkeInhoud"}
    assert all(precautions.columns["letter"])
    assert {"Mangat", "Appurtenance", "Kast"} <= set(points_of(delivery).columns["type"])
    assert len(areas_of(delivery)) == 0  # nobody drew an area that an object takes


def test_the_delivery_is_packed_as_the_kadaster_does_and_says_that_it_is_fictional(sample, delivery):
    from zipfile import ZipFile

    (path,) = (sample / "klic").glob("*.zip")
    number = path.stem.removeprefix("Levering_")
    names = set(ZipFile(path).namelist())
    assert f"{number}/GI_gebiedsinformatielevering_{number}_V2.xml" in names
    assert {f"{number}/LI_{number}.pdf", f"{number}/_Startpagina.html"} <= names
    info = KlicSource(path).describe()
    assert info.facts["versions"] == ["2.0"] and info.facts["attachments"] == info.facts["attachments_present"] == 2
    assert all("fictief" in name for name in delivery.operators().values())
    text = ZipFile(path).read(f"{number}/GI_gebiedsinformatielevering_{number}_V2.xml").decode()
    assert "telefoon" not in text and "email" not in text and "contactpersoon" not in text


@pytest.fixture(scope="module")
def cables(delivery, ground):
    return place(lines_of(delivery).features, depths_of(delivery), ground)


def test_every_line_gets_a_depth_and_no_measured_depth_is_lost(cables, delivery):
    sources = Counter(cables.features.columns["z_source"])
    assert set(sources) == {"geometry", "nap", "surface", "standard", "assumed"}
    assert cables.flat == 0 and cables.unused == 0
    deep = cables.features.columns["depth"].astype(float)
    assert 0.3 < deep.min() and deep.max() < 4.5  # in quays and dikes the sewer lies deep
    sewer = cables.features.columns["theme"] == "rioolVrijverval"
    mains = sewer & (cables.features.columns["diameter"].astype(float) > 200)
    assert np.all(deep[mains] > 1.0)


def planned(sample, ground):
    """The plan as bodies."""
    (trees,) = VectorSource(sample / "plan.gpkg", layer="trees").read()
    (crates,) = VectorSource(sample / "plan.gpkg", layer="crates").read()
    pieces = [circles(trees, trees.columns["radius"].astype(float)), crates]
    bodies = []
    for piece in pieces:
        depths = (piece.columns[name].astype(float) for name in ("depth_top", "depth_bottom"))
        bottom, top = heights_of(piece, *depths, "ground", ground)
        bodies.append(piece.with_columns({"bottom": bottom, "top": top}))
    return bodies


def test_of_the_plan_some_is_free_some_uncertain_some_too_close_and_some_clashes(sample, ground, cables, counts):
    trees, crates = planned(sample, ground)
    assert len(trees) == counts["planned_trees"] == 40 and len(crates) == counts["planned_crates"]
    there = objects([cables.features], "", 1.0)
    for bodies in (trees, crates):
        found = clashes(objects([bodies], "", 0.1, 0.05), there, required())
        outcomes = Counter(OUTCOMES[number] for number in found.worst)
        assert set(outcomes) == set(OUTCOMES), outcomes


def test_the_plan_keeps_off_the_trees_that_stand_there(sample):
    trees, plan = ogr.Open(str(sample / "trees.gpkg")), ogr.Open(str(sample / "plan.gpkg"))
    standing = np.array([feature.geometry().GetPoint_2D() for feature in trees.GetLayer()])
    for feature in plan.GetLayer("trees"):
        x, y = feature.geometry().GetPoint_2D()
        assert np.hypot(*(standing - (x, y)).T).min() > 2.0, feature["object_id"]


def test_the_services_give_the_same_as_the_files(sample, logs, voxels):
    from scripts.national import subsurface

    transport = Retrying(RequestsTransport(), attempts=2, sleep=lambda _: None)
    with subsurface(Path(sample)) as services:
        for kind, name in (("cpt", "bro-cpt"), ("borehole", "bro-bhrgt"), ("levels", "bro-gld"), ("well", "bro-gmw")):
            source = BroService(
                name.removeprefix("bro-"), transport=transport, url=services.addresses[name],
                wells_url=services.addresses["bro-gmw"],
            )  # fmt: skip
            (found,) = source.read(AREA)
            assert sorted(found.sites.columns["id"]) == sorted(logs[kind].sites.columns["id"])
            assert len(found.rows) == len(logs[kind].rows) and found.starts[-1] == logs[kind].starts[-1]
        part = Extent(112_650, 460_350, 112_890, 460_450)
        found = joined(GeotopServiceSource(transport, url=services.addresses["geotop"]).read(part))
        expected = voxels.window(part)
        np.testing.assert_array_equal(found.classes, expected.classes)
        np.testing.assert_array_equal(found.probability, expected.probability)
