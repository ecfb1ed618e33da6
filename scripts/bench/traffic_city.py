"""A made city for the bench of assignment: a grid, roads of higher classes, a ring, and trips to the centre."""

import numpy as np

LINES = 93  # of the grid each way
CELL = 0.15  # km
# every how many lines, km/h, veh/h
CLASSES = ((1, 30.0, 500.0), (3, 50.0, 900.0), (12, 70.0, 3200.0))
RING = (100.0, 5600.0)
TRIPS = 280_000.0  # an hour


def city(zones=1500, seed=1):
    """Return tail, head, free time [min], capacity, nodes and trips: zones come first, no path leads through them."""
    rng = np.random.default_rng(seed)
    rows, columns = np.divmod(np.arange(LINES * LINES), LINES)
    across = np.flatnonzero(columns < LINES - 1)
    down = np.flatnonzero(rows < LINES - 1)
    one = np.concatenate([across, down])
    other = np.concatenate([across + 1, down + LINES])
    line = np.concatenate([rows[across], columns[down]])  # the line of the grid that a street lies on
    along = np.concatenate([columns[across], rows[down]])
    speed, capacity = np.empty(len(one)), np.empty(len(one))
    for every, kmh, room in CLASSES:
        some = line % every == 0
        speed[some], capacity[some] = kmh, room
    edge = LINES // 5, LINES - 1 - LINES // 5
    ring = np.isin(line, edge) & (along >= edge[0]) & (along < edge[1])
    radial = (line == LINES // 2) & ((along < LINES // 3) | (along > LINES - 1 - LINES // 3))
    speed[ring | radial], capacity[ring | radial] = RING
    capacity *= rng.uniform(0.8, 1.2, len(one))
    minutes = CELL / speed * 60.0 * rng.uniform(1.0, 1.3, len(one))
    away = np.hypot(rows - LINES / 2, columns - LINES / 2) * CELL
    density = np.exp(-away / 4.0)
    at = rng.choice(LINES * LINES, zones, replace=False, p=density / density.sum())
    beside = np.where(columns[at] < LINES - 1, at + 1, at - 1)
    zone, nodes = np.arange(zones), zones + LINES * LINES
    joins = np.concatenate([zone, zone]), np.concatenate([at, beside]) + zones
    tail = np.concatenate([one + zones, other + zones, joins[0], joins[1]])
    head = np.concatenate([other + zones, one + zones, joins[1], joins[0]])
    free = np.concatenate([minutes, minutes, np.full(4 * zones, 0.5)])
    room = np.concatenate([capacity, capacity, np.full(4 * zones, 1e6)])
    return tail, head, free, room, nodes, _trips(rng, rows[at], columns[at], away[at])


def _trips(rng, rows, columns, away):
    zones = len(rows)
    people = rng.lognormal(0.0, 0.6, zones)
    jobs = rng.lognormal(0.0, 0.8, zones) * np.exp(-away / 5.0)
    apart = np.hypot(rows[:, None] - rows, columns[:, None] - columns) * CELL
    trips = people[:, None] * jobs * np.exp(-0.25 * apart)
    np.fill_diagonal(trips, 0.0)
    return trips * (TRIPS / trips.sum())
