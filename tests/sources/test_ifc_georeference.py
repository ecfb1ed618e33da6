"""Where building models say that they stand, and how far that is believed."""

import numpy as np
import pytest

from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources.ifc import IfcSource
from dtwin_plugin.sources.vector import VectorSource

pytest.importorskip("ifcopenshell")

HEAD = (
    "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n"
    "FILE_SCHEMA(('{schema}'));\nENDSEC;\nDATA;\n"
)


def model(extra="", schema="IFC4", unit=".MILLI.", origin="0.,0.,0.", wcs="0.,0.,0.", north="$", site="$,$,$",
          point="0.,0.,0."):  # fmt: skip
    """A cube of one metre in a model of millimetres (or metres, with unit "$")."""
    size = "1000." if unit == ".MILLI." else "1."
    more = ",$" if schema == "IFC2X3" else ",$,$"
    return (
        HEAD.format(schema=schema)
        + f"""
#1=IFCSIUNIT(*,.LENGTHUNIT.,{unit},.METRE.);
#2=IFCUNITASSIGNMENT((#1));
#3=IFCCARTESIANPOINT(({wcs}));
#4=IFCAXIS2PLACEMENT3D(#3,$,$);
#5=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#4,{north});
#6=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',#90,'P',$,$,$,$,(#5),#2);
#7=IFCCARTESIANPOINT(({origin}));
#8=IFCAXIS2PLACEMENT3D(#7,$,$);
#9=IFCLOCALPLACEMENT($,#8);
#10=IFCSITE('1YvctVUKr0kugbFTf53O9L',#90,'S',$,$,#9,$,$,.ELEMENT.,{site},$,$);
#11=IFCCARTESIANPOINT(({point}));
#12=IFCAXIS2PLACEMENT3D(#11,$,$);
#13=IFCDIRECTION((0.,0.,1.));
#14=IFCCARTESIANPOINT((0.,0.));
#15=IFCAXIS2PLACEMENT2D(#14,$);
#16=IFCRECTANGLEPROFILEDEF(.AREA.,$,#15,{size},{size});
#17=IFCEXTRUDEDAREASOLID(#16,#12,#13,{size});
#18=IFCSHAPEREPRESENTATION(#5,'Body','SweptSolid',(#17));
#19=IFCPRODUCTDEFINITIONSHAPE($,$,(#18));
#20=IFCCARTESIANPOINT((0.,0.,0.));
#21=IFCAXIS2PLACEMENT3D(#20,$,$);
#22=IFCLOCALPLACEMENT(#9,#21);
#23=IFCBUILDINGELEMENTPROXY('2YvctVUKr0kugbFTf53O9L',#90,'cube',$,$,#22,#19{more});
#80=IFCPERSON($,'x',$,$,$,$,$,$);
#81=IFCORGANIZATION($,'x',$,$,$);
#82=IFCPERSONANDORGANIZATION(#80,#81,$);
#83=IFCAPPLICATION(#81,'1','x','x');
#90=IFCOWNERHISTORY(#82,#83,$,.ADDED.,$,$,$,0);
{extra}
ENDSEC;
END-ISO-10303-21;
"""
    )


def conversion(east, north, height=0.0, abscissa="1.", ordinate="0.", scale="$", crs="'EPSG:28992'", unit=".METRE."):
    """A map conversion; unit "" leaves the unit of the map out."""
    lines = [f"#101=IFCMAPCONVERSION(#5,#102,{east!r},{north!r},{height!r},{abscissa},{ordinate},{scale});"]
    lines += [f"#102=IFCPROJECTEDCRS({crs},$,$,'NAP',$,$,{'#103' if unit else '$'});"]
    lines += ["#103=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);"] if unit == ".METRE." else []
    lines += ["#103=IFCSIUNIT(*,.LENGTHUNIT.,.MILLI.,.METRE.);"] if unit == ".MILLI." else []
    return "\n".join(lines)


@pytest.fixture
def report(tmp_path):
    def of(text):
        (tmp_path / "a.ifc").write_text(text)
        return IfcSource(tmp_path / "a.ifc").georeference()

    return of


