"""CityGML 1, 2 and 3: objects, surfaces with their kinds, references and refusals."""

import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.citygml import CityGmlSource

X, Y = 84_000, 447_000
FACES = {
    "ground": [(0, 0, 0), (0, 8, 0), (10, 8, 0), (10, 0, 0)],
    "roof": [(0, 0, 6), (10, 0, 6), (10, 8, 6), (0, 8, 6)],
    "south": [(0, 0, 0), (10, 0, 0), (10, 0, 6), (0, 0, 6)],
    "east": [(10, 0, 0), (10, 8, 0), (10, 8, 6), (10, 0, 6)],
    "north": [(10, 8, 0), (0, 8, 0), (0, 8, 6), (10, 8, 6)],
    "west": [(0, 8, 0), (0, 0, 0), (0, 0, 6), (0, 8, 6)],
}
KINDS = {"ground": "GroundSurface", "roof": "RoofSurface"}


def polygon(name, points, shift=0.0, hole=None):
    text = f'<gml:Polygon gml:id="{name}">'
    for tag, ring in (("exterior", points), ("interior", hole)):
        if ring:
            closed = [*ring, ring[0]]
            numbers = " ".join(f"{X + x + shift} {Y + y} {z}" for x, y, z in closed)
            text += f"<gml:{tag}><gml:LinearRing><gml:posList>{numbers}</gml:posList></gml:LinearRing></gml:{tag}>"
    return text + "</gml:Polygon>"


def document(members, version="2.0", srs="urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709"):
    base = f"http://www.opengis.net/citygml/{version}"
    spaces = f'xmlns="{base}" xmlns:gml="http://www.opengis.net/gml{"/3.2" if version == "3.0" else ""}" '
    spaces += (
        f'xmlns:bldg="http://www.opengis.net/citygml/building/{version}" xmlns:xlink="http://www.w3.org/1999/xlink" '
    )
    spaces += f'xmlns:gen="http://www.opengis.net/citygml/generics/{version}" xmlns:dem="http://x/dem" '
    spaces += 'xmlns:con="http://x/c" xmlns:veg="http://x/veg" xmlns:tran="http://x/tran"'
    stated = f' srsName="{srs}"' if srs else ""
    envelope = f'<gml:boundedBy><gml:Envelope srsDimension="3"{stated}><gml:lowerCorner>0 0 0</gml:lowerCorner>'
    envelope += "<gml:upperCorner>1 1 1</gml:upperCorner></gml:Envelope></gml:boundedBy>"
    body = "".join(f"<cityObjectMember>{member}</cityObjectMember>" for member in members)
    return f'<?xml version="1.0"?><CityModel {spaces}>{envelope}{body}</CityModel>'


def house(name="h1", shift=0.0, inside=""):
    """A building of LoD 2: a solid that refers to its thematic surfaces, with a window, attributes and a part."""
    shell = "".join(f'<gml:surfaceMember xlink:href="#{name}-{face}"/>' for face in FACES)
    surfaces = ""
    for face, points in FACES.items():
        kind = KINDS.get(face, "WallSurface")
        window = ""
        if face == "south":
            glass = polygon(f"{name}-w", [(1, 0, 1), (2, 0, 1), (2, 0, 2), (1, 0, 2)], shift)
            window = "<bldg:opening><bldg:Window><bldg:lod3MultiSurface><gml:MultiSurface><gml:surfaceMember>"
            window += (
                f"{glass}</gml:surfaceMember></gml:MultiSurface></bldg:lod3MultiSurface></bldg:Window></bldg:opening>"
            )
        surfaces += f'<bldg:boundedBy><bldg:{kind} gml:id="{name}-{face}-s"><bldg:lod2MultiSurface><gml:MultiSurface>'
        surfaces += (
            f"<gml:surfaceMember>{polygon(f'{name}-{face}', points, shift)}</gml:surfaceMember></gml:MultiSurface>"
        )
        surfaces += f"</bldg:lod2MultiSurface>{window}</bldg:{kind}></bldg:boundedBy>"
    return f"""<bldg:Building gml:id="{name}"><gml:name>Huis</gml:name>
      <gen:stringAttribute name="bagid"><gen:value>0503100000012345</gen:value></gen:stringAttribute>
      <gen:genericAttributeSet name="s"><gen:intAttribute name="n"><gen:value>3</gen:value></gen:intAttribute>
      </gen:genericAttributeSet>
      <externalReference><informationSystem>x</informationSystem><externalObject><name>NL.IMBAG.Pand.1</name>
      </externalObject></externalReference>
      <bldg:function>1000</bldg:function><bldg:yearOfConstruction>1930</bldg:yearOfConstruction>
      <bldg:measuredHeight uom="m">6.5</bldg:measuredHeight>
      <bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface>{shell}</gml:CompositeSurface></gml:exterior>
      </gml:Solid></bldg:lod2Solid>{surfaces}{inside}</bldg:Building>"""


