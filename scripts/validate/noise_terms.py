"""The terms between scene and level of the published cases of CNOSSOS-EU, by the kernels that a run calls.

The names of terms are those of the case files: H and F have the same ones.
"""

import math
from typing import NamedTuple

import numpy as np
from shapely.geometry import LineString, Point

from dtwin_plugin.models.noise.diffraction_kernels import (
    CAP,
    between,
    detour,
    edge_share,
    free_detour,
    ground_at_edge,
    hull,
    radius,
)
from dtwin_plugin.models.noise.ground_kernels import (
    LENGTHS,
    equivalent,
    foot_on,
    height_over,
    mean_plane,
    mean_softness,
    mirrored,
    near_source,
    softened,
)
from dtwin_plugin.models.noise.lateral_kernels import CORNERS, around, corners_in_way, lengths_in_plane, stand_off
from dtwin_plugin.models.noise.path_kernels import boundary, ground_of, nearest_edge
from dtwin_plugin.models.noise.profile_kernels import ground_at
from dtwin_plugin.models.noise.route_kernels import by_walls, unfolded

PLANE = ("a", "b", "zs", "zr", "dp", "Gp", "Gp_prime")


class Route(NamedTuple):
    """A way over the map: places and the height of the ground there; around edges, and by a wall where it has one."""

    legs: np.ndarray
    grounds: np.ndarray
    sideways: bool = False


def route_of(scene, a, b, grounds, name, favourable, wall=None):
    """Return the way of a path of a case, None where there is none."""
    ends, made = (a[:2], b[:2]), []
    if name in ("left", "right"):
        side, corners = (1 if name == "left" else -1), np.empty((CORNERS, 2))
        count = corners_in_way(scene, a, b, favourable, corners)
        chain = np.empty((count + 1, 2))
        many = around(a, b, corners, count, side, chain)
        if not many:
            return None
        legs = np.array([ends[0], *chain[:many], ends[1]])
        stand_off(legs, len(legs), side)
        made = list(legs[1:-1])
    elif name != "direct":
        spots = np.empty((1, 4))
        if not by_walls(scene, np.array([wall]), a, b, spots):
            return None
        made = [spots[0, :2]]
    heights = [grounds[0], *(ground_at(scene, *place) for place in made), grounds[1]]
    return Route(np.array([ends[0], *made, ends[1]]), np.array(heights), name in ("left", "right"))


def terms_of(scene, route, a, b, at_source, air, favourable):
    """Return the terms of a route: name to number, or numbers by band [dB, m or 1]."""
    points, edges = unfolded(scene, route.legs, len(route.legs), route.grounds, at_source)
    # kernels get views and copies as a run gives them, so that they are not compiled once more
    x, z, soft = (column.copy() if route.sideways else column for column in points.T)
    s, r = (0.0, float(a[2])), (float(x[-1]), float(b[2]))
    far = along = math.hypot(r[0], r[1] - s[1])
    found = over_ground(x, z, soft, (0, len(x) - 1), s, r, at_source, favourable)
    if route.sideways:
        far = float(np.linalg.norm(b - a))
        along, inside = lengths_in_plane(route.legs, len(route.legs), a, b)
        found["delta"], found["e"] = along - far, inside
        found["Delta_dif_SR"] = found["Adif_lateral"] = decibel(np.array([edge_share(w, along - far, inside)
                                                                          for w in LENGTHS]))  # fmt: skip
    else:
        sides = tuple(edges.T)
        found["Aboundary"] = -decibel(boundary((x, z, soft), sides, s, r, at_source, favourable))
        if len(edges):
            more, bands = over_edges((x, z, soft), sides, s, r, at_source, favourable)
            # the ground as a whole is no term of a path that bends over an edge in every band, nor an edge of none
            kept = {} if bands.all() else {name: found[name] for name in ("w", "Cf", "Aground")}
            whole = {name: one for name, one in found.items() if name not in ("w", "Cf", "Aground")}
            found = {**whole, **kept, **(more if bands.any() else {})}
        if "Adif" not in found:
            found["mean_plane_segments_first_last"] = found["mean_plane_SR"]
    made = {"Adiv": np.full(8, 20.0 * math.log10(far) + 11.0), "Aatm": air * along, **found}
    return {**made, "z_profile": points[:, :2]}


def off_by(terms, given):
    """Return how far terms are from what a case gives, in the tolerance that it states for each."""
    found = {}
    for name, value in given.items():
        if not isinstance(value, dict) or value.get("v") is None:
            continue
        if name.startswith("z_profile"):
            line = LineString(terms["z_profile"])
            away = [line.distance(Point(place)) for place in value["v"]]
            found[name] = beside(away, np.zeros(len(away)), value["tol"])
        elif name in terms:
            found[name] = beside(terms[name], value["v"], value["tol"])
    return found


def decibel(shares):
    return 10.0 * np.log10(shares)


