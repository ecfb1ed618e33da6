"""What can be ticked: short titles in the user's language, also for what an own list brings."""

import json

import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue.products import TITLES, product, products
from dtwin_plugin.translate import language, set_language

ROW = {
    "id": "trees", "title": "Trees of Delft", "title_nl": "Bomen van Delft", "owner": "Delft", "kind": "wfs",
    "url": "https://gis.example.nl/wfs", "licence": "CC0 1.0", "attribution": "Delft", "access_level": "open",
}  # fmt: skip
LONGEST = 50  # characters that the panel shows at its least width without cutting the word that tells rows apart


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.json"

    def write(*rows):
        path.write_text(json.dumps(rows))
        catalogue.use_own_list(path)

    yield write
    catalogue.use_own_list(None)


@pytest.fixture
def dutch():
    before = language()
    set_language("nl")
    yield
    set_language(before)


def test_every_national_product_has_a_short_title_that_is_translated():
    for item in products().values():
        assert item.title in TITLES and len(item.title) <= LONGEST, item.id


def test_titles_tell_products_apart():
    titles = [item.title for item in products().values()]
    assert len(set(titles)) == len(titles)


def test_what_was_loaded_before_keeps_its_id():
    """Ids are the names of tables and of ticks that are kept."""
    for name, layer in {
        "3dbag-wfs.BAG3D.lod22": "BAG3D:lod22",
        "nwb-wfs.nwbwegen.wegvakken": "nwbwegen:wegvakken",
    }.items():
        assert product(name).parameters["collection"] == layer
    assert product("3dbag-3dtiles-lod22").loader == "load3dtiles"


def test_an_own_source_is_called_as_its_row_says(own, dutch):
    own({**ROW, "layers": ["app:trees"]})
    assert product("trees.app.trees").title == "Bomen van Delft"
    own({**ROW, "layers": ["app:trees", "app:lamps"]})
    assert product("trees.app.lamps").title == "Bomen van Delft: lamps"
    set_language("en")
    assert product("trees.app.lamps").title == "Trees of Delft: lamps"
