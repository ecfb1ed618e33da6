"""The scenes of the reference cases of CNOSSOS-EU: relief from lines, zones of ground, buildings and walls."""

from itertools import combinations

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from dtwin_plugin.models.noise.scene import RELIEF, WALL, ZONE, buildings_of, pieces_of, scene_of


def scene_of_case(case):
    """Return the scene of a case, and the softness at a place."""
    buildings, barriers = case["buildings"], case["barriers"]
    roofs = buildings_of([item["footprint"] for item in buildings], [item["z_top"] for item in buildings])
    walls = [np.array(item["points"], float) for item in barriers]
    parts = [roofs, pieces_of(WALL, walls, len(buildings)), relief(case["topography_lines"])]
    zones = [(Polygon(zone["polygon"]), zone["G"]) for zone in case["ground_zones"]]
    outside = case["G_outside_zones"]
    takes = [item.get("alpha") or [1.0] * 8 for item in (*buildings, *barriers)]
    return scene_of([*parts, edges_of(zones, outside)], takes)


def relief(lines):
    """Return the edges of flat triangles between breaklines, none of which cuts a line (constrained Delaunay)."""
    if not lines:
        return pieces_of(RELIEF, [])
    lines = [np.array(line, float) for line in lines]
    pieces = noded([(one, two) for line in lines for one, two in zip(line[:-1], line[1:])])
    heights = {tuple(np.round(point[:2], 6)): point[2] for piece in pieces for point in piece}
    rings = shapely.node(shapely.union_all([LineString(np.round([one[:2], two[:2]], 6)) for one, two in pieces]))
    around = shapely.convex_hull(rings).boundary
    faces = shapely.polygonize([*shapely.get_parts(shapely.union_all([rings, around]))])
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(faces))
    edges = {}
    for triangle in shapely.get_parts(triangles):
        corners = [tuple(np.round(point, 6)) for point in triangle.exterior.coords]
        for edge in zip(corners[:-1], corners[1:]):
            edges[tuple(sorted(edge))] = [(*point, heights[point]) for point in sorted(edge)]
    return pieces_of(RELIEF, list(edges.values()))


def noded(pieces):
    """Return the pieces of lines cut where they cross; there, as a case has slips, the higher of both counts."""
    shapes = [LineString([one[:2], two[:2]]) for one, two in pieces]
    cuts = [[] for _ in pieces]
    for i, j in combinations(range(len(pieces)), 2):
        if shapes[i].crosses(shapes[j]):
            at = shapes[i].intersection(shapes[j])
            shares = [shapes[k].project(at, normalized=True) for k in (i, j)]
            top = max(
                float(pieces[k][0][2] + share * (pieces[k][1][2] - pieces[k][0][2])) for k, share in zip((i, j), shares)
            )
            for k, share in zip((i, j), shares):
                cuts[k].append((share, np.array((at.x, at.y, top))))
    made = []
    for (one, two), own in zip(pieces, cuts):
        points = [one, *(point for _, point in sorted(own, key=lambda cut: cut[0])), two]
        made += zip(points[:-1], points[1:])
    return made


def edges_of(zones, outside):
    """Return the borders of zones with the softness on both sides; where zones overlap the first counts."""
    left, pieces, softness = Polygon(), [], [outside]
    for polygon, value in zones:
        pieces.append(polygon.difference(left))
        softness.insert(0, value)
        left = left.union(polygon)
    lines = shapely.node(shapely.union_all([piece.boundary for piece in pieces])) if pieces else LineString()
    made = []
    for line in shapely.get_parts(lines):
        for one, two in zip(line.coords[:-1], line.coords[1:]):
            x, y = (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
            far = np.hypot(two[0] - one[0], two[1] - one[1])
            if far < 1e-9:
                continue
            out = 1e-4 * np.array((one[1] - two[1], two[0] - one[0])) / far
            sides = [softness_at(zones, outside, x + side * out[0], y + side * out[1]) for side in (1, -1)]
            if sides[0] != sides[1]:
                made.append(np.array([(*one[:2], sides[0]), (*two[:2], sides[1])]))
    return pieces_of(ZONE, made)


def softness_at(zones, outside, x, y):
    for polygon, value in zones:
        if shapely.covers(polygon, shapely.Point(x, y)):
            return value
    return outside
