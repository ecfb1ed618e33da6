"""Geometries of GML in all their ways of being written."""

import numpy as np
import pytest
from lxml import etree

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gml import crs_of, ordered, shape_of
from dtwin_plugin.sources.gml.arcs import TOLERANCE, arc, circle

GML = 'xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink"'


def shape(text):
    name = text[1:].split(">")[0].split()[0]
    return shape_of(etree.fromstring(text.replace(f"<{name}", f"<{name} {GML}", 1)), "a.gml")


def area(ring):
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


SQUARE = "0 0 4 0 4 4 0 4 0 0"
RING = f"<gml:LinearRing><gml:posList>{SQUARE}</gml:posList></gml:LinearRing>"
HOLE = "<gml:LinearRing><gml:posList>1 1 1 2 2 2 1 1</gml:posList></gml:LinearRing>"
POLYGON = f"<gml:Polygon><gml:exterior>{RING}</gml:exterior><gml:interior>{HOLE}</gml:interior></gml:Polygon>"
OLD = (
    "<gml:Polygon><gml:innerBoundaryIs><gml:LinearRing><gml:coordinates>1,1 1,2 2,2 1,1</gml:coordinates>"
    "</gml:LinearRing></gml:innerBoundaryIs><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>0,0 4,0 4,4 0,4 0,0"
    "</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon>"
)


@pytest.mark.parametrize(
    "text",
    [
        POLYGON,
        OLD,
        f"<gml:MultiSurface><gml:surfaceMember>{POLYGON}</gml:surfaceMember></gml:MultiSurface>",
        f"<gml:MultiSurface><gml:surfaceMembers>{POLYGON}</gml:surfaceMembers></gml:MultiSurface>",
        f"<gml:Surface><gml:patches>{POLYGON.replace('gml:Polygon', 'gml:PolygonPatch')}</gml:patches></gml:Surface>",
        f"<gml:OrientableSurface><gml:baseSurface>{POLYGON}</gml:baseSurface></gml:OrientableSurface>",
        f"<gml:Solid><gml:exterior><gml:Shell><gml:surfaceMember>{POLYGON}</gml:surfaceMember></gml:Shell>"
        "</gml:exterior></gml:Solid>",
    ],
)
def test_areas_in_all_their_wrappings_are_the_same(text):
    found = shape(text)
    assert found.kind == "polygon" and len(found.parts) == 1
    outer, inner = found.parts[0]
    assert area(outer) == 16 and area(inner) == -0.5


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<gml:Point><gml:pos>1 2</gml:pos></gml:Point>", [[1, 2]]),
        ("<gml:Point srsDimension='3'><gml:pos>1 2 3</gml:pos></gml:Point>", [[1, 2, 3]]),
        ("<gml:Point><gml:coordinates>1,2</gml:coordinates></gml:Point>", [[1, 2]]),
        ("<gml:Point><gml:coordinates cs=' ' ts=';'>1 2</gml:coordinates></gml:Point>", None),
        ("<gml:Point><gml:coord><gml:X>1</gml:X><gml:Y>2</gml:Y></gml:coord></gml:Point>", [[1, 2]]),
        ("<gml:LineString><gml:pos>1 2</gml:pos><gml:pos>3 4</gml:pos></gml:LineString>", [[1, 2], [3, 4]]),
        ("<gml:LineString><gml:posList count='2'>1 2 3 4 5 6</gml:posList></gml:LineString>", [[1, 2, 3], [4, 5, 6]]),
        ("<gml:LineString><gml:posList>1 2 0 4 5 0 7 8 0</gml:posList></gml:LineString>",
         [[1, 2, 0], [4, 5, 0], [7, 8, 0]]),
        ("<gml:OrientableCurve orientation='-'><gml:baseCurve><gml:LineString><gml:posList>1 2 3 4</gml:posList>"
         "</gml:LineString></gml:baseCurve></gml:OrientableCurve>", [[3, 4], [1, 2]]),
        ("<gml:Curve><gml:segments><gml:LineStringSegment><gml:posList>0 0 1 1</gml:posList></gml:LineStringSegment>"
         "<gml:LineStringSegment><gml:posList>1 1 2 0</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve>",
         [[0, 0], [1, 1], [2, 0]]),
    ],
)  # fmt: skip
def test_points_and_lines_as_they_are_written(text, expected):
    if expected is None:
        with pytest.raises(FormatError):
            shape(text)
        return
    assert shape(text).parts[0][0].tolist() == expected


