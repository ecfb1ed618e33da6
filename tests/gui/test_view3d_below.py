"""Under the ground and sections in the real QGIS: a pit, stretched heights, soil and cables, cuts and their profile."""

import subprocess
import sys

import pytest

PICTURES = ("pit", "five times", "probability", "sleeves", "from below", "behind", "strip")


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_ground_is_opened_and_the_scene_is_cut_in_the_real_qgis(root, real_qgis, keep_pictures, tmp_path):
    subprocess.run([sys.executable, "-m", "scripts.small_twin", str(tmp_path)], cwd=root, check=True, timeout=120)
    found = real_qgis("view3d_below_trial", tmp_path, timeout=580)
    keep_pictures(tmp_path, PICTURES, "below")
    shares = found["shares"]

    # the sewer is seen through the pit only, and pointed at there only
    assert found["ready"] and shares["pit"]["sewer"] > 0.002
    assert max(shares[name]["sewer"] for name in ("whole", "pit elsewhere", "whole again")) < 1e-4
    assert found["met in the pit"] == ["tubes"] and found["met in the ground"] == []
    assert shares["pit"]["dark"] > shares["whole"]["dark"] + 0.05  # walls and floor

    # five times as high: less sky is left, and what is met has its true height all the same
    assert shares["five times"]["sky"] < shares["once"]["sky"] - 0.1
    own = [(z, met) for z, met, is_own in found["tops"] if is_own]
    assert len(own) >= 4 and all(met == pytest.approx(z, abs=0.01) for z, met in own)  # others stand behind

    # soil that is less probable is left out; boreholes go; depths have colours, one that is not known is grey
    assert 0.01 < shares["sure"]["blue"] < shares["probability"]["blue"] - 0.02
    assert found["without logs"] == ["terrain", "voxels"]
    assert shares["sleeves"]["grey"] > 0.005 and shares["sleeves"]["sewer"] < 1e-4  # no pipe in the colour of its theme
    assert shares["sleeves"]["sky"] < 0.85  # the pipes alone leave 0.97
    assert {"depth": True, "sleeves": True, "ground": "none"}.items() <= found["state"].items()

    # the ground goes while one looks from below, and light comes from there
    assert found["ground from below"] == [True, 3] and found["ground from above"] == [False, 2]
    assert shares["from below"]["sewer"] > 0.005 > shares["from above"]["sewer"]

    # half of the town is cut away, the other half, and none; what is cut away cannot be pointed at
    assert found["halves"] == [[0, 3], [6, 0], [6, 3]]
    parts = [shares[name]["roofs"] for name in ("behind", "other side", "not cut")]
    assert parts[0] + parts[1] == pytest.approx(parts[2], rel=0.05) and min(parts[:2]) > 0.02
    assert 0.005 < shares["strip"]["roofs"]
    assert found["cut"]["kind"] == "strip" and found["cut"]["shift"] == 0.0  # after fifty cuts
    assert found["profile"] == ["terrain", "surfaces", "columns", "cables"]
    assert found["profile length"] == pytest.approx(90.0, abs=0.01)
    assert found["profile heights"][0] < -4 and found["profile heights"][1] > 9
    assert found["panel"] == [[111_995.0, 460_038.0], [112_085.0, 460_038.0]]

    assert found["second"] == [True, [False, True]]
    assert found["plain"] == [{}, {}] and found["same"] and found["nonsense"] == [{}, {}]
    assert found["after closing"] == [{}, {}, 0]
    assert found["project"] == ["cables", "columns", "surfaces", "terrain", "tubes", "voxels"]  # nothing of ours
