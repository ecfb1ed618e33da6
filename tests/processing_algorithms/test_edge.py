"""Where an algorithm cannot go on for what a user can mend, QGIS gets one sentence; a fault of ours stays a fault."""

import importlib
import sys

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback

from processing_algorithms.base import DtwinAlgorithm
from tests.processing_algorithms.memory_layers import layer


class Importing(DtwinAlgorithm):
    """Imports a module when it runs, as models do with packages that are not needed to start QGIS."""

    ID = "importing"

    def __init__(self, module):
        super().__init__()
        self.module = module

    def initAlgorithm(self, configuration=None):
        pass

    def work(self, parameters, context, feedback):
        importlib.import_module(self.module)
        return {}


def run(module):
    return Importing(module).processAlgorithm({}, QgsProcessingContext(), QgsProcessingFeedback())


def test_a_package_that_is_not_installed_is_named_with_how_to_install_it(qgis_app):
    with pytest.raises(QgsProcessingException, match="no_such_package is not installed.*pip install no_such_package"):
        run("no_such_package.part")
    assert run("json") == {}


def test_a_module_of_ours_that_is_not_there_is_no_package_to_install(qgis_app):
    with pytest.raises(ModuleNotFoundError):
        run("dtwin_plugin.no_such_module")


def test_a_road_network_without_shapely_is_a_sentence_and_leaves_no_file(provider, context, tmp_path, monkeypatch):
    roads = layer("LineString", ["speed:double"], ("LineString (112000 460000, 112100 460000)", 30.0))
    monkeypatch.setitem(sys.modules, "shapely", None)
    parameters = {"roads": roads, **{name: str(tmp_path / f"{name}.gpkg") for name in ("links", "nodes", "problems")}}
    with pytest.raises(QgsProcessingException, match="The Python package shapely is not installed"):
        provider.algorithm("roadnetwork").create().run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert not list(tmp_path.iterdir())