def test_a_ring_that_closes_in_space_only_has_three_dimensions():
    ring = RING.replace(SQUARE, "0 0 9 4 0 9 4 4 9 0 4 9 7 7 7 0 0 9")
    text = f"<gml:Polygon><gml:exterior>{ring}</gml:exterior></gml:Polygon>"
    ring = shape(text).parts[0][0]
    assert ring.shape == (6, 3) and (ring[0] == ring[-1]).all()


def test_several_parts_and_a_mixture():
    point = "<gml:Point><gml:pos>1 2</gml:pos></gml:Point>"
    many = "".join(f"<gml:pointMember>{point}</gml:pointMember>" for _ in range(3))
    assert len(shape(f"<gml:MultiPoint>{many}</gml:MultiPoint>").parts) == 3
    mixed = f"<gml:geometryMember>{point}</gml:geometryMember><gml:geometryMember>{POLYGON}</gml:geometryMember>"
    assert shape(f"<gml:MultiGeometry>{mixed}</gml:MultiGeometry>") is None
    assert shape("<gml:MultiSurface><gml:surfaceMember xlink:href='#a'/></gml:MultiSurface>") is None


@pytest.mark.parametrize("turn", [1, -1])
def test_an_arc_stays_within_its_tolerance_and_keeps_its_points(turn):
    centre, radius = np.array([100_000.0, 450_000.0]), 25.0
    angles = np.array([0.3, 1.1, 4.0]) * turn
    points = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    line = arc(points)
    middles = (line[1:] + line[:-1]) / 2
    assert np.abs(np.hypot(*(line - centre).T) - radius).max() < 1e-6
    assert radius - np.hypot(*(middles - centre).T).min() <= TOLERANCE * 1.01
    assert (line[0] == points[0]).all() and (line[-1] == points[2]).all() and (line == points[1]).all(axis=1).any()
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert length == pytest.approx(radius * 3.7, rel=1e-3)


def test_a_circle_is_closed_and_has_its_area():
    ring = circle(np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]))
    assert np.allclose(ring[0], ring[-1]) and area(ring) == pytest.approx(np.pi, rel=0.02)
    assert area(circle(np.array([(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]))) == pytest.approx(-np.pi, rel=0.02)


def test_an_arc_on_one_line_and_one_of_nonsense_size_are_short():
    assert len(arc(np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]))) == 3
    assert len(arc(np.array([(0.0, 0.0), (1e9, 1e9), (2e9, 0.0)]))) < 10_000


@pytest.mark.parametrize(
    "text, message",
    [
        ("<gml:LineString><gml:posList>1 2 3</gml:posList><gml:pos>1</gml:pos></gml:LineString>", "numbers|list"),
        ("<gml:LineString><gml:posList srsDimension='2'>1 2 3</gml:posList></gml:LineString>", "list of 3 numbers"),
        ("<gml:LineString><gml:posList>1 2 x 4</gml:posList></gml:LineString>", "could not convert"),
        ("<gml:LineString><gml:posList>1 2 inf 4</gml:posList></gml:LineString>", "not finite"),
        ("<gml:Point><gml:pos>1</gml:pos></gml:Point>", "numbers to a coordinate"),
        ("<gml:Curve><gml:segments><gml:Arc><gml:posList>0 0 1 1</gml:posList></gml:Arc></gml:segments></gml:Curve>",
         "Arc of 2 points"),
        ("<gml:Curve><gml:segments><gml:ArcByCenterPoint><gml:pos>0 0</gml:pos></gml:ArcByCenterPoint></gml:segments>"
         "</gml:Curve>", "without a centre or a radius"),
    ],
)  # fmt: skip
def test_numbers_that_are_no_coordinates_are_told(text, message):
    with pytest.raises(FormatError, match=message):
        shape(text)


def test_the_crs_of_a_part_counts_where_the_whole_states_none():
    text = "<gml:MultiSurface><gml:surfaceMember>" + POLYGON.replace("<gml:Polygon", "<gml:Polygon srsName='EPSG:7415'")
    assert shape(text + "</gml:surfaceMember></gml:MultiSurface>").srs == "EPSG:7415"


def test_latitude_comes_first_only_where_the_numbers_or_the_crs_say_so():
    dutch = np.array([[52.0, 4.3], [52.1, 4.4]])
    assert ordered(dutch, "EPSG:4258")[0].tolist() == [4.3, 52.0]
    assert ordered(dutch[:, ::-1], "EPSG:4258")[0].tolist() == [4.3, 52.0]
    assert ordered(np.array([[10.0, 20.0]]), "EPSG:4258").tolist() == [[20.0, 10.0]]
    assert ordered(np.array([[84_000.0, 447_000.0]]), "EPSG:28992").tolist() == [[84_000.0, 447_000.0]]
    assert crs_of("nonsense") is None