PART = '<bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="p1"><bldg:lod1MultiSurface><gml:MultiSurface>'
PART += (
    f"<gml:surfaceMember>{polygon('p1-a', FACES['roof'], 20, [(2, 2, 6), (2, 3, 6), (3, 3, 6)])}</gml:surfaceMember>"
)
PART += "</gml:MultiSurface></bldg:lod1MultiSurface></bldg:BuildingPart></bldg:consistsOfBuildingPart>"


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="a.gml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write_text


@pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
def test_a_house_has_its_surfaces_once_with_their_kinds(write, version):
    path = write(document([house()], version))
    assert isinstance(open_source(path), CityGmlSource)
    info = CityGmlSource(path).describe()
    assert info.format == f"CityGML {version}" and info.crs == "EPSG:7415"
    assert info.facts["types"] == {"Building": 1} and info.facts["lods"] == {"2": 1, "3": 1}
    assert info.facts["surfaces"] == {"WallSurface": 4, "GroundSurface": 1, "RoofSurface": 1, "Window": 1}
    assert info.extent == (X, Y, 0, X + 10, Y + 8, 6) and not info.warnings
    (surfaces,) = CityGmlSource(path, lod="2").read()
    assert len(surfaces) == 6 and surfaces.crs == "EPSG:7415"
    assert sorted(surfaces.semantics) == sorted(KINDS.get(face, "WallSurface") for face in FACES)


def test_attributes_of_all_kinds_are_columns(write):
    (surfaces,) = CityGmlSource(write(document([house()])), lod="2").read()
    row = {name: values[0] for name, values in surfaces.columns.items()}
    assert (row["id"], row["type"], row["lod"], row["parent"]) == ("h1", "Building", "2", None)
    assert (row["bagid"], row["s.n"], row["name"]) == ("0503100000012345", 3, "Huis")
    assert (row["measuredHeight"], row["yearOfConstruction"], row["function"]) == (6.5, 1930, "1000")
    assert row["external_reference"] == "NL.IMBAG.Pand.1"


def test_parts_go_with_their_whole_and_holes_are_kept(write):
    path = write(document([house(inside=PART)]))
    (surfaces,) = CityGmlSource(path, lod="1").read()
    assert (surfaces.columns["id"][0], surfaces.columns["parent"][0]) == ("p1", "h1")
    assert np.diff(surfaces.geometries.parts).tolist() == [2] and surfaces.columns["bagid"][0].startswith("0503")
    (highest,) = CityGmlSource(path, lod="highest", types=["Building"]).read()
    assert sorted(highest.columns["lod"]) == ["1", "3"]
    assert not list(CityGmlSource(path, types=["Road"]).read())


def test_a_surface_turned_inside_out_is_turned_back(write):
    inner = polygon("f", FACES["roof"])
    turned = (
        f'<gml:OrientableSurface orientation="-"><gml:baseSurface>{inner}</gml:baseSurface></gml:OrientableSurface>'
    )
    text = f'<veg:PlantCover gml:id="v"><veg:lod1MultiSurface><gml:MultiSurface><gml:surfaceMember>{turned}'
    text += "</gml:surfaceMember></gml:MultiSurface></veg:lod1MultiSurface></veg:PlantCover>"
    (surfaces,) = CityGmlSource(write(document([text]))).read()
    xy = surfaces.geometries.coordinates[:, :2] - [X, Y]
    assert float((xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]).sum()) < 0  # clockwise from above now
    assert surfaces.columns["type"][0] == "PlantCover"


