"""Menu, panels and settings in the real QGIS, in Dutch and English."""

import pytest


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.parametrize(("language", "title"), [("nl", "Digitale tweeling"), ("en", "Digital twin")])
def test_panels_in_the_real_qgis(real_qgis, keep_pictures, make_depth, tmp_path, language, title):
    for name in ("now", "plan"):
        make_depth(tmp_path / f"{name}.tif")
    found = real_qgis("docks_trial", tmp_path, language)
    keep_pictures(tmp_path, ("menu", "scenarios", "difference", "models", "settings"), f"docks-{language}")
    assert found["window"]["menus"] == [title] and found["window"]["toolbars"] == 1
    assert len(found["ours"]) == len(found["window"]["keys"]) == 6 and found["twice"] == []
    assert all(key in tip for key, tip in found["ours"].items())
    assert len(found["seen"]) == 1
    assert found["modal"] is False and found["ran"]
    assert found["runs"][0] not in ("", "failed", "mislukt")
    assert found["layers"][1] == 2 + found["layers"][0] - 2
    assert found["open dialogs"] == 1
    assert found["field"] and found["scene width"] == 1500
    empty = {"menus": [], "toolbars": 0, "docks": [], "keys": [], "dialogs": 0}
    assert found["unloaded"] == empty
    assert found["again"]["menus"] == [title] and found["again"]["toolbars"] == 1