def notes(found):
    return " ".join(map(str, found.warnings))


def test_the_bridge_lies_on_its_municipal_outline(shared):
    """Issue: within 0.1 m of the outline of the Van Brienenoord bridge; right, top and bottom edges within 2 cm."""
    folder = shared / "ifc" / "geonovum"
    source = IfcSource(folder / "Van Brienenoordbrug-IFC4X3.ifc")
    coordinates = np.concatenate([piece.geometries.coordinates for piece in source.read()])
    (outline,) = VectorSource(folder / "rotterdam3d_bridge" / "export_Bridge.shp").read()
    target = outline.geometries.coordinates
    (x_min, y_min, z_min), (x_max, y_max, z_max) = coordinates.min(axis=0), coordinates.max(axis=0)
    assert abs(x_max - target[:, 0].max()) < 0.02
    assert abs(y_max - target[:, 1].max()) < 0.02
    assert abs(y_min - target[:, 1].min()) < 0.02
    assert np.allclose([x_min, z_min, z_max], [96_396, -6.8, 67.3], atol=0.1)
    # every corner of the outline lies on the bridge's own shape, not only its edges
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(coordinates[:, :2]).query(target[:, :2])
    assert np.median(distance) < 0.1


def test_the_bridge_is_trusted_and_its_latitude_loses(shared):
    found = IfcSource(shared / "ifc" / "geonovum" / "Van Brienenoordbrug-IFC4X3.ifc").georeference()
    assert (found.level, found.trust, found.crs) == (50, "good", "EPSG:28992")
    assert found.placement.rotation == pytest.approx(-23.05, abs=1e-6)
    assert "default of a program (San Francisco" in notes(found)
    assert {item.level for item in found.found} == {50, 40, 20}


def test_laan_op_zuid_is_warned_of_and_not_placed(shared):
    path = shared / "ifc" / "geonovum" / "OWL 20230717.ifc"
    found = IfcSource(path).georeference()
    assert (found.level, found.trust) == (50, "doubtful")
    assert [found.placement.x, found.placement.y, found.placement.z] == pytest.approx(
        [93869.354, 435604.867, 4.25], abs=1e-3
    )
    assert "cannot be right as it stands: Eastings 93869354.3181" in notes(found) and "millimetres" in notes(found)
    with pytest.raises(CrsError, match="not to be trusted.*outside the Netherlands"):
        list(IfcSource(path).read())
    (surfaces,) = IfcSource(path, accept_doubtful=True).read()
    assert surfaces.extent.intersects(type(surfaces.extent)(93_780, 435_560, 93_880, 435_640))
    low = surfaces.geometries.coordinates[:, 2].min()
    assert low == pytest.approx(-5.0, abs=0.01)  # the storey named NAP is at 0 m NAP: the offset of 4.25 m is taken off


@pytest.mark.parametrize("name", ["Rijijzer NW", "Oplegpijler Staal"])
def test_parts_of_the_ibis_bridge_say_why_they_are_not_placed(shared, name):
    path = shared / "ifc" / "geonovum" / f"IBS_SC_B_{name}.ifc"
    found = IfcSource(path).georeference()
    assert (found.level, found.trust, found.placement) == (0, "none", None)
    assert "default of a program (Boston, Revit), not the place of the model" in notes(found)
    with pytest.raises(CrsError, match="does not say where it stands.*Boston"):
        list(IfcSource(path).read())


def test_property_sets_of_ifc2x3_are_a_map_conversion(shared):
    found = IfcSource(shared / "ifc" / "duplex" / "Duplex_A_20110907_georeferenced.ifc").georeference()
    assert (found.level, found.used.where, found.crs) == (50, "ePSet_MapConversion", "EPSG:9897")
    assert found.placement.x == 76_670 and found.placement.rotation == pytest.approx(-71.0)
    assert "Chicago" in notes(found) and "not in RD New" in notes(found)


@pytest.mark.parametrize("name", ["gk", "utm"])
def test_a_scale_the_wrong_way_round_is_named_and_the_model_keeps_its_size(shared, name):
    info = IfcSource(shared / "ifc" / "buildingsmart" / f"geographic-referencing-{name}.ifc").describe()
    assert "Scale of the map conversion is 1000; " in " ".join(info.warnings)
    assert info.extent[5] - info.extent[2] == pytest.approx(4.0)  # m, and not 4 km


