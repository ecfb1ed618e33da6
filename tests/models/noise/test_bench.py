"""The figures of road noise are made by functions that still fit the model: all of them, for a few points."""

import numpy as np

from scripts.bench import noise


def test_all_rows_of_the_bench_are_made_of_a_few_points():
    found = list(noise.rows(sample=3, fine=2, part=10))
    assert len({row["name"] for row in found}) == len(found) >= 15
    assert all(np.isfinite(row["value"]) and row["value"] >= 0.0 for row in found)
    of = {row["unit"]: row["value"] for row in reversed(found)}
    # a point of the town hears all 15 streets, from parts of a quarter of their distance; one core makes thousands
    assert of["1/s"] > 100.0
    paths = next(row["value"] for row in found if row["name"].startswith("paths a receiver"))
    assert 50 < paths < 1000
