"""Two runs of the generator give the same bytes."""

import hashlib

from resources.sample.build import write_sample

STABLE = (
    "buildings.city.json", "buildings.city.jsonl", "manifest.json", "terrain_05m.tif", "terrain_05m_filled.tif",
    "dsm_05m.tif", "trees.gpkg", "roads.gpkg", "bgt.gpkg", "plan.gpkg",
    "measures.gpkg", "study.gpkg", "flood-study.json", "traffic.gpkg", "new_homes.gpkg", "traffic-study.json",
    "rates_example.csv", "vehicles_example.csv",
)  # fmt: skip
FOLDERS = ("subsurface", "klic", "scheme")  # all that is in them


def test_two_runs_give_the_same_files(sample, tmp_path):
    write_sample(tmp_path / "again")
    below = [path.relative_to(sample).as_posix() for name in FOLDERS for path in sorted((sample / name).rglob("*.*"))]
    assert len(below) > 40
    differing = [
        name
        for name in (*STABLE, *below)
        if hashlib.sha256((sample / name).read_bytes()).digest()
        != hashlib.sha256((tmp_path / "again" / name).read_bytes()).digest()
    ]
    assert differing == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again"]  # nothing half-written is left beside it