def test_a_terrain_of_triangles_is_read(write):
    triangles = "".join(
        f"<gml:Triangle><gml:exterior><gml:LinearRing><gml:posList>{X} {Y} 0 {X + 1} {Y} 0 {X} {Y + n} 1 {X} {Y} 0"
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Triangle>"
        for n in range(1, 4)
    )
    text = '<dem:ReliefFeature gml:id="r"><dem:lod>2</dem:lod><dem:reliefComponent><dem:TINRelief gml:id="t">'
    text += "<dem:lod>2</dem:lod><dem:tin><gml:TriangulatedSurface><gml:trianglePatches>"
    text += (
        f"{triangles}</gml:trianglePatches></gml:TriangulatedSurface></dem:tin></dem:TINRelief></dem:reliefComponent>"
    )
    (surfaces,) = CityGmlSource(write(document([text + "</dem:ReliefFeature>"]))).read()
    assert len(surfaces) == 3 and surfaces.columns["type"].tolist() == ["TINRelief"]
    assert surfaces.columns["parent"].tolist() == ["r"] and surfaces.columns["lod"].tolist() == ["2"]


def test_boundaries_fillings_and_heights_of_version_3(write):
    wall = f"<con:WallSurface><lod3MultiSurface><gml:MultiSurface><gml:surfaceMember>{polygon('a', FACES['south'])}"
    wall += "</gml:surfaceMember></gml:MultiSurface></lod3MultiSurface><con:fillingSurface><con:DoorSurface>"
    wall += f"<lod3MultiSurface><gml:MultiSurface><gml:surfaceMember>{polygon('b', FACES['east'])}</gml:surfaceMember>"
    wall += "</gml:MultiSurface></lod3MultiSurface></con:DoorSurface></con:fillingSurface></con:WallSurface>"
    text = f'<bldg:Building gml:id="h"><boundary>{wall}</boundary><con:height><con:Height><con:highReference>'
    text += "highestRoofEdge</con:highReference><con:value>7.5</con:value></con:Height></con:height><genericAttribute>"
    text += "<gen:IntAttribute><gen:name>lagen</gen:name><gen:value>2</gen:value></gen:IntAttribute></genericAttribute>"
    (surfaces,) = CityGmlSource(write(document([text + "</bldg:Building>"], "3.0"))).read()
    assert sorted(surfaces.semantics) == ["Door", "WallSurface"]
    assert surfaces.columns["height_highestRoofEdge"][0] == 7.5 and surfaces.columns["lagen"][0] == 2


def test_what_is_left_out_is_counted(write):
    tree = '<veg:SolitaryVegetationObject gml:id="t"><veg:lod1ImplicitRepresentation><ImplicitGeometry>'
    tree += "<referencePoint/></ImplicitGeometry></veg:lod1ImplicitRepresentation></veg:SolitaryVegetationObject>"
    lost = '<tran:Road gml:id="r"><tran:lod1MultiSurface><gml:MultiSurface><gml:surfaceMember xlink:href="#nowhere"/>'
    lost += '<gml:surfaceMember xlink:href="http://example.org/a.gml#x"/>'
    lost += "</gml:MultiSurface></tran:lod1MultiSurface></tran:Road>"
    path = write(document([tree, lost, house()]))
    info, progress = CityGmlSource(path).describe(), Silent()
    assert info.count == 3 and "1 implicit geometries" in info.warnings[0] and "2 references" in info.warnings[1]
    list(CityGmlSource(path).read(progress=progress))
    assert len(progress.warnings) == 2


def test_polygons_of_an_extension_and_lines_are_not_lost_without_a_word(write):
    """A railway may have a line alone, and an extension keeps shapes where only its own schema says so."""
    line = "<gml:LineString><gml:posList>0 0 0 1 1 1</gml:posList></gml:LineString>"
    railway = f'<tran:Railway gml:id="r"><tran:lod0Network>{line}</tran:lod0Network><lod0TerrainIntersectionCurve>'
    railway += f"{line}</lod0TerrainIntersectionCurve></tran:Railway>"
    panel = f'<x:Panel xmlns:x="http://x/ade"><x:coveredBy><x:Cover><lod2MultiSurface>{polygon("p", FACES["roof"])}'
    panel += "</lod2MultiSurface></x:Cover></x:coveredBy></x:Panel>"
    path = write(document([railway, panel, house()]))
    info, progress = CityGmlSource(path).describe(), Silent()
    assert info.count == 3 and len(info.warnings) == 2
    assert "1 polygons lie in parts of an extension" in info.warnings[0] and "1 lines and points" in info.warnings[1]
    list(CityGmlSource(path).read(progress=progress))
    assert len(progress.warnings) == 2


