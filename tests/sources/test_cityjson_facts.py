"""The facts of real files, as their makers or an independent count give them."""

import numpy as np
import pytest

from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.cityjson import CityJsonSource

RD, NO = "EPSG:7415", None
DELFT = {
    "Building": 160,
    "Road": 143,
    "PlantCover": 126,
    "LandUse": 81,
    "GenericCityObject": 54,
    "Bridge": 3,
    "WaterBody": 3,
}
PARTS = {"0": 1, "1.2": 1, "1.3": 1, "2.2": 1}
TREE = {"SolitaryVegetationObject": 1}
# file: format, types, levels of detail, geometries, vertices (None: not stated), CRS, extent (None: not stated)
FACTS = {
    "delft_3dfier/testarea.city.json": (
        "CityJSON 1.0",
        DELFT,
        {"1": 570},
        {"MultiSurface": 410, "Solid": 160},
        11747,
        RD,
        (84616.47, 447423, -15, 85140.84, 447750.64, 13.8),
    ),
    "cjio/delft.json": (
        "CityJSON 2.0",
        DELFT,
        {"1": 570},
        {"MultiSurface": 410, "Solid": 160},
        18262,
        RD,
        (84616.47, 447423, -0.45, 85140.84, 447750.64, 16.85),
    ),
    "cjio/delft_1b.json": (
        "CityJSON 1.1",
        {"Building": 1},
        {"1": 1},
        {"Solid": 1},
        154,
        RD,
        (84983.3, 447463.66, -0.1, 85056.51, 447507.05, 6),
    ),
    "cjio/DH_01_subs.city.json": (
        "CityJSON 1.1",
        {"BuildingPart": 8, "Building": 4},
        {"2": 9},
        {"Solid": 9},
        92,
        NO,
        (78612.17, 457782.11, 3.45, 78695.68, 458154.97, 14.74),
    ),
    "cjio/minimal.json": ("CityJSON 1.1", {}, {}, {}, 0, NO, None),
    "cjio/cube.json": ("CityJSON 1.1", {"Building": 1}, {"1": 1}, {"Solid": 1}, 8, NO, (0, 0, 0, 1, 1, 1)),
    "cjio/cube.c.json": ("CityJSON 1.1", {"Building": 1}, {"1": 1}, {"Solid": 1}, 8, NO, (0, 0, 0, 1, 1, 1)),
    "cjio/composite_solid_with_material.json": (
        "CityJSON 1.1",
        {"+GenericCityObject": 1},
        {"1": 1},
        {"CompositeSolid": 1},
        12,
        NO,
        (0, 0, 0, 2, 1, 1),
    ),
    "cjio/multisurface_with_material.json": (
        "CityJSON 1.1",
        {"CityFurniture": 1},
        {"3": 1},
        {"MultiSurface": 1},
        285,
        NO,
        (10.29, 2.18, 8, 10.36, 2.28, 8.47),
    ),
    "cjio/dummy_noappearance.json": (
        "CityJSON 1.1",
        {"Building": 1},
        {"1.1": 1, "2.1": 1},
        {"Solid": 2},
        7,
        RD,
        (0, 0, 0, 1, 1, 1),
    ),
    "cjio/material/mt-1.json": (
        "CityJSON 1.1",
        {"Building": 1, "BuildingPart": 1},
        {"1.2": 1},
        {"Solid": 1},
        8,
        NO,
        (76700.71, 451800.01, -0.49, 76704.66, 451803.58, 2.01),
    ),
    "cjio/rotterdam/rotterdam_subset.json": (
        "CityJSON 2.0",
        {"Building": 16},
        {"2": 16},
        {"MultiSurface": 16},
        383,
        NO,
        (90454.19, 435614.88, 0, 91002.42, 436048.22, 18.29),
    ),
    "cjdb/vienna.jsonl": (
        "CityJSONSeq 1.1",
        {"BuildingPart": 443, "Building": 149},
        {"2": 980},
        {"MultiSurface": 490, "Solid": 490},
        None,
        NO,
        (986.77, 340492.06, 28.21, 1510.43, 341048.5, 84.99),
    ),
    "cjdb/cube_cjv2.city.jsonl": (
        "CityJSONSeq 2.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        None,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "cjdb/geomtemplate.city.jsonl": (
        "CityJSONSeq 1.1",
        TREE,
        {"": 1},
        {"GeometryInstance": 1},
        None,
        RD,
        (85174, 446875, 0, 85174, 446875, 0),
    ),
    "cjdb/no_metadata.city.jsonl": (
        "CityJSONSeq 1.1",
        {"+GenericCityObject": 1},
        {"1": 1},
        {"MultiSolid": 1},
        None,
        NO,
        (0, 0, 0, 1, 1, 3),
    ),
    "delft_3dbag/extension.city.jsonl": (
        "CityJSONSeq 1.1",
        {"BuildingPart": 100, "Building": 99},
        {"1.2": 100, "1.3": 100, "2.2": 100, "0": 99},
        {"Solid": 300, "MultiSurface": 99},
        None,
        RD,
        (84394.28, 446948.34, -2.69, 85040.66, 447638.53, 76.22),
    ),
    "val3dity/3dbag_b2.city.jsonl": (
        "CityJSONSeq 2.0",
        {"BuildingPart": 2, "Building": 2},
        {"2.2": 2},
        {"Solid": 2},
        None,
        RD,
        (84994.44, 446535.54, -0.28, 85022.19, 446562.15, 13.11),
    ),
    "val3dity/csol.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"CompositeSolid": 1},
        16,
        NO,
        (0, 0, 0, 1, 1, 3),
    ),
    "val3dity/cube10.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        8,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "val3dity/msol.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"MultiSolid": 1},
        16,
        NO,
        (0, 0, 0, 1, 1, 3),
    ),
    "val3dity/nonmanifold.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        9,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "val3dity/torus.city.json": (
        "CityJSON 1.1",
        {"+GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        14,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "val3dity/cube_v10.city.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        8,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "val3dity/cube_v11.city.json": (
        "CityJSON 1.1",
        {"+GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        8,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "val3dity/emptygeom.json": ("CityJSON 1.1", {"Building": 1}, {}, {}, 0, NO, None),
    "val3dity/geomtemplate_1.json": (
        "CityJSON 1.0",
        TREE,
        {"": 1},
        {"GeometryInstance": 1},
        1,
        NO,
        (1.3, 6.8, 8.8, 1.3, 6.8, 8.8),
    ),
    "val3dity/several_lods_valid.json": (
        "CityJSON 1.1",
        {"BuildingPart": 1, "Building": 1},
        PARTS,
        {"Solid": 3, "MultiSurface": 1},
        189,
        RD,
        (85624.19, 446749.59, -0.28, 85631.81, 446762.67, 7.77),
    ),
    "val3dity/empty_primitive.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"CompositeSolid": 1},
        12,
        NO,
        (0, 0, 0, 2, 2, 1),
    ),
    "val3dity/invalid_schema_cityjson_2.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"1": 1},
        {"Solid": 1},
        4,
        NO,
        (0, 0, 0, 1, 1, 1),
    ),
    "val3dity/601.json": (
        "CityJSON 1.0",
        {"BuildingPart": 2, "Building": 1},
        {"1": 2},
        {"Solid": 2},
        16,
        NO,
        (0, 0, 0, 250, 100, 100),
    ),
    "val3dity/501.json": (
        "CityJSON 1.0",
        {"GenericCityObject": 1},
        {"2": 1},
        {"CompositeSolid": 1},
        20,
        NO,
        (0, 0, 0, 3, 1, 1),
    ),
    "flatcitybuf/small.city.jsonl": (
        "CityJSONSeq 2.0",
        {"BuildingPart": 3, "Building": 3},
        {"0": 3, "1.2": 3, "1.3": 3, "2.2": 3},
        {"Solid": 9, "MultiSurface": 3},
        None,
        RD,
        (84593.25, 446459.6, -0.3, 85566.85, 446832.49, 11.12),
    ),
    "flatcitybuf/geom_temp.city.jsonl": (
        "CityJSONSeq 2.0",
        {"SolitaryVegetationObject": 15, "GenericCityObject": 1, "Bridge": 1, "CityObjectGroup": 1},
        {"": 15, "3": 2},
        {"GeometryInstance": 15, "MultiSurface": 2},
        None,
        NO,
        (0.65, 1.92, 8, 6.61, 7.44, 9.1),
    ),
    "dtcc/DenHaag_01.city.json.zip": (
        "CityJSON 2.0",
        {"BuildingPart": 1653, "Building": 844, "TINRelief": 1},
        {"2": 1991},
        {"Solid": 1990, "CompositeSurface": 1},
        22997,
        RD,
        (78248.66, 457604.59, 2.46, 79036.02, 458276.44, 37.48),
    ),
}
MORE = {
    "cjio/DH_01_subs.city.json": ("appearance", {"materials": 27}),
    "cjio/rotterdam/rotterdam_subset.json": ("appearance", {"textures": 74, "vertices-texture": 1000}),
    "cjio/dummy_noappearance.json": ("templates", 2),
    "flatcitybuf/geom_temp.city.jsonl": ("templates", 3),
    "delft_3dbag/extension.city.jsonl": ("extensions", ["Noise", "Solar_Potential"]),
    "cjdb/vienna.jsonl": ("features", 149),
    "cjio/multisurface_with_material.json": ("extensions", ["MetadataExtended"]),
}
REFUSED = {
    "cjdb/no_cityjson_obj.city.jsonl": "starts with a CityJSONFeature",
    "val3dity/notransform.city.jsonl": "has no transform in its first line",
    "val3dity/completely_empty.json": "is empty",
    "val3dity/invalid_json_cityjson.json": "is not valid JSON at",
    "val3dity/FZK-Haus_full.gml": "is IndoorGML, which is not read here",
}
UNREADABLE = {"val3dity/invalid_schema_cityjson_2.json": 'city object id-1: a vertex in "boundaries" is 22'}


