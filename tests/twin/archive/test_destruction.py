"""Nothing is destroyed by the clock: a list, a decision by a person, a certificate."""

import json
from datetime import date

import pytest

from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.twin import RunRecord
from dtwin_plugin.twin.archive import destruction
from dtwin_plugin.twin.archive.destruction import destroy, proposal, write_list
from dtwin_plugin.twin.archive.mdto import Reference
from dtwin_plugin.twin.archive.package import Order, Run, write_package
from dtwin_plugin.twin.archive.selection import Category, end_of, read_selection

TODAY = date(2036, 1, 2)
TEN = Category("V-1", "Advies", "V", "P10Y", "Afhandeling")


@pytest.fixture
def package(tmp_path):
    def make(name, category=TEN, begun=date(2026, 1, 1)):
        path = tmp_path / f"{name}.zip"
        write_package(path, Order(name, Reference("Gemeente"), category, begun), [Run(RunRecord("m", "1", "M"))])
        return path

    return make


@pytest.fixture
def decided(tmp_path):
    """Write the list of packages and fill in the form; what is given replaces what stands in it."""

    def make(paths, **given):
        form = write_list(proposal(paths, TODAY), tmp_path / "list.json")
        found = json.loads(form.read_text())
        blank = {key: found[key] for key in ("decision", "name", "role", "date", "ground")}
        assert not any(blank.values())  # nothing is filled in for a person
        found.update({"decision": "destroy", "name": "A. Archivaris", "role": "archivaris", "date": "2036-01-02",
                      "ground": "Selectielijst, V-1", **given})  # fmt: skip
        form.write_text(json.dumps(found))
        return tmp_path / "list.json", form, tmp_path / "certificate.json"

    return make


def test_the_list_says_of_each_package_why(package, tmp_path):
    (tmp_path / "other.zip").write_bytes(package("x").read_bytes()[:-200] + b"")
    paths = [package("due"), package("kept", Category("B-1", "Besluit", "B")), package("waits", begun=None),
             package("runs", begun=date(2026, 1, 2))]  # fmt: skip
    found = proposal(paths, TODAY)
    reasons = {row["title"]: row["reason"] for row in (*found["items"], *found["kept"])}
    assert reasons == {
        "due": "due",
        "kept": "kept",
        "waits": "not begun",
        "runs": "running",
    }  # the day itself still counts
    assert [row["title"] for row in found["items"]] == ["due"] and all(path.exists() for path in paths)
    with pytest.raises(FormatError):
        proposal([tmp_path / "other.zip"], TODAY)


def test_a_decision_removes_what_it_names_and_leaves_a_certificate(package, decided):
    due, other = package("due"), package("other")
    listed, form, certificate = decided([due, other])
    chosen = json.loads(form.read_text())
    first = next(row for row in json.loads(listed.read_text())["items"] if row["title"] == "due")
    form.write_text(json.dumps({**chosen, "items": [first["identifier"]]}))
    told = destroy(listed, form, certificate, TODAY)
    assert not due.exists() and other.exists() and json.loads(certificate.read_text()) == told
    (item,) = told["items"]
    assert (item["result"], item["sha256"], told["name"]) == ("removed", first["sha256"], "A. Archivaris")
    assert told["begun"] <= told["ended"]


@pytest.mark.parametrize(("given", "words"), [
    ({"decision": ""}, "Nobody has decided"), ({"name": " "}, "Nobody has"), ({"role": 3}, "Nobody has decided"),
    ({"ground": ""}, "Nobody has decided"), ({"date": "2036-01-01"}, "before the list"),
    ({"date": "2036-01-03"}, "a day to come"), ({"items": []}, "or none"), ({"items": ["run-x"]}, "not on the list"),
    ({"list_sha256": "0" * 64}, "another list"),
])  # fmt: skip
def test_without_a_whole_decision_nothing_is_removed(package, decided, given, words):
    path = package("due")
    with pytest.raises(InputError, match=words):
        destroy(*decided([path], **given), TODAY)
    assert path.exists()


def test_a_list_that_was_changed_after_the_decision_is_refused(package, decided):
    path = package("due")
    listed, form, certificate = decided([path])
    listed.write_text(listed.read_text() + " ")
    with pytest.raises(InputError, match="another list"):
        destroy(listed, form, certificate, TODAY)
    assert path.exists() and not certificate.exists()


def test_a_forged_list_cannot_destroy_what_must_stay(package, decided, tmp_path):
    path = package("kept", Category("B-1", "Besluit", "B"))
    found = proposal([path], TODAY)
    found["items"], found["kept"] = [{**found["kept"][0], "reason": "due"}], []
    form = write_list(found, tmp_path / "list.json")
    filled = json.loads(form.read_text()) | {
        "decision": "destroy", "name": "A", "role": "B", "date": "2036-01-02", "ground": "C"
    }  # fmt: skip
    form.write_text(json.dumps(filled))
    with pytest.raises(InputError, match="its term has not ended"):
        destroy(tmp_path / "list.json", form, tmp_path / "c.json", TODAY)
    assert path.exists()


def test_no_other_file_is_ever_removed(package, decided, tmp_path):
    due = package("due")
    listed, form, certificate = decided([due])
    due.write_bytes(b"something else")
    with pytest.raises(InputError, match="is not the package that was decided on"):
        destroy(listed, form, certificate, TODAY)
    assert due.exists()


def test_the_example_list_is_read_and_says_that_it_is_an_example(root):
    found = read_selection(root / "resources" / "archive" / "selection_example.csv")
    assert {"B", "V"} == {row.appraisal for row in found.values()}
    assert all("oorbeeld" in row.source for row in found.values())


@pytest.mark.parametrize("text", [
    "", "code;title\na;b", "code,title,appraisal,term,trigger,source\nA,a,X,,,",
    "code,title,appraisal,term,trigger,source\nA,a,V,,T,", "code,title,appraisal,term,trigger,source\nA,a,V,P10Y,,",
    "code,title,appraisal,term,trigger,source\nA,a,V,10 jaar,T,",
    "code,title,appraisal,term,trigger,source\nA,a,B,,,\nA,b,B,,,",
])  # fmt: skip
def test_a_selection_list_with_a_fault_is_refused(text, tmp_path):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(FormatError):
        read_selection(tmp_path / "s.csv")


@pytest.mark.parametrize(("start", "term", "end"), [
    (date(2026, 1, 1), "P10Y", "2036-01-01"), (date(2024, 2, 29), "P20Y", "2044-02-29"),
    (date(2026, 10, 31), "P4M", "2027-02-28"), (date(2026, 12, 31), "P1D", "2027-01-01"),
])  # fmt: skip
def test_a_term_ends_on_the_same_day_of_the_month(start, term, end):
    assert end_of(start, term).isoformat() == end


@pytest.mark.parametrize("end", ["0", " ", "1999", "n.v.t.", "2020-02-30"])
def test_a_term_that_ends_on_no_day_is_not_due(end, package, monkeypatch):
    path = package("a")
    facts = {**destruction.facts_of(path), "end": end}
    monkeypatch.setattr(destruction, "facts_of", lambda _: facts)
    assert proposal([path], TODAY)["kept"][0]["reason"] == "other"