def over_ground(x, z, soft, span, s, r, at_source, favourable):
    """Return the terms of the ground from source to receiver, C 2.5.14 to 2.5.20."""
    plane, mean = mean_plane(x, z, *span), mean_softness(x, soft, *span)
    found = dict(zip(PLANE, plane_of(plane, mean, s, r, at_source)))
    used = mean if favourable else found["Gp_prime"]
    w = np.array([softened(band, used**1.3) for band in range(8)])
    return {
        "w": w,
        "Cf": np.array([equivalent(found["dp"], one) for one in w]),
        "Aground": -decibel(ground_of(x, z, soft, span, s, r, at_source, favourable)),
        "Gpath": mean,
        "mean_plane_SR": [found],
    }


def plane_of(plane, mean, s, r, at_source):
    """Return what a table of mean planes has of a stretch, in the order of `PLANE`."""
    z_s, z_r = height_over(plane, *s), height_over(plane, *r)
    apart = abs(foot_on(plane, *r) - foot_on(plane, *s))
    return (*plane, z_s, z_r, apart, mean, near_source(mean, at_source, apart, z_s + z_r))


def over_edges(ground, edges, s, r, at_source, favourable):
    """Return the terms of the edges that sound bends over or passes nearest, C 2.5.21 to 2.5.32, and in which bands.

    Terms are 0 in bands that pass over the edge as over flat ground.
    """
    (x, z, soft), (edge_x, edge_z, before, after) = ground, edges
    bend, taut = radius(math.hypot(r[0] - s[0], r[1] - s[1]), favourable), np.empty(len(edge_x), np.int64)
    count = hull(edge_x, edge_z, s, r, bend, taut)
    if not count:
        difference, taut[0] = nearest_edge(edge_x, edge_z, s, r, bend)
    first, last = taut[0], taut[max(count, 1) - 1]
    top, end = (edge_x[first], edge_z[first]), (edge_x[last], edge_z[last])
    inside = between(edge_x, edge_z, taut, max(count, 1), bend)
    if count:
        difference = detour(s, r, top, end, inside, bend)
    spans = (0, int(before[first])), (int(after[last]), len(x) - 1)
    here, there = (mean_plane(x, z, *span) for span in spans)
    s_image, r_image = mirrored(here, *s), mirrored(there, *r)
    means = [mean_softness(x, soft, *span) for span in spans]
    images = (s_image, r), (s, r_image), (s_image, r_image)
    longer = [detour(*ends, top, end, inside, bend) if count else free_detour(*ends, top, bend) for ends in images]
    shares = {
        name: np.array([edge_share(wave, far, inside) for wave in LENGTHS])
        for name, far in zip(("SR", "SprimeR", "SRprime"), (difference, *longer))
    }
    made = {f"Delta_dif_{name}": decibel(share) for name, share in shares.items()}
    made |= {"delta": difference, "e": inside, "S_prime": s_image, "R_prime": r_image}
    made["mean_plane_segments_first_last"] = [
        dict(zip(PLANE, plane_of(here, means[0], s, top, at_source))),
        dict(zip(PLANE, plane_of(there, means[1], end, r, means[1]))),
    ]
    at_ends = ("SO", spans[0], s, top, at_source, "SprimeR"), ("OR", spans[1], end, r, -1.0, "SRprime")
    made["Adif"] = decibel(np.minimum(shares["SR"], CAP))
    for name, span, one, other, softness, image in at_ends:
        left = ground_of(x, z, soft, span, one, other, softness, favourable)
        made[f"Aground_{name}"] = -decibel(left)
        pairs = zip(left, shares[image], shares["SR"])
        made[f"Delta_ground_{name}"] = -decibel(np.array([ground_at_edge(*each) for each in pairs]))
        made["Adif"] = made["Adif"] + made[f"Delta_ground_{name}"]
    bands = np.ones(len(LENGTHS), bool)
    if not count:
        bands = (difference > -LENGTHS / 20.0) & (difference > LENGTHS / 4.0 - longer[2])
    masked = {name: np.where(bands, one, 0.0) for name, one in made.items() if np.shape(one) == LENGTHS.shape}
    return {**made, **masked}, bands


def beside(found, expected, tolerance=1.0):
    """Return the largest difference of a term, in tolerances; what is not given is not compared."""
    if isinstance(expected, list) and expected and isinstance(expected[0], dict):
        # of a point below its plane the directive has 0, and the files how far it is below (see the notes of TC14)
        pairs = [
            (got[key], one[key])
            for got, one in zip(found, expected)
            for key in one
            if one[key] is not None and not (key in ("zs", "zr") and got[key] == 0.0)
        ]
        found, expected = zip(*pairs)
    given, got = np.array(expected, float), np.asarray(found, float)
    known = np.isfinite(given)
    return float(np.max(np.abs(got - given)[known], initial=0.0) / float(tolerance))
