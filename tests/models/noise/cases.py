"""The reference cases of CNOSSOS-EU, where they lie beside the project."""

import json
import math

import numpy as np

from dtwin_plugin.models.noise.profiles import ENTER, EXIT, GROUND, RELIEF, WALL, Cut

KINDS = {
    "Source": GROUND,
    "Receiver": GROUND,
    "GroundEffect": GROUND,
    "Topography": RELIEF,
    "Wall:THIN_WALL_ENTER_EXIT": WALL,
    "Wall:BUILDING_ENTER": ENTER,
    "Wall:BUILDING_EXIT": EXIT,
    "Reflection": GROUND,
    "VEdgeDiffraction": GROUND,
}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def cuts_of(rows):
    """Return the cuts of a given profile, and x and z of source and receiver."""
    made, gone = [], 0.0
    for number, (kind, x, y, top, ground, softness) in enumerate(rows):
        if number:
            gone += math.dist((x, y), rows[number - 1][1:3])
        made.append(Cut(KINDS[kind], gone, ground, top, softness))
    return made, np.array((0.0, rows[0][3])), np.array((gone, rows[-1][3]))
