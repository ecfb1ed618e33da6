"""The algorithms chain in the graphical modeller: the output of one is the input of the next."""

import json

import numpy as np
import pytest
from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dtwin_plugin.data import Extent, Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.layers.voxels import write_voxels
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog


def child(identity, algorithm, outputs, **parameters):
    step = QgsProcessingModelChildAlgorithm(algorithm)
    step.setChildId(identity)
    sources = QgsProcessingModelChildParameterSource
    for name, value in parameters.items():
        source = sources.fromChildOutput(*value) if isinstance(value, tuple) else sources.fromStaticValue(value)
        step.addParameterSources(name, [source])
    finals = {}
    for name in outputs:
        final = QgsProcessingModelOutput(name, name)
        final.setChildId(identity)
        final.setChildOutputName(name)
        finals[name] = final
    step.setModelOutputs(finals)
    return step


def cube_model(extent: Extent) -> str:
    """A CityJSON file of one house in the middle of an area."""
    x, y = (extent.x_min + extent.x_max) / 2, (extent.y_min + extent.y_max) / 2
    corners = [(x, y), (x + 6, y), (x + 6, y + 6), (x, y + 6)]
    vertices = [
        [int(1000 * (a - extent.x_min)), int(1000 * (b - extent.y_min)), z] for z in (0, 5000) for a, b in corners
    ]
    shell = [[[3, 2, 1, 0]], [[4, 5, 6, 7]], *[[[i, (i + 1) % 4, (i + 1) % 4 + 4, i + 4]] for i in range(4)]]
    semantics = {
        "surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}],
        "values": [[0, 1, 2, 2, 2, 2]],
    }
    geometry = {"type": "Solid", "lod": "2.2", "boundaries": [shell], "semantics": semantics}
    return json.dumps(
        {
            "type": "CityJSON",
            "version": "2.0",
            "transform": {"scale": [0.001] * 3, "translate": [extent.x_min, extent.y_min, -2.0]},
            "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
            "CityObjects": {"house": {"type": "Building", "geometry": [geometry]}},
            "vertices": vertices,
        }
    )


def test_city_model_and_terrain_chain_into_a_flood(provider, context, terrain_file, tmp_path):
    city = tmp_path / "house.city.json"
    city.write_text(cube_model(Extent(84_900, 447_500, 84_980, 447_560)))
    model = QgsProcessingModelAlgorithm("chain", "test")
    model.addChildAlgorithm(child("city", "dtwin:loadcityjson", [], file=str(city), lod=0))
    model.addChildAlgorithm(child("ground", "dtwin:loadterrain", [], file=str(terrain_file)))
    model.addChildAlgorithm(
        child(
            "flood",
            "dtwin:flood",
            ["building_depth", "depth_max"],
            terrain=("ground", "terrain"),
            buildings=("city", "footprints"),
            rain=70,
            after=0,
        )
    )
    model.updateDestinationParameters()
    assert model.initAlgorithm() is None and model.validate()[0]
    parameters = {"building_depth": str(tmp_path / "b.gpkg"), "depth_max": str(tmp_path / "d.tif")}
    assert {definition.name() for definition in model.destinationParameterDefinitions()} == set(parameters)
    result, good = model.run(parameters, context, QgsProcessingFeedback())
    assert good
    layer = QgsVectorLayer(str(tmp_path / "b.gpkg"), "b", "ogr")
    houses = {feature["id"]: feature["water_depth_max"] for feature in layer.getFeatures()}
    assert list(houses) == ["house"] and houses["house"] > 0


def test_soil_and_groundwater_chain_into_a_flood(provider, context, tmp_path):
    """Half sand, half clay under flat ground in a closed basin, with the groundwater 5 cm below it.

    The sand is full in minutes: 50 mm x 0.35 of pores. The clay takes 5 mm a day, which in an hour is 0.21 mm.
    """
    classes = np.full((8, 6, 4), 2, np.int16)
    classes[:4] = 6
    ground = Voxels(classes, None, 84_900.0, 447_500.0, -3.0, (10.0, 10.0, 0.5), tuple(LITHOCLASSES.values()))
    soil, terrain = tmp_path / "soil.gpkg", tmp_path / "flat.tif"
    write_voxels(ground, soil, "soil", Silent())
    write_cog(Grid(np.full((60, 80), -1.0), 84_900, 447_560, 1.0, unit="m"), terrain)
    model = QgsProcessingModelAlgorithm("chain", "test")
    model.addChildAlgorithm(
        child("soil", "dtwin:infiltration", ["capacity"], soil=str(soil), terrain=str(terrain), groundwater=0.05)
    )
    model.addChildAlgorithm(
        child(
            "flood",
            "dtwin:flood",
            ["depth_max", "balance"],
            terrain=str(terrain),
            infiltration_capacity=("soil", "capacity"),
            soil_storage=("soil", "storage"),
            rain=70,
            after=0,
            boundary=1,
        )
    )
    model.updateDestinationParameters()
    assert model.initAlgorithm() is None and model.validate()[0]
    parameters = {name: str(tmp_path / name) for name in ("capacity.tif", "depth_max.tif", "balance.csv")}
    parameters = {name.split(".")[0]: path for name, path in parameters.items()}
    result, good = model.run(parameters, context, QgsProcessingFeedback())
    assert good and QgsRasterLayer(result["capacity"]).isValid()
    rows = [line.split(",") for line in open(result["balance"]).read().replace('"', "").splitlines()[1:]]
    volume = {name: float(value) for name, value in rows}
    assert volume["infiltration"] == pytest.approx(2400 * 0.05 * 0.35 + 2400 * 0.005 / 24, rel=1e-5)
    # float32 state and rasters: 1e-5 is what the design asks
    assert volume["stored"] == pytest.approx(4800 * 0.07 - volume["infiltration"], rel=1e-5)
