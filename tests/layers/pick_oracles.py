"""What a ray meets, worked out in other ways than the plugin does: by GEOS, half-spaces and many small steps."""

import numpy as np
from qgis.core import QgsGeometry, QgsPointXY

_STEP, _SAME = 0.02, 1e-6  # m


class FacesByGeos:
    """Flat polygons of the features of a layer: planes are crossed, and GEOS says what lies within a face."""

    def __init__(self, layer):
        self.rings, self.owners = [], []
        for feature in layer.getFeatures():
            for part in feature.geometry().constParts():
                lines = [part.exteriorRing(), *(part.interiorRing(k) for k in range(part.numInteriorRings()))]
                self.rings.append([np.array([(v.x(), v.y(), v.z()) for v in line.vertices()]) for line in lines])
                self.owners.append(feature.id())
        self.middles = np.array([rings[0].mean(axis=0) for rings in self.rings])
        self.radii = np.array([np.linalg.norm(r[0] - m, axis=1).max() for r, m in zip(self.rings, self.middles)])

    def __call__(self, origin, direction):
        """Return the distance and the owners that are met first: walls of two houses may lie in one place."""
        beside = np.linalg.norm(np.cross(self.middles - origin, direction), axis=1)
        met = []
        for face in np.flatnonzero(beside <= self.radii + 1e-6):
            outer = self.rings[face][0]
            # the plane of the three corners that span the largest triangle
            spans = np.cross(outer[1:-1] - outer[0], outer[2:] - outer[0])
            normal = spans[np.argmax(np.linalg.norm(spans, axis=1))]
            slope = normal @ direction
            if abs(slope) < 1e-9 * np.linalg.norm(normal):
                continue
            distance = normal @ (outer[0] - origin) / slope
            axes = [k for k in range(3) if k != np.argmax(np.abs(normal))]
            place = QgsPointXY(*(origin + distance * direction)[axes])
            flat = [[QgsPointXY(*corner[axes]) for corner in ring] for ring in self.rings[face]]
            if distance > 0 and QgsGeometry.fromPolygonXY(flat).contains(place):
                met.append((distance, self.owners[face]))
        nearest = min(met, default=(np.inf, None))[0]
        return nearest, {owner for distance, owner in met if distance <= nearest + _SAME} or {None}


class Prisms:
    """Upright prisms over convex outlines, turned counter-clockwise, all with as many corners: cut by half-spaces."""

    def __init__(self, owners, corners, bottoms, tops):
        self.owners = owners
        sides = np.roll(corners, -1, axis=1) - corners
        none, count = np.zeros(sides.shape[:2]), len(owners)
        outward = np.stack([sides[..., 1], -sides[..., 0], none], axis=2)
        up = np.tile([[[0, 0, 1.0], [0, 0, -1.0]]], (count, 1, 1))
        self.outward = np.concatenate([outward, up], axis=1)
        ends = np.zeros((count, 2, 3))
        ends[:, 0, 2], ends[:, 1, 2] = tops, bottoms
        self.corners = np.concatenate([np.concatenate([corners, none[..., None]], axis=2), ends], axis=1)

    def __call__(self, origin, direction):
        """Return the distance and the owners that are met first."""
        slope = self.outward @ direction
        at = (self.outward * (self.corners - origin)).sum(axis=2) / slope
        enters, leaves = np.where(slope < 0, at, -np.inf).max(axis=1), np.where(slope > 0, at, np.inf).min(axis=1)
        enters = np.where((enters <= leaves) & (enters > 0), enters, np.inf)
        best = int(np.argmin(enters))
        return (float(enters[best]), {self.owners[best]}) if np.isfinite(enters[best]) else (np.inf, {None})


def stepped(inside, origin, direction, low, high):
    """What is within first on small steps along a ray between two heights; `inside` says who holds them."""
    begin, end = sorted((level - origin[2]) / direction[2] for level in (low, high))
    steps = np.arange(begin, end, _STEP)
    owners = inside(origin + steps[:, None] * direction)
    met = np.flatnonzero(owners >= 0)
    return (float(steps[met[0]]), {int(owners[met[0]])}) if len(met) else (np.inf, {None})


class LinesOnScreen:
    """Lines as many points in a picture."""

    def __init__(self, camera, paths):
        shares = np.linspace(0, 1, 2000)[:, None]
        self.seen = [
            np.concatenate([camera.project(a + shares * (b - a)) for a, b in zip(p[:-1], p[1:])]) for p in paths
        ]

    def near(self, x, y, reach):
        """Return the numbers of lines that pass within so many pixels of a pixel, with their depth there."""
        found = {}
        for number, seen in enumerate(self.seen):
            apart = np.hypot(seen[:, 0] - x, seen[:, 1] - y)
            if np.nanmin(apart) <= reach:
                found[number] = float(seen[np.nanargmin(apart), 2])
        return found
