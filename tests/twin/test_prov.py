"""A run record as PROV-JSON, read by the reference implementation of others."""

import json

import pytest
from prov.model import PROV_ATTR_ENTITY, ProvActivity, ProvAgent, ProvDocument, ProvEntity, ProvUsage

from dtwin_plugin.twin import InputRecord, RunRecord
from dtwin_plugin.twin.prov import SUFFIX, prov_of, prov_text, write_prov


@pytest.fixture
def record():
    return RunRecord(
        "flood", "1.0.0", "Flooding", purpose="Advice", parameters={"rain": 70.0, "area": [1, 2], "none": None},
        inputs=[
            InputRecord("terrain", "/data/a.tif", "2026-01-01T00:00:00+00:00", "ab" * 32, licence="CC BY 4.0"),
            InputRecord("buildings", "https://jan:geheim@x.nl/wfs?token=123"),
        ],
        outputs={"depth": "/data/depth.tif", "flooded_area": 12.5}, software={"qgis": "3.40.1 'Bratislava'"},
        rights=["CC BY 4.0", "CC0"], checksums={"depth": "cd" * 32}, started="2026-01-02T10:00:00+00:00",
        ended="2026-01-02T10:00:30+00:00",
    )  # fmt: skip


def read(record):
    return ProvDocument.deserialize(content=prov_text(record), format="json")


def test_the_reference_implementation_reads_it_and_loses_nothing(record):
    document = read(record)
    again = json.loads(document.serialize(format="json"))
    ours = prov_of(record)
    for kind in ("entity", "activity", "agent"):
        assert set(again[kind]) == set(ours[kind])
    for kind in ("used", "wasGeneratedBy", "wasAssociatedWith", "wasDerivedFrom"):
        assert len(again[kind]) == len(ours[kind])


def test_the_run_used_its_data_and_parameters_and_made_its_results(record):
    document = read(record)
    (activity,) = document.get_records(ProvActivity)
    assert (activity.get_endTime() - activity.get_startTime()).total_seconds() == 30
    used = {str(next(iter(row.get_attribute(PROV_ATTR_ENTITY)))) for row in document.get_records(ProvUsage)}
    run = f"dtwin:{record.id}"
    assert used == {f"{run}.parameters", f"{run}.input.terrain", f"{run}.input.buildings"}
    assert {f"{run}.output.depth", f"{run}.output.flooded_area"} <= {
        str(entity.identifier) for entity in document.get_records(ProvEntity)
    }


def test_inputs_have_checksum_date_and_licence(record):
    entity = prov_of(record)["entity"][f"dtwin:{record.id}.input.terrain"]
    assert entity["dtwin:sha256"] == "ab" * 32
    assert (entity["dcterms:modified"], entity["dcterms:license"]) == ("2026-01-01T00:00:00+00:00", "CC BY 4.0")


def test_a_person_is_an_agent_only_if_given(record):
    def labels(of):
        return {str(agent.label) for agent in read(of).get_records(ProvAgent)}

    assert not [label for label in labels(record) if "Jansen" in label]
    record.person = "J. Jansen"
    assert "J. Jansen" in labels(record)


def test_nothing_secret_is_in_it(record):
    assert "geheim" not in prov_text(record) and "123" not in prov_text(record)


def test_it_stands_beside_the_record(record, tmp_path):
    path = write_prov(record, tmp_path / "run.json")
    assert path.name == "run" + SUFFIX and json.loads(path.read_text()) == json.loads(prov_text(record))


def test_a_run_without_data_is_a_document_too():
    assert read(RunRecord("a", "1", "A")).get_records(ProvActivity)