def test_only_objects_in_the_area_are_read_and_whole(write):
    path = write(document([house(), house("h2", 100)]))
    (surfaces,) = CityGmlSource(path, lod="2").read(Extent(X + 105, Y, X + 106, Y + 1))
    assert len(surfaces) == 6 and set(surfaces.columns["id"][surfaces.objects]) == {"h2"}


def test_a_file_without_a_crs_is_taken_for_rd_where_it_can_be(write):
    path, progress = write(document([house()], srs=None)), Silent()
    assert len(list(CityGmlSource(path).read(progress=progress))) == 1
    assert "taken for RD New" in progress.warnings[0]
    far = write(document([house("h", 900_000)], srs=None), "b.gml")
    with pytest.raises(CrsError, match="do not lie in the Netherlands"):
        list(CityGmlSource(far).read())
    unknown = write(document([house()], srs="local"), "c.gml")
    with pytest.raises(CrsError, match="local, which is not known"):
        list(CityGmlSource(unknown).read())
    assert "is not known" in CityGmlSource(unknown).describe().warnings[0]


def test_files_in_a_zip_are_read_together(write, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("tile1.gml", document([house()]))
        archive.writestr("tile2.gml", document([house("h2", 50)], "3.0"))
        archive.writestr("readme.txt", "x")
    info = open_source(tmp_path / "a.zip").describe()
    assert info.count == 2 and info.facts["version"] == "2.0/3.0"


def test_imgeo_is_left_to_the_registers(write):
    text = document([house()]).replace(
        "<CityModel ", '<CityModel xmlns:imgeo="http://www.geostandaarden.nl/imgeo/2.1" '
    )
    assert not isinstance(open_source(write(text)), CityGmlSource)


def test_cancel_is_heard(write, cancelling):
    path = write(document([house(f"h{n}") for n in range(50)]))
    with pytest.raises(Cancelled):
        list(CityGmlSource(path).read(progress=cancelling(10)))


def test_references_in_a_circle_end(write):
    text = '<veg:PlantCover gml:id="v"><veg:lod1MultiSurface><gml:MultiSurface gml:id="m"><gml:surfaceMember '
    text += 'xlink:href="#m"/></gml:MultiSurface></veg:lod1MultiSurface></veg:PlantCover>'
    assert CityGmlSource(write(document([text]))).describe().count == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t[: len(t) // 2], "not well-formed"),
        (lambda t: t.replace("CityModel", "Kaart"), "root Kaart; expected CityModel"),
        (lambda t: t.replace("<CityModel", '<!DOCTYPE a [<!ENTITY b "c">]><CityModel', 1), "document type"),
        (lambda t: t.replace("84000.0 447000 0", "84000.0 x 0", 1), "cannot be read"),
        (lambda t: "", "empty|well-formed"),
        (lambda t: "version https://git-lfs.github.com/spec/v1\nsize 3\n", "Git LFS"),
        (
            lambda t: t.replace("<bldg:opening>", "<a>" * 300 + "</a>" * 300 + "<bldg:opening>"),
            "nests deeper|well-formed",
        ),
    ],
)
def test_faults_are_one_sentence(write, change, sentence):
    with pytest.raises(FormatError, match=sentence):
        CityGmlSource(write(change(document([house()])))).describe()


def test_mutilated_files_are_refused_and_never_raise_anything_else(write):
    rng = np.random.default_rng(7)
    whole = document([house(inside=PART)]).encode()
    for number in range(80):
        data = bytearray(whole)
        for place in rng.integers(600, len(data), 3):
            data[place] = int(rng.integers(32, 127))
        path = write("", f"{number}.gml")
        path.write_bytes(bytes(data))
        try:
            CityGmlSource(path).describe()
            list(CityGmlSource(path).read())
        except DtwinError:
            continue
