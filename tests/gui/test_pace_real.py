"""3D Tiles that are written here in the real QGIS: they stand where the layer stands that they were made of."""

import json

import numpy as np
import pytest
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.layers.styles3d import SURFACES
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.tiles3d.datum import KNOWN
from dtwin_plugin.sources.tiles3d.write import write_tileset
from dtwin_plugin.sources.tiles3d.write_paint import by_kind
from scripts.town import STEP, X, Y, main, town

ROWS = 18


def pixels(path):
    """Red, green, blue of a picture, shape (rows, columns, 3)."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), -1, 3)[:, : int(0.8 * image.width())].astype(int)


@pytest.mark.gl
@pytest.mark.slow
def test_tiles_stand_where_their_layer_stands(real_qgis, keep_pictures, stand_in_grids, tmp_path):
    houses = town(ROWS**2)
    main(ROWS**2, tmp_path / "town.gpkg")
    write_tileset(houses, by_kind(houses.semantics, SURFACES), tmp_path / "tiles", "Town", Silent())
    files = {"ours": tmp_path / "town.gpkg", "tiles": tmp_path / "tiles" / "tileset.json"}
    seen, roofs = {}, {}
    for kind, file in files.items():
        folder = tmp_path / kind if kind == "ours" else tmp_path / "as_tiles"
        folder.mkdir()
        extent = [X - STEP, Y - STEP, X + ROWS * STEP, Y + ROWS * STEP]
        (folder / "task.json").write_text(
            json.dumps({"kind": kind, "file": str(file), "extent": extent, "height": KNOWN})
        )
        found = real_qgis("pace_trial", folder)
        assert found["first"] is not None and found["moved"] is not None
        keep_pictures(folder, ("far", "near"), f"pace-{kind}")
        shown = pixels(folder / "near.png")
        seen[kind] = shown.min(axis=2) < 235  # the sky is white
        roofs[kind] = seen[kind] & (shown[:, :, 0] > 1.5 * shown[:, :, 1])
    both, either = seen["ours"] & seen["tiles"], seen["ours"] | seen["tiles"]
    assert 0.1 < seen["ours"].mean() < 0.9 and both.sum() > 0.9 * either.sum()
    assert roofs["ours"].mean() > 0.05 and (roofs["ours"] & roofs["tiles"]).sum() > 0.85 * roofs["ours"].sum()
