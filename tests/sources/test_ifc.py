"""Building models: facts, elements and refusals, of files made here and real ones."""

import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.describe import describe_files
from dtwin_plugin.sources.describe_one import describe_one
from dtwin_plugin.sources.ifc import IfcSource

pytest.importorskip("ifcopenshell")

RD = Placement(84_000, 447_000, 1.5, rotation=30)


@pytest.fixture
def wall(shared):
    return (shared / "ifc" / "buildingsmart" / "wall-extruded-solid.ifc").read_text()


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="a.ifc"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write_text


FACTS = {
    "geonovum/Van Brienenoordbrug-IFC4X3.ifc": ("IFC4X3_ADD2", 104, {"IfcBuildingElementProxy": 7}, 0, "METRE"),
    "geonovum/OWL 20230717.ifc": ("IFC4", 212, {"IfcBuildingElementProxy": 3}, 1, "MILLIMETRE"),
    "geonovum/OMG_KS_GEO-Nulpunt.ifc": ("IFC2X3", 254, {"IfcBuildingElementProxy": 1}, 1, "METRE"),
    "geonovum/OMG_KS_BRK-Perceel.ifc": ("IFC2X3", 25971, {"IfcSlab": 431, "IfcBuildingElementProxy": 1}, 1, "METRE"),
    "geonovum/OMG_KS_Ruimtelijkeplannen-Maatvoering.ifc": (
        "IFC2X3", 13041, {"IfcSlab": 206, "IfcBuildingElementProxy": 1}, 1, "METRE"),
    "geonovum/IBS_SC_B_Rijijzer NW.ifc": ("IFC2X3", 5072, {"IfcBuildingElementProxy": 1}, 1, "MILLIMETRE"),
    "geonovum/IBS_VW_B_Slagboomkast NW.ifc": ("IFC2X3", 7991, {"IfcBuildingElementProxy": 1}, 1, "MILLIMETRE"),
    "geonovum/IBS_SC_B_Oplegpijler Staal.ifc": ("IFC2X3", 16785, {"IfcBuildingElementProxy": 1}, 1, "MILLIMETRE"),
    "duplex/Duplex_A_20110907_georeferenced.ifc": (
        "IFC2X3", 38913, {"IfcFurnishingElement": 61, "IfcWallStandardCase": 56, "IfcOpeningElement": 50}, 4, "METRE"),
    "buildingsmart/geographic-referencing-gk.ifc": (
        "IFC4X3_ADD2", 40, {"IfcBuildingElementProxy": 1}, 1, "MILLIMETRE"),
    "buildingsmart/geographic-referencing-utm.ifc": (
        "IFC4X3_ADD2", 40, {"IfcBuildingElementProxy": 1}, 1, "MILLIMETRE"),
    "buildingsmart/grid-placement.ifc": (
        "IFC4X3_ADD2", 525, {"IfcColumn": 25, "IfcBeam": 10, "IfcGrid": 1}, 1, "MILLIMETRE"),
    "buildingsmart/linear-placement-of-signal.ifc": (
        "IFC4X3_ADD2", 3161, {"IfcAlignmentSegment": 26, "IfcReferent": 23, "IfcSignal": 2}, 0, "METRE"),
    "buildingsmart/brep-model.ifc": ("IFC4X3_ADD2", 61, {"IfcBuildingElementProxy": 1}, 0, "MILLIMETRE"),
    "buildingsmart/extruded-solid.ifc": ("IFC4X3_ADD2", 36, {"IfcBuildingElementProxy": 1}, 0, "MILLIMETRE"),
    "buildingsmart/column-straight-rectangle-tessellation.ifc": ("IFC4X3_ADD2", 26, {"IfcColumn": 1}, 0, "INCH"),
    "buildingsmart/tessellation-with-individual-colors.ifc": (
        "IFC4X3_ADD2", 29, {"IfcBuildingElementProxy": 1}, 0, "MILLIMETRE"),
    "buildingsmart/wall-extruded-solid.ifc": ("IFC4X3_ADD2", 46, {"IfcWall": 1}, 0, "MILLIMETRE"),
    "py3dtiles/simple.ifc": ("IFC4", 4399, {"IfcSpace": 7, "IfcVirtualElement": 3, "IfcDoor": 1}, 2, "METRE"),
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_those_of_the_readme(shared, name):
    schema, instances, types, storeys, unit = FACTS[name]
    facts = open_source(shared / "ifc" / name).describe().facts
    assert (facts["schema"], facts["instances"], facts["storey_count"]) == (schema, instances, storeys)
    assert facts["length_unit"] == unit and facts["types"].items() >= types.items()
    if len(types) < 3:
        assert facts["types"] == types


def test_a_git_lfs_pointer_is_named(shared):
    (path,) = (shared / "ifc" / "broken").glob("*.ifc")
    with pytest.raises(FormatError, match=r"Git LFS pointer to it \(169449311 bytes\)"):
        open_source(path)
    with pytest.raises(FormatError, match="Git LFS pointer"):
        IfcSource(path).describe()


def test_elements_come_with_their_attributes_and_kinds_of_surface(shared):
    path = shared / "ifc" / "duplex" / "Duplex_A_20110907_georeferenced.ifc"
    pieces = list(IfcSource(path, georeference=RD).read())
    types = [kind for piece in pieces for kind in piece.columns["type"]]
    assert types.count("IfcWallStandardCase") == 56 and "IfcSpace" not in types and "IfcOpeningElement" not in types
    columns = pieces[0].columns
    assert set(columns["storey"]) == {"Level 1", "Level 2", "T/FDN", "Roof"}
    wall = types.index("IfcWallStandardCase")
    assert columns["Pset_WallCommon.IsExternal"][wall] in (True, False)
    assert columns["material"][wall] and columns["type_name"][wall].startswith("Basic Wall")
    kinds = {kind for piece in pieces for kind in piece.semantics}
    assert kinds >= {"WallSurface", "RoofSurface", "FloorSurface", "Window", "Door", "GroundSurface"}
    assert len(set(columns["id"])) == len(columns["id"])


def test_a_wall_has_its_true_size_in_metres_with_faces_and_not_triangles(write, wall):
    (surfaces,) = IfcSource(write(wall), georeference=Placement(84_000, 447_000, 1)).read()
    assert len(surfaces) == 6 and np.diff(surfaces.geometries.rings).tolist() == [5] * 6
    low, high = surfaces.geometries.coordinates.min(axis=0), surfaces.geometries.coordinates.max(axis=0)
    assert np.allclose(high - low, [5.0, 0.27, 2.0]) and np.allclose(low, [84_000, 447_000, 1])
    assert set(surfaces.semantics) == {"WallSurface"} and surfaces.crs == "EPSG:7415"


def test_classes_storeys_and_area_are_filtered(shared):
    path = shared / "ifc" / "duplex" / "Duplex_A_20110907_georeferenced.ifc"
    (walls,) = IfcSource(path, georeference=RD, classes=["IfcWall"]).read()
    assert walls.object_count == 57  # IfcWallStandardCase is a kind of IfcWall
    (doors,) = IfcSource(path, georeference=RD, classes=["IfcDoor"], storeys=["level 2"]).read()
    assert 0 < doors.object_count < 14 and set(doors.columns["storey"]) == {"Level 2"}
    (rooms,) = IfcSource(path, georeference=RD, classes=["IfcSpace"]).read()
    assert rooms.object_count == 21
    half = Extent(84_000, 447_000, 84_020, 447_010)
    (some,) = IfcSource(path, georeference=RD, classes=["IfcWall"]).read(half)
    assert 0 < some.object_count < 57
    assert not list(IfcSource(path, georeference=RD, classes=["IfcWall"]).read(Extent(0, 400_000, 1, 400_001)))


def test_cancel_stops_between_elements(shared, cancelling):
    path = shared / "ifc" / "geonovum" / "OMG_KS_BRK-Perceel.ifc"
    with pytest.raises(Cancelled):
        list(IfcSource(path, georeference=RD).read(progress=cancelling(20)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: "", "empty"),
        (lambda t: t[: len(t) // 2], "cut off"),
        (lambda t: t.replace("IFC4X3_ADD2", "IFC2X2_FINAL"), "schema IFC2X2_FINAL"),
        (lambda t: t.replace("IFC4X3_ADD2", "AUTOMOTIVE_DESIGN"), "STEP file of the schema"),
        (lambda t: t.replace("FILE_SCHEMA", "FILE_SCHEME"), "no FILE_SCHEMA"),
        (lambda t: "<?xml version='1.0'?><ifcXML xmlns='http://x'/>", "XML"),
        (lambda t: t.replace("ENDSEC;\n\nEND", "#9=IFCLOCALPLACEMENT(#9,$);\nENDSEC;\n\nEND"), "circle"),
        (lambda t: t.replace("ENDSEC;\n\nEND", "".join(
            f"#{n}=IFCLOCALPLACEMENT(#{n + 1},$);\n" for n in range(9000, 13000)) + "ENDSEC;\n\nEND"), "deeper"),
        (lambda t: t.replace("ENDSEC;\n\nEND", "#99999999999999999999=IFCWALL();\nENDSEC;\n\nEND"), "not a readable"),
        (lambda t: t.replace("'", '"'), "FILE_SCHEMA"),
        (lambda t: "IFC " + t, "no IFC file"),
    ],
)  # fmt: skip
def test_what_is_no_sound_ifc_is_refused_in_a_sentence(write, wall, change, sentence):
    with pytest.raises(FormatError, match=sentence):
        IfcSource(write(change(wall))).describe()


def test_a_chain_in_a_circle_does_not_end_the_program(write, wall):
    import re

    text = re.sub(r"(#\d+)\s*=\s*IFCLOCALPLACEMENT\([^,]*,", r"\1=IFCLOCALPLACEMENT(\1,", wall)
    row = describe_one(write(text))
    assert row["status"] == "refused" and "circle" in row["message"]


@pytest.mark.parametrize("schema", ["IFC4X3", "IFC4X3_TC1", "IFC4X3_RC4", "ifc4", "IFC4_ADD2"])
def test_other_names_of_the_schemas_are_read(write, wall, schema):
    (surfaces,) = IfcSource(write(wall.replace("IFC4X3_ADD2", schema)), georeference=RD).read()
    assert len(surfaces) == 6


def test_a_zip_with_one_model_is_read_and_one_with_two_is_not(tmp_path, wall):
    path = tmp_path / "a.ifczip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.ifc", wall)
    assert open_source(path).describe().count == 1
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.ifc", wall)
    with pytest.raises(FormatError, match="holds 2 IFC files"):
        open_source(path).describe()


def test_elements_without_a_shape_are_counted(shared):
    progress = Silent()
    source = IfcSource(shared / "ifc" / "buildingsmart" / "grid-placement.ifc", georeference=RD)
    assert not list(source.read(progress=progress))
    assert "35 elements of 35 have no shape that can be made; they are left out." in progress.warnings


def test_a_placement_that_is_cut_off_is_no_fault_of_the_program(write, wall):
    import re

    row = describe_one(write(re.sub(r"IFCLOCALPLACEMENT\(([^,]*),[^)]*\)", r"IFCLOCALPLACEMENT(\1,$)", wall)))
    assert row["status"] == "loaded" and row["facts"]["types"] == {"IfcWall": 1}


def test_a_bare_surface_along_an_ellipse_does_not_stop_the_program(write, wall):
    """The quick kernel never ends on it, and cannot be broken off: so it runs in a process of its own."""
    swept = (
        "#400=IFCELLIPSE(#401,50.,25.);#401=IFCAXIS2PLACEMENT2D(#309,$);#402=IFCTRIMMEDCURVE(#400,"
        "(IFCPARAMETERVALUE(0.)),(IFCPARAMETERVALUE(3.)),.T.,.PARAMETER.);#403=IFCARBITRARYOPENPROFILEDEF(.CURVE.,$,"
        "#402);#404=IFCSURFACEOFLINEAREXTRUSION(#403,#58,#315,100.);#405=IFCGEOMETRICSET((#404));\n"
    )
    text = wall.replace("#50= IFC", f"{swept}#50= IFC", 1)
    odd = "IFCSHAPEREPRESENTATION(#5,'Body','GeometricSet',(#405))"
    text = text.replace("IFCSHAPEREPRESENTATION(#5,'Body','SweptSolid',(#316))", odd)
    assert odd in text
    (row,) = describe_files([write(text)], timeout=40.0)
    assert row["status"] == "loaded" and row["count"] == 1, row
    progress = Silent()
    assert not list(IfcSource(write(text), georeference=RD).read(progress=progress))
    assert "1 elements without faces" in progress.warnings[-1]


def test_triangles_span_what_merged_faces_span(shared):
    from dtwin_plugin.sources.ifc.elements import chosen
    from dtwin_plugin.sources.ifc.opening import opened
    from dtwin_plugin.sources.ifc.shapes import shapes

    with opened(shared / "ifc" / "py3dtiles" / "simple.ifc", Silent()) as content:
        elements = chosen(content.model, None, None, True, {})
        merged, plain = (list(shapes(content.model, elements, Silent(), kind)) for kind in (True, False))
    assert merged and [shape.step for shape in merged] == [shape.step for shape in plain]
    for one, other in zip(merged, plain):
        assert np.allclose(one.vertices.min(axis=0), other.vertices.min(axis=0), atol=1e-3)
        assert np.allclose(one.vertices.max(axis=0), other.vertices.max(axis=0), atol=1e-3)
        assert all(len(face) == 1 and len(face[0]) == 3 for face in other.faces)


def test_mutilated_files_are_refused_and_never_raise_anything_else(write, wall):
    rng = np.random.default_rng(3)
    for number in range(60):
        data = bytearray(wall.encode())
        start = wall.index("DATA;")
        for place in rng.integers(start, len(data) - 40, 6):
            data[place] = int(rng.integers(32, 127))
        path = write("", f"{number}.ifc")
        path.write_bytes(bytes(data))
        try:
            source = IfcSource(path, georeference=RD)
            source.describe()
            list(source.read())
        except DtwinError:
            continue


def test_a_model_that_says_nothing_is_not_placed(write, wall):
    with pytest.raises(CrsError, match="does not say where it stands"):
        list(IfcSource(write(wall)).read())
