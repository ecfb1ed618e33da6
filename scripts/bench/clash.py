"""How fast what is planned is tested against what is in the ground, against NumPy that measures every pair."""

import time

import numpy as np

PLANNED, PRESENT, SHARE = 2_000, 20_000, 50  # the baseline measures one in SHARE of the planned


def _lines(random: np.random.Generator, count: int, length: float):
    """Return lines in a district of 1 km2, 0.3 to 2 m deep."""
    from dtwin_plugin.data import Features, Geometries

    start = random.random((count, 3)) * [1000, 1000, 1.7] - [0, 0, 2]
    turn = random.random(count) * 2 * np.pi
    end = start + np.column_stack([length * np.cos(turn), length * np.sin(turn), random.normal(0, 0.1, count)])
    steps = np.arange(count + 1, dtype=np.int64)
    shapes = Geometries("line", np.stack([start, end], axis=1).reshape(-1, 3), 2 * steps, steps, steps)
    doubt = {"xy_uncertainty": np.full(count, 1.0), "z_uncertainty": np.full(count, 0.3)}
    return Features(shapes, {"diameter": np.full(count, 100.0), "theme": np.full(count, "water", object), **doubt})


def _every_pair(a: np.ndarray, b: np.ndarray) -> int:
    """Measure each of a against all of b: closest points of segments (Ericson 2005, 5.1.9), in NumPy."""
    near = 0
    d2, ee = b[:, 3:] - b[:, :3], ((b[:, 3:] - b[:, :3]) ** 2).sum(axis=1)
    for one in a:
        d1, r = one[3:] - one[:3], one[:3] - b[:, :3]
        aa, f, c, bb = (d1 * d1).sum(), (d2 * r).sum(axis=1), r @ d1, d2 @ d1
        bottom = aa * ee - bb * bb
        s = np.clip(np.divide(bb * f - c * ee, bottom, out=np.zeros_like(bottom), where=bottom > 0), 0, 1)
        t = np.clip((bb * s + f) / ee, 0, 1)
        s = np.clip((bb * t - c) / aa, 0, 1)
        away = np.linalg.norm(r + s[:, None] * d1 - t[:, None] * d2, axis=1)
        near += int((away < 0.4).sum())
    return near


def rows() -> list[dict]:
    """Pairs a second; the index leaves most out without measuring, which counts."""
    from dtwin_plugin.models.subsurface.clash import clashes, objects
    from dtwin_plugin.models.subsurface.required import Required

    random = np.random.default_rng(1)
    planned = objects([_lines(random, PLANNED, 5.0)], "pipe", 0.1, 0.05)
    present = objects([_lines(random, PRESENT, 20.0)], "", 1.0)
    table = Required({("*", "*"): 0.3})
    clashes(objects([_lines(random, 10, 5.0)], "pipe", 0.1, 0.05), present, table)  # compiles what is compiled
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        found = clashes(planned, present, table)
        seconds.append(time.perf_counter() - begin)
    assert len(found.planned)
    begin = time.perf_counter()
    _every_pair(planned.bodies.edges[::SHARE], present.bodies.edges)
    plain = time.perf_counter() - begin
    pairs = PLANNED * PRESENT
    return [
        {
            "name": f"Clash, {PLANNED:,} x {PRESENT:,} segments with uncertainty",
            "value": round(pairs / min(seconds)),
            "unit": "pairs/s",
            "baseline": round(pairs / SHARE / plain),
            "ratio": round(SHARE * plain / min(seconds), 1),
            "target": 10,
        }
    ]