@pytest.mark.parametrize("name", FACTS)
def test_describe_gives_the_known_facts(shared, name):
    kind, types, lods, geometries, vertices, crs, extent = FACTS[name]
    info = open_source(shared / "cityjson" / name).describe()
    assert (info.format, info.carrier, info.count, info.crs) == (kind, "surfaces", sum(types.values()), crs)
    assert (info.facts["types"], info.facts["lods"], info.facts["geometries"]) == (types, lods, geometries)
    if vertices is not None:
        assert info.facts["vertices"] == vertices
    # the known facts are rounded to the centimetre
    assert info.extent is None if extent is None else np.allclose(info.extent, extent, rtol=0, atol=0.0051)


@pytest.mark.parametrize("name", MORE)
def test_describe_gives_what_is_special_in_a_file(shared, name):
    fact, value = MORE[name]
    assert CityJsonSource(shared / "cityjson" / name).describe().facts[fact] == value


@pytest.mark.parametrize("name", REFUSED)
def test_a_faulty_file_is_refused_in_a_sentence(shared, name):
    with pytest.raises(DtwinError, match=REFUSED[name]):
        open_source(shared / "cityjson" / name).describe()


@pytest.mark.parametrize("name", FACTS)
def test_every_file_is_read_or_refused_in_a_sentence(shared, name):
    source = CityJsonSource(shared / "cityjson" / name, assume_crs="EPSG:7415")
    if name in UNREADABLE:
        with pytest.raises(FormatError, match=UNREADABLE[name]):
            list(source.read())
        return
    chunks = list(source.read())
    geometries = sum(FACTS[name][3].values())
    assert sum(chunk.object_count for chunk in chunks) <= geometries
    assert bool(chunks) == bool(geometries)


def test_no_file_of_the_folder_is_forgotten(shared):
    folder = shared / "cityjson"
    names = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.suffix in (".json", ".jsonl", ".zip", ".gml")}
    assert names == set(FACTS) | set(REFUSED)
