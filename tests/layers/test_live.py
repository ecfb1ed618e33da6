"""Live values on the map: current, older and no value each look their own way; and what a project may ask for."""

import time

import numpy as np
import pytest
from qgis.core import QgsExpressionContext, QgsExpressionContextUtils, QgsRenderContext, QgsSettings

from dtwin_plugin.data import Features, Geometries, Series
from dtwin_plugin.data.series import Quantity
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.gui import live_start
from dtwin_plugin.layers import live
from dtwin_plugin.sources.transport import Response
from dtwin_plugin.sources.watching import BusyError
from dtwin_plugin.twin.live.feed import Feed, Watch
from dtwin_plugin.twin.live.history import History


@pytest.fixture
def kept(tmp_path):
    """A history with four stations: a current value, one of 7.5 minutes, one of an hour, and none."""
    now = np.datetime64(int(time.time() * 1000), "ms")
    ages = np.array([30, 450, 3600, 30]) * np.timedelta64(1000, "ms")
    places = np.array([[85_000.0 + 100 * number, 447_000.0] for number in range(4)])
    stations = Features(Geometries.points(places), {"station": np.array(["a", "b", "c", "d"], object)})
    rows, zero = np.arange(4), np.zeros(4, int)
    values = np.array([1.0, 2.0, 3.0, np.nan])
    never = np.full(4, "NaT", "datetime64[ms]")
    series = Series("x", stations, (Quantity("flow", "h-1"),), rows, zero, now - ages, now - ages, never, values)
    path = tmp_path / "history.gpkg"
    with History(path) as history:
        history.add(series, now, current=180.0)
    return path


def test_old_values_fade_and_no_value_has_its_own_symbol(qgis_app, kept, tmp_path):
    from qgis.core import QgsProject

    project = QgsProject()
    observed, values = live.add_layers(project, kept)
    assert not live.add_layers(project, kept)  # they are there
    assert observed.temporalProperties().isActive() and observed.featureCount() == 4
    context = QgsRenderContext()
    context.setExpressionContext(QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(values)))
    renderer = values.renderer()
    renderer.startRender(context, values.fields())
    seen = {}
    for feature in values.getFeatures():
        context.expressionContext().setFeature(feature)
        (symbol,) = renderer.originalSymbolsForFeature(feature, context)
        properties = symbol.dataDefinedProperties()
        opacity, _ = properties.valueAsDouble(symbol.Property.Opacity, context.expressionContext(), 100.0)
        seen[feature["station"]] = (symbol.symbolLayer(0).shape() if hasattr(symbol.symbolLayer(0), "shape") else 0,
                                    symbol.color().name(), round(opacity))  # fmt: skip
    renderer.stopRender(context)
    shapes = {name: shape for name, (shape, _, _) in seen.items()}
    assert shapes["a"] == shapes["b"] == shapes["c"] != shapes["d"]
    assert seen["a"][1:] == ("#1b7837", 100)
    # 450 s is 2.5 times the 180 s that a value is current: half way from 100 to 25
    assert seen["b"][1] == "#b8860b" and abs(seen["b"][2] - 62.5) <= 1.5
    assert seen["c"][1:] == ("#b8860b", 25)
    project.clear()


def test_feeds_are_kept_in_the_project_and_what_is_no_feed_is_left_out(qgis_app):
    from qgis.core import QgsProject

    project = QgsProject()
    feeds = [Feed("ndw-speed", interval=60.0, area=(1.0, 2.0, 3.0, 4.0), running=True), Feed("https://a.nl/v1.1")]
    live.keep_feeds(project, feeds)
    assert live.feeds_of(project) == feeds
    for text in ("no json", "5", '[1, {"title": "x"}, {"source": "a"}]'):
        project.writeEntry(live.SCOPE, live.FEEDS, text)
        assert [feed.source for feed in live.feeds_of(project)] in ([], ["a"])


def test_a_source_of_another_catalogue_stays_in_the_project_for_who_has_it(qgis_app):
    from qgis.core import QgsProject

    from dtwin_plugin.gui.live.polling import Polling

    project = QgsProject.instance()
    stranger = Feed("of-another-catalogue")
    live.keep_feeds(project, [stranger, Feed("ndw-speed", interval=60.0)])
    polling = Polling()
    assert list(polling.questions) == ["ndw-speed"]
    polling.stop("ndw-speed")
    assert {feed.source for feed in live.feeds_of(project)} == {"ndw-speed", "of-another-catalogue"}
    polling.take_away("ndw-speed")
    assert live.feeds_of(project) == [stranger]
    polling.take_away(stranger.source)
    assert live.feeds_of(project) == []
    project.clear()


def test_a_project_of_anybody_lets_no_unknown_server_be_asked(qgis_app):
    QgsSettings().remove("dtwin/live_hosts")
    assert live_start.may_start("ndw-speed")
    assert not live_start.may_start("https://evil.example/v1.1")
    live_start.remember("https://good.example/v1.1")
    assert live_start.may_start("https://good.example/other") and not live_start.may_start("https://evil.example/v1.1")
    QgsSettings().remove("dtwin/live_hosts")


class _Given:
    """A transport that answers or raises what is given."""

    def __init__(self, given):
        self.given = given

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


def test_a_fault_is_told_in_a_sentence_and_a_question_that_is_stopped_tells_nothing(qgis_app, tmp_path):
    watch = Watch(Feed("https://a.nl/file.xml", interval=60.0))
    busy = Response(503, b"", {"retry-after": "77"}, "https://a.nl/file.xml")
    live.Question(watch, tmp_path / "h.gpkg", _Given(busy)).ask(lambda: 0.0)
    assert watch.error == "https://a.nl/file.xml cannot help now (HTTP 503). It is asked again by itself."
    assert watch.due == 77.0 and watch.failures == 1
    live.Question(watch, tmp_path / "h.gpkg", _Given(Cancelled())).ask(lambda: 5.0)
    assert watch.due == 77.0 and watch.failures == 1
    (tmp_path / "other.gpkg").write_text("no history" * 200)
    live.Question(watch, tmp_path / "other.gpkg", _Given(BusyError("x"))).ask(lambda: 0.0)
    assert "no history" in watch.error


def test_two_that_look_at_one_history_ask_as_often_as_one(qgis_app, kept):
    """Another QGIS had an answer just now: this one waits for its turn."""
    watch = Watch(Feed("x", interval=600.0))
    asked = []

    class Counting(_Given):
        def get(self, url, params=None, *, timeout=60.0, headers=None):
            asked.append(url)
            return self.given

    question = live.Question.__new__(live.Question)
    question.watch, question.path, question.is_cancelled = watch, kept, False
    question._transport = Counting(None)
    question.ask(lambda: 0.0)
    assert not asked and not watch.error and watch.due == 300.0
