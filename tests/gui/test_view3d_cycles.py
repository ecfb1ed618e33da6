"""QGIS does not die: layers come, change and go while 3D views show them; the plugin is unloaded and leaves nothing.

A short run of `scripts/view3d_cycles.py`, which does 50 rounds of every kind of layer when it is run by hand.
"""

import shutil

import pytest

from scripts.view3d_cycles import cycles

GROWTH = 250  # MB; shaders, fonts and caches of QGIS come with the first views, and stay


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("qgis") is None, reason="needs the QGIS desktop")
def test_qgis_outlives_what_happens_to_layers_in_3d_views(tmp_path):
    found = cycles(tmp_path, rounds=2, times=12, seconds=280)
    assert "error" not in found, found["error"]
    assert not found["faults"], "\n".join(found["faults"])
    assert found["part"] == "" and found["exit"] == 0, f"QGIS died or hung in {found['part']}: {found['died']}"
    assert found["steps"] == 2 * 2 * len(found["kinds"]) > 50 and found["not drawn"] == 0
    assert found["views"] == 2 and found["views of a closed project"] == 0
    assert found["closed with jobs"] > 0
    assert found["system after tiles"] == "EPSG:28992"
    first, *_, last = found["left"]
    assert last == first and last["own"] == [] and last["views"] == 0 and not last["provider"]
    assert found["rss"]["loaded_again"] - found["rss"]["once round"] < GROWTH
    assert "Traceback" not in found["stderr"]
