"""Ground that is hard on a solver."""

import numpy as np


def rough_terrain(rows=60, columns=80, seed=1):
    """Rolling, rough ground below NAP with holes."""
    y, x = np.mgrid[0:rows, 0:columns]
    noise = np.random.default_rng(seed).uniform(0, 0.2, (rows, columns))
    terrain = -4.0 + 0.5 * np.sin(x / 9) * np.cos(y / 7) + noise
    terrain[20:24, 30:40] = np.nan
    terrain[0:3, 0:5] = np.nan
    return terrain