@pytest.mark.parametrize(
    ("values", "trust", "position", "words"),
    [
        ({"east": 84000.0, "north": 447000.0, "height": 2.0, "scale": "0.001"}, "good", (84000, 447000, 2), ""),
        ({"east": 84000.0, "north": 447000.0, "scale": "1.0"}, "good", (84000, 447000, 0), "it should be 0.001"),
        ({"east": 84000.0, "north": 447000.0, "unit": ""}, "good", (84000, 447000, 0), "read as metres"),
        ({"east": 84e6, "north": 447e6, "unit": "", "scale": "1."}, "good", (84000, 447000, 0), ""),
        ({"east": 84e6, "north": 447e6, "unit": ".MILLI.", "scale": "1."}, "good", (84000, 447000, 0), ""),
        ({"east": 84e6, "north": 447e6}, "doubtful", (84000, 447000, 0), "cannot be right as it stands"),
        ({"east": 447000.0, "north": 84000.0}, "doubtful", (84000, 447000, 0), "Interchanged"),
        ({"east": 0.0, "north": 0.0}, "none", None, "outside the Netherlands"),
        ({"east": 84000.0, "north": 447000.0, "crs": "'RD New'"}, "good", (84000, 447000, 0), "taken for RD New"),
        ({"east": 84000.0, "north": 447000.0, "crs": "$"}, "doubtful", (84000, 447000, 0), "names no known CRS"),
        ({"east": 84000.0, "north": 447000.0, "crs": "'Projectnulpunt'"}, "doubtful", (84000, 447000, 0), "no known"),
    ],
)  # fmt: skip
def test_units_order_and_crs_of_a_map_conversion(report, values, trust, position, words):
    found = report(model(conversion(**values)))
    assert found.trust == trust and words in notes(found)
    if position:
        assert (found.placement.x, found.placement.y, found.placement.z) == pytest.approx(position)
        assert found.placement.scale == pytest.approx(1.0)
    else:
        assert found.placement is None


def test_a_grid_scale_factor_is_kept(report):
    found = report(model(conversion(84000.0, 447000.0, scale="0.00099991")))
    assert found.placement.scale == pytest.approx(0.99991)


def test_rotation_follows_the_axis_and_contradicting_true_north_is_named(report):
    turned = conversion(84000.0, 447000.0, abscissa="0.", ordinate="2.")
    found = report(model(turned + "\n#104=IFCDIRECTION((0.5,0.866025));", north="#104"))
    assert found.placement.rotation == pytest.approx(-90)
    assert "TrueNorth says that the model is turned 30.0 degrees, the map conversion 90.0" in notes(found)
    assert found.place(np.array([[1.0, 0, 0]]))[0] == pytest.approx([84000, 447001, 0])


@pytest.mark.parametrize("spelling", ["ePSet_MapConversion", "EPset_MapConversion", "Pset_MapConversion"])
def test_property_sets_are_found_in_their_spellings(report, spelling):
    values = {"Eastings": "IFCLENGTHMEASURE(84000.)", "Northings": "IFCLENGTHMEASURE(447000.)",
              "OrthogonalHeight": "IFCREAL(1.25)", "XAxisAbscissa": "IFCREAL(1.)"}  # fmt: skip
    lines = [
        f"#{200 + n}=IFCPROPERTYSINGLEVALUE('{key}',$,{value},$);" for n, (key, value) in enumerate(values.items())
    ]
    lines += [f"#210=IFCPROPERTYSET('3YvctVUKr0kugbFTf53O9L',#90,'{spelling}',$,(#200,#201,#202,#203));"]
    lines += ["#211=IFCPROPERTYSINGLEVALUE('Name',$,IFCLABEL('EPSG:7415'),$);"]
    lines += ["#212=IFCPROPERTYSET('4YvctVUKr0kugbFTf53O9L',#90,'ePset_ProjectedCRS',$,(#211));"]
    found = report(model("\n".join(lines), schema="IFC2X3", unit="$"))
    assert (found.level, found.trust, found.crs) == (50, "good", "EPSG:7415")
    assert (found.placement.x, found.placement.z) == (84_000, 1.25)


