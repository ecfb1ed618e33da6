"""A large file needs little more memory than its own size."""

import subprocess
import sys

import pytest

from scripts.bench.cityjson import write_document, write_sequence

MEASURE = """
import sys
from dtwin_plugin.data import Extent
from dtwin_plugin.sources.cityjson import CityJsonSource
from dtwin_plugin.sources.describe_one import peak_memory

before = peak_memory()
objects = 0
for chunk in CityJsonSource(sys.argv[1], lod="2.2").read(Extent(85000, 447000, 86000, 448000)):
    objects += chunk.object_count
print(objects, peak_memory() - before)
"""


def measured(path, root):
    """Return the object rows read and the growth of the most memory in use [MB], in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=root, capture_output=True, text=True, check=True, timeout=250
    )
    objects, growth = run.stdout.split()
    return int(objects), float(growth)


def test_memory_of_a_sequence_does_not_grow_with_the_file(tmp_path, root):
    grown = []
    for name, size in (("small.jsonl", 6_000_000), ("large.jsonl", 30_000_000)):
        write_sequence(tmp_path / name, size)
        objects, growth = measured(tmp_path / name, root)
        assert objects > 0
        grown.append(growth)
    # the second file is 24 MB larger; what is kept of it are the surfaces of 1/25 of the buildings
    assert grown[1] < grown[0] + 20


@pytest.mark.slow
def test_a_document_of_100_mb_takes_less_than_three_times_its_size(tmp_path, root):
    path = tmp_path / "large.city.json"
    write_document(path, 100_000_000)
    objects, growth = measured(path, root)
    size = path.stat().st_size / 2**20
    assert objects > 0
    assert growth <= 3 * size, f"{growth / size:.2f} times"
