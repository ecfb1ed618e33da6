"""Words of the report of a test of a plan: what takes two lines pushes down what comes below it."""

import itertools

import pytest
from qgis.core import QgsLayoutItemLabel

from dtwin_plugin.layers.pages import Pages
from dtwin_plugin.layers.plan_sheet import _counts, _legend
from dtwin_plugin.translate import set_language


@pytest.fixture(params=["en", "nl"])
def pages(qgis_app, request):
    set_language(request.param)
    found = Pages("A plan", "A4")
    found.page("")
    yield found
    set_language("en")


def boxes(pages):
    """The places of all labels, smaller by a tenth of a millimetre: what touches does not overlap."""
    labels = [item for item in pages.layout.items() if isinstance(item, QgsLayoutItemLabel)]
    return [label.sceneBoundingRect().adjusted(0.1, 0.1, -0.1, -0.1) for label in labels]


def overlapping(pages):
    return [pair for pair in itertools.combinations(boxes(pages), 2) if pair[0].intersects(pair[1])]


def test_the_counts_of_the_cover_do_not_run_into_each_other(pages):
    _counts(pages, [])  # "Moet worden beoordeeld" takes two lines
    assert len(boxes(pages)) >= 15 and not overlapping(pages)
    assert pages.y > max(box.bottom() for box in boxes(pages))


def test_a_long_title_of_a_legend_pushes_its_colours_down(pages):
    title = "Buildings by their worst outcome, in words that take more than one line of it"
    end = _legend(pages, title, [("#ff0000", "Does not comply")], 20.0, 30.0)
    assert not overlapping(pages) and end > 40