@pytest.mark.parametrize(
    ("origin", "unit", "trust", "words"),
    [
        ("84000.,447000.,2.", "$", "good", "can only be RD"),
        ("84000000.,447000000.,2000.", ".MILLI.", "good", "can only be RD"),
        ("84000000.,447000000.,2000.", "$", "doubtful", "RD in millimetres"),
        ("447000.,84000.,2.", "$", "none", "interchanged"),
    ],
)
def test_rd_in_the_placement_is_level_30(report, origin, unit, trust, words):
    found = report(model(origin=origin, unit=unit))
    assert found.trust == trust and words in notes(found)
    if trust != "none":
        assert found.level == 30
        assert found.place(np.array([[84000.0, 447000.0, 2.0]]) * (1000 if trust == "doubtful" else 1))[
            0
        ] == pytest.approx([84000, 447000, 2])


def test_rd_in_the_geometry_or_the_world_coordinates_counts_too(report):
    assert report(model(point="84000.,447000.,2.", unit="$")).used.where == "coordinates of the geometry"
    found = report(model(wcs="84000.,447000.,2.", unit="$"))
    assert found.level == 40
    assert found.place(np.array([[1.0, 2.0, 3.0]]))[0] == pytest.approx([84001, 447002, 5])


def test_a_dutch_latitude_places_roughly_and_only_on_request(tmp_path):
    text = model(site="(51,59,30,0),(4,22,0,0),1000.")
    (tmp_path / "a.ifc").write_text(text)
    found = IfcSource(tmp_path / "a.ifc").georeference()
    assert (found.level, found.trust) == (20, "doubtful")
    assert [found.placement.x, found.placement.y] == pytest.approx([84_700, 445_300], abs=1500)
    assert found.placement.z == pytest.approx(1.0)
    with pytest.raises(CrsError, match="only the latitude and longitude"):
        list(IfcSource(tmp_path / "a.ifc").read())
    assert len(list(IfcSource(tmp_path / "a.ifc", accept_doubtful=True).read())) == 1


def test_a_latitude_far_from_the_map_conversion_is_named(report):
    found = report(model(conversion(84000.0, 447000.0), site="(53,13,0,0),(6,34,0,0),0."))
    assert found.level == 50 and "km from the position that is used" in notes(found)


def test_a_rigid_operation_of_ifc43_is_read(report):
    lines = ["#101=IFCRIGIDOPERATION(#5,#102,IFCLENGTHMEASURE(84000.),IFCLENGTHMEASURE(447000.),3.);"]
    lines += ["#102=IFCPROJECTEDCRS('EPSG:7415',$,$,'NAP',$,$,$);"]
    found = report(model("\n".join(lines), schema="IFC4X3_ADD2", unit="$"))
    assert (found.level, found.used.where, found.placement.z) == (50, "IfcRigidOperation", 3.0)
    scaled = "#101=IFCMAPCONVERSIONSCALED(#5,#102,84000.,447000.,3.,1.,0.,1.,1.,1.,1.);\n" + lines[1]
    assert report(model(scaled, schema="IFC4X3_ADD2", unit="$")).placement.x == 84_000


def test_what_the_user_gives_goes_before_what_the_file_says(shared):
    source = IfcSource(shared / "ifc" / "geonovum" / "OWL 20230717.ifc", georeference=Placement(100_000, 450_000, 0))
    (surfaces,) = source.read()
    assert surfaces.extent.x_min == pytest.approx(100_000 - 1.8, abs=0.01)


@pytest.mark.parametrize("numbers", ["1.E300,447000.,0.", "'a','b',0.", "$,$,$"])
def test_numbers_that_are_none_are_no_position(report, numbers):
    extra = f"#101=IFCMAPCONVERSION(#5,#102,{numbers},1.,0.,1.);\n#102=IFCPROJECTEDCRS('EPSG:28992',$,$,$,$,$,$);"
    assert report(model(extra)).trust == "none"
