"""The jobs on servers in the panel "Models": what is kept on disk is shown, and buttons open the right dialog."""

import json
import threading
import time

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from dtwin_plugin.gui.models import server_jobs
from dtwin_plugin.layers import privacy, servers
from dtwin_plugin.processes.client import JobInfo
from dtwin_plugin.processes.remote import JobRecord, JobStore, Registered, Registry
from processing_algorithms.provider import DtwinProvider
from processing_algorithms.servers import remote_algorithms


@pytest.fixture
def folders(qgis_app, monkeypatch, tmp_path):
    monkeypatch.setattr(servers, "folder_of", lambda name: tmp_path / name)
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    found = []
    monkeypatch.setattr(server_jobs, "open_dialog", lambda *given: found.append(given))
    return found


def kept(folders, status, **more):
    jobs = JobStore(folders / "jobs")
    record = jobs.add(JobRecord("", "own", "echo", f"Echo {status}", "own_echo", "1", "http://a.nl/jobs/1"))
    return jobs.change(record, JobInfo("1", status, progress=0.5, message="<b>Busy</b>", **more))


def rows(panel):
    items = [panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount())]
    return [[item.text(column) for column in range(3)] for item in items]


def test_jobs_are_listed_by_what_is_kept_and_buttons_fit_their_status(folders, asked):
    running, ready, failed = (kept(folders, status) for status in ("running", "successful", "failed"))
    panel = server_jobs.ServerJobs()
    assert sorted(rows(panel)) == sorted(
        [["Echo running", "own", "runs 50%"], ["Echo successful", "own", "ready"], ["Echo failed", "own", "failed"]]
    )
    enabled = {}
    for place in range(3):
        panel.list.setCurrentItem(panel.list.topLevelItem(place))
        enabled[panel.current().status] = [name for name, button in panel.buttons.items() if button.isEnabled()]
        assert "<b>Busy</b>" in panel.log.text()
    assert enabled == {
        "running": ["look", "fetch", "stop", "forget"], "successful": ["fetch", "forget"], "failed": ["forget"],
    }  # fmt: skip
    chosen = next(place for place in range(3) if panel.list.topLevelItem(place).text(0) == "Echo successful")
    panel.list.setCurrentItem(panel.list.topLevelItem(chosen))
    panel.buttons["fetch"].click()
    assert asked == [("dtwin:serverjob", {"action": 2, "job": ready.key})]


def test_a_change_on_disk_is_seen_and_the_choice_stays(folders, asked):
    record = kept(folders, "running")
    panel = server_jobs.ServerJobs()
    panel.list.setCurrentItem(panel.list.topLevelItem(0))
    JobStore(folders / "jobs").change(record, JobInfo("1", "successful"))
    panel.refresh()
    assert rows(panel) == [["Echo running", "own", "ready"]]
    assert panel.current().key == record.key


def test_processes_of_a_registered_server_are_algorithms_without_a_network(folders, processes_server):
    registry = Registry(folders / "servers")
    described = {"echo": processes_server.echo(), "large": processes_server.echo(**{f"p{n}": {} for n in range(600)})}
    registry.keep(Registered("own", "Own <b>server</b>", "http://127.0.0.1:1", processes=described))
    provider = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    try:
        algorithm = provider.algorithm("own_echo")
        assert (algorithm.groupId(), algorithm.displayName()) == ("server_own", "Echo")
        assert [one.name() for one in algorithm.parameterDefinitions()][0] == "text"
        assert not algorithm.create().icon().isNull()
        assert provider.algorithm("own_large") is None
        registry.remove("own")
        provider.refreshAlgorithms()
        assert provider.algorithm("own_echo") is None
    finally:
        QgsApplication.processingRegistry().removeProvider(provider)


def test_what_a_profile_holds_otherwise_does_not_keep_qgis_from_starting(folders):
    (folders / "servers").mkdir()
    (folders / "servers" / "own.json").write_text(json.dumps({"name": "own", "processes": [1]}))
    provider = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    try:
        assert provider.algorithm("flood") is not None
    finally:
        QgsApplication.processingRegistry().removeProvider(provider)


@pytest.mark.parametrize(
    ("level", "may_send", "is_sent"),
    [("open", False, True), ("confidential", False, False), ("confidential", True, True)],
)
def test_layers_that_are_not_for_others_are_not_sent(folders, processes_server, level, may_send, is_sent):
    points = {"type": "object", "contentMediaType": "application/vnd.ogc.fg+json"}
    state = processes_server.State(descriptions={"echo": processes_server.echo(places={"schema": points})})
    state.results = {"said": "hello"}
    layer = QgsVectorLayer("Point?crs=EPSG:28992", "places", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POINT (84000 447000)"))
    layer.dataProvider().addFeature(feature)
    layer.setCustomProperty(privacy.PROPERTY, level)
    with processes_server.serve(state) as url:
        Registry(folders / "servers").keep(Registered("own", "Own", url, processes=state.descriptions))
        (algorithm,) = remote_algorithms()
        feedback, context = QgsProcessingFeedback(), QgsProcessingContext()
        _, done = algorithm.create().run({"places": layer, "confidential": may_send}, context, feedback)
    assert (done, bool(state.posted)) == (is_sent, is_sent)
    assert is_sent or "would be sent to Own" in feedback.textLog()


def test_to_cancel_in_qgis_stops_the_job_at_the_server(folders, processes_server):
    state = processes_server.State(descriptions={"echo": processes_server.echo()}, quirks={"never ends"})
    with processes_server.serve(state) as url:
        Registry(folders / "servers").keep(Registered("own", "Own", url, processes=state.descriptions))
        (algorithm,) = remote_algorithms()
        feedback, context = QgsProcessingFeedback(), QgsProcessingContext()
        timer = threading.Timer(0.7, feedback.cancel)
        timer.start()
        began = time.monotonic()
        _, done = algorithm.create().run({"text": "hi"}, context, feedback)
        # cancelled after 0.7 s, to end within 1 s; the rest is for a busy machine
        assert not done and time.monotonic() - began < 3
    assert state.dismissed == ["job1"]
    assert [record.status for record in JobStore(folders / "jobs").all()] == ["dismissed"]
