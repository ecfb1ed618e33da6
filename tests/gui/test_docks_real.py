"""Menu, panels and settings in the real QGIS: found, used, and gone when the plugin is unloaded."""

import pytest


@pytest.mark.gl
@pytest.mark.slow
def test_panels_in_the_real_qgis(real_qgis, keep_pictures, make_depth, tmp_path):
    for name in ("now", "plan"):
        make_depth(tmp_path / f"{name}.tif")
    found = real_qgis("docks_trial", tmp_path, "nl")
    keep_pictures(tmp_path, ("menu", "scenarios", "difference", "beside", "models", "settings"), "docks")
    assert found["window"]["menus"] == ["Digitale tweeling"] and found["window"]["toolbars"] == 1
    assert len(found["ours"]) == len(found["window"]["keys"]) == 7 and found["twice"] == []
    assert all(key in tip for key, tip in found["ours"].items())
    assert len(found["seen"]) == 1  # of two scenarios one is shown
    assert found["filled in"]["before"].startswith("now_") and found["filled in"]["after"].startswith("plan_")
    assert found["modal"] is False and found["ran"]
    assert found["drawn"] and found["beside"] == ["Nu", "Wadi op het plein"]  # in two views of the 3D panel
    left, right, *heights = found["left and right"]  # the 3D view stands beside the panel
    assert left <= right and heights[0] == heights[1]
    assert found["runs"][0][0].isdigit()  # the run that was just made has files
    assert found["layers"][0] == found["layers"][1] > 2  # its layers were taken away, and loaded again
    assert found["open dialogs"] == 1
    assert found["behind, in front, hidden"] == [False, True, False]
    assert found["field"] and found["scene width"] == 1500
    assert found["jobs"] and found["tasks after unload"] == 0  # what ran is stopped: it uses what goes
    assert found["unloaded"] == {"menus": [], "toolbars": 0, "docks": [], "keys": [], "dialogs": 0}
    assert found["again"]["menus"] == ["Digitale tweeling"] and found["again"]["toolbars"] == 1
