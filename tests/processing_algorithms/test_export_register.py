"""The model register from the toolbox."""

import json

import pytest


@pytest.fixture
def run(provider, context):
    from qgis.core import QgsProcessingFeedback

    def run_algorithm(**parameters):
        feedback = QgsProcessingFeedback()
        made, ok = provider.algorithm("exportregister").create().run(parameters, context, feedback)
        return made, ok, feedback.textLog()

    return run_algorithm


def test_a_register_of_all_models_is_written(run, tmp_path):
    from dtwin_plugin.models import MODELS

    made, ok, log = run(organisation="Gemeente X", email="data@x.nl", folder=str(tmp_path / "register"))
    assert ok and made["written"] == len(MODELS)
    entries = json.loads((tmp_path / "register" / "algoritmeregister.json").read_text("utf-8"))
    assert {item["source_id"].split(":")[1] for item in entries} == set(MODELS)
    assert {item["organization"] for item in entries} == {"Gemeente X"} and "Wettelijke basis" in log


def test_chosen_models_get_their_status_and_category(run, tmp_path):
    folder = tmp_path / "register"
    made, ok, _ = run(
        models="flood, dtwin:clash", organisation="X", email="a@x.nl", status=2, category=1, folder=str(folder),
        server="https://ogc.x.nl",
    )  # fmt: skip
    assert ok and made["written"] == 2
    entries = json.loads((folder / "algoritmeregister.json").read_text("utf-8"))
    assert {(item["status"], item["publication_category"]) for item in entries} == {
        ("Buiten gebruik", "Impactvolle algoritmes")
    }
    assert "https://ogc.x.nl/processes/clash" in (folder / "models.jsonld").read_text("utf-8")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"models": "flod"}, "There is no model flod"),
        ({"email": "nobody"}, "nobody is no e-mail address"),
        ({"server": "ftp://x.nl"}, "ftp://x.nl is no web address"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(run, tmp_path, parameters, words):
    given = {"organisation": "X", "email": "a@x.nl", "folder": str(tmp_path / "register"), **parameters}
    _, ok, log = run(**given)
    assert not ok and words in log
    assert not (tmp_path / "register" / "index.html").exists()
