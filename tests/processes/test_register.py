"""The model register: every model in every form, and each form as those who asked for it read it."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from dtwin_plugin.catalogue.dcat import Publisher
from dtwin_plugin.catalogue.rdf import NAMESPACES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import TWIN_KINDS, Field, Model
from dtwin_plugin.paths import metadata
from dtwin_plugin.processes.register import (
    ModelRecord,
    algorithm,
    dcat,
    markdown,
    ogc,
    pages,
    record_of,
    records,
    writing,
)
from dtwin_plugin.processes.register.algorithm import CATEGORIES, LIMITS, REQUIRED, STATUS, Use
from dtwin_plugin.translate import set_language

PUBLISHER = Publisher("Gemeente <Voorbeeld> & Co", "data@voorbeeld.nl", "https://data.voorbeeld.nl/")
USE = Use("Gemeente Voorbeeld", "data@voorbeeld.nl")
# Mandatory of DCAT-AP-NL 3.0 (12 December 2024), and 1 where there may be only one.
MANDATORY = {
    "dcat:Dataset": {
        "dct:title": None, "dct:description": None, "dct:identifier": 1, "dct:publisher": 1, "dct:creator": None,
        "dcat:contactPoint": 1, "dct:accessRights": 1, "dcat:theme": None,
    },
    "dcat:Distribution": {"dcat:accessURL": 1, "dct:license": 1},
    "dcat:DataService": {
        "dct:title": None, "dct:identifier": 1, "dct:publisher": 1, "dcat:contactPoint": 1, "dcat:endpointURL": None,
        "dcat:endpointDescription": 1, "dct:accessRights": 1, "dct:license": 1, "dcat:theme": None,
        "dct:description": None,
    },
}  # fmt: skip
# Fields of the register's own interface, version 1.0; no other name is taken there.
ENTRY = {
    "name", "description_short", "organization", "category", "status", "begin_date", "end_date", "contact_email",
    "website", "publication_category", "url", "goal", "proportionality", "human_intervention", "risks", "lawful_basis",
    "lawful_basis_grouping", "process_index_url", "impacttoetsen_grouping", "impacttoetsen", "source_data",
    "source_data_grouping", "methods_and_models", "provider", "publiccode", "lang", "standard_version", "source_id",
    "tags",
}  # fmt: skip


@pytest.fixture
def _english():
    set_language("en")
    yield
    set_language("en")


def model_of(**more):
    given = {
        "id": "own",
        "version": "1.2.3",
        "title": "Own",
        "group": "Water",
        "summary": "Sums.",
        "inputs": (),
        "outputs": (),
    }
    return Model(**{**given, **more}, run=lambda values, progress: {})


class Tags(HTMLParser):
    """The tags of a page, and the texts between them."""

    void = {"meta", "br"}

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(page)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("name", MODELS)
def test_a_page_tells_all_of_a_model_and_is_well_formed(name, _english):
    record = record_of(MODELS[name])
    found = Tags(pages.page(record))
    text = " ".join(found.text)
    for part in (record.model.title, record.model.version, record.model.summary, record.owner, record.licence):
        assert part in text
    for reference in record.model.references:
        assert reference in text
    for item in (*record.model.inputs, *record.model.outputs):
        assert item.name in text and item.title in text
    assert not [tag for tag, _ in found.tags if tag in ("script", "img", "link", "iframe")]
    assert all(attrs["href"].startswith("https://") for tag, attrs in found.tags if tag == "a")


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_told_of_on_a_page_of_its_domain(name):
    assert record_of(MODELS[name]).page


def test_a_model_with_cases_shows_their_figures():
    found = pages.page(record_of(MODELS["flood"]))
    assert "<td>A1 lake at rest, 32 bits</td><td>change</td>" in found.replace("\n", "")


def test_the_page_of_its_own_name_goes_before_others_that_name_the_model():
    assert record_of(MODELS["flood"]).page == "flood.md"
    assert record_of(MODELS["settlementsites"]).page == "settlement.md"


def test_a_model_that_no_page_tells_of_says_so():
    record = record_of(model_of())
    assert (record.page, record.validation) == ("", "")
    assert "No validation is published" in pages.page(record) and "No figure is known" in pages.page(record)


def test_owner_and_licence_are_those_of_the_plugin_unless_the_model_has_its_own(root):
    plain = record_of(model_of())
    assert (plain.owner, plain.licence) == (metadata()["author"], metadata()["license"])
    assert f"license: {plain.licence}" in (root / "publiccode.yml").read_text()
    own = record_of(model_of(owner="Bureau", licence="EUPL-1.2", uncertainty="Within 10 %.", twin_kind="predictive"))
    text = pages.page(own)
    assert all(part in text for part in ("Bureau", "EUPL-1.2", "Within 10 %.", "predictive"))


def test_a_kind_of_twin_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="kind of twin"):
        model_of(twin_kind="clever")


def test_texts_of_a_model_are_no_markup():
    text = "<script>alert(1)</script>"
    item = Field("a", text, "choice", choices={"x": text}, default="x", doc=text)
    hostile = model_of(title=text, summary=text, validity=text, inputs=(item,), references=(text,), owner=text)
    record = replace(record_of(hostile), method=f"{text} [a](javascript:alert(1)) `{text}`", validation=f"| {text} |")
    for page in (pages.page(record), pages.index([record])):
        found = Tags(page)
        assert not [
            tag
            for tag, attrs in found.tags
            if tag in ("script", "a") and not attrs.get("href", "").endswith("own.html")
        ]


def test_markdown_of_the_pages_becomes_html():
    assert markdown.html("### A\n\ntext *x*\n\n1. one\n2. two\n") == (
        "<h3>A</h3>\n<p>text <em>x</em></p>\n<ol><li>one</li><li>two</li></ol>"
    )
    assert markdown.html("| a | b |\n| --- | --- |\n| 1 | `x\\|y` |") == (
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>x|y</code></td></tr></table>"
    )
    assert markdown.html("```\n<a>\n\n- b\n```") == "<pre>&lt;a&gt;\n\n- b</pre>"
    assert markdown.html("text\n- a\n  more\n- b") == "<p>text</p>\n<ul><li>a more</li><li>b</li></ul>"
    assert markdown.html("[x](other.md) [y](https://a.nl/b)") == '<p>x <a href="https://a.nl/b">y</a></p>'


@pytest.fixture(scope="module")
def components(shared):
    path = shared / "ogcapi" / "ogcapi_processes" / "ogcapi-processes.bundled.json"
    bundled = json.loads(path.read_text("utf-8"))["components"]
    schemas = bundled["schemas"]  # in bundling, the schema of a collection took the name of that of an input
    schemas["schema"] = schemas["schema"]["properties"]["properties"]["additionalProperties"]
    return bundled


@pytest.mark.parametrize("name", MODELS)
def test_a_description_for_the_register_is_what_the_standard_asks(name, components):
    jsonschema = pytest.importorskip("jsonschema")
    found = json.loads(json.dumps(ogc.process(record_of(MODELS[name]))))
    root = {"$ref": "#/components/schemas/process", "components": components}
    jsonschema.Draft202012Validator(root).validate(found)
    told = {item["name"]: item["value"][0] for item in found["additionalParameters"]["parameters"]}
    assert told["urn:dtwin:register:mim8-kind"] in TWIN_KINDS
    assert told["urn:dtwin:register:owner"] and told["urn:dtwin:register:licence"]
    assert [item["title"] for item in found["metadata"]] == list(MODELS[name].references)


def dutch(text):
    return writing.dutch_of()(text)


@pytest.mark.parametrize("name", MODELS)
def test_an_entry_of_the_algorithm_register_has_its_fields_within_their_limits(name):
    found = algorithm.entry(record_of(MODELS[name]), USE, dutch)
    assert set(found) <= ENTRY and all(found[field] for field in REQUIRED)
    assert all(len(found[field]) < limit for field, limit in LIMITS.items() if field in found)
    assert found["status"] in STATUS and found["publication_category"] in CATEGORIES
    assert (found["lang"], found["standard_version"]) == ("nld", "1.0.0")
    assert found["name"] == dutch(MODELS[name].title)


def test_an_entry_is_dutch_whatever_the_language_in_use(_english):
    set_language("en")
    found = algorithm.entry(record_of(MODELS["flood"]), USE, dutch)
    assert found["name"] != MODELS["flood"].title and "neerslag" in found["goal"]


def test_an_entry_without_who_uses_the_model_is_refused():
    with pytest.raises(InputError, match="organization, contact_email"):
        algorithm.entry(record_of(MODELS["flood"]), Use("", ""), dutch)
    with pytest.raises(InputError, match="Soms; the algorithm register knows In ontwikkeling"):
        algorithm.entry(record_of(MODELS["flood"]), Use("A", "a@b.nl", "Soms"), dutch)


def test_a_text_at_the_limit_of_the_register_is_too_long():
    for length, fits in ((99, True), (100, False)):
        record = record_of(model_of(title="x" * length))
        if fits:
            assert len(algorithm.entry(record, USE, str)["name"]) == length
        else:
            with pytest.raises(InputError, match="name has 100 characters; .* fewer than 100"):
                algorithm.entry(record, USE, str)


def test_a_long_summary_is_cut_at_a_sentence():
    record = record_of(model_of(summary="One sentence. " * 40))
    short = algorithm.entry(record, USE, str)["description_short"]
    assert len(short) < 350 and short.endswith("One sentence.")


def things(found):
    """Every thing of a JSON-LD document with its class."""
    if isinstance(found, dict):
        if "@type" in found:
            yield found
        for value in found.values():
            yield from things(value)
    elif isinstance(found, list):
        for value in found:
            yield from things(value)


def test_dcat_has_every_mandatory_property(tmp_path):
    writing.write(records(MODELS.values()), tmp_path, PUBLISHER, USE, "https://ogc.voorbeeld.nl/", date(2026, 11, 27))
    document = json.loads((tmp_path / "models.jsonld").read_text("utf-8"))
    counted = {kind: 0 for kind in MANDATORY}
    for thing in things(document):
        for name, most in MANDATORY.get(thing["@type"], {}).items():
            values = thing[name] if isinstance(thing.get(name), list) else [thing[name]]
            assert values and (most is None or len(values) <= most), (thing["@id"], name)
        if thing["@type"] in counted and len(thing) > 2:
            counted[thing["@type"]] += 1
    assert set(counted.values()) == {len(MODELS)}
    service = next(thing for thing in things(document) if thing["@type"] == "dcat:DataService")
    assert re.fullmatch(r"https://ogc\.voorbeeld\.nl/processes/\w+", service["dcat:endpointURL"]["@id"])
    rdf = ET.parse(tmp_path / "models.rdf").getroot()
    assert len(rdf.findall(f".//{{{NAMESPACES['dcat']}}}DataService")) == len(MODELS)


def test_without_a_server_no_service_is_promised(tmp_path):
    writing.write(records([MODELS["flood"]]), tmp_path, PUBLISHER, USE)
    assert "DataService" not in (tmp_path / "models.jsonld").read_text("utf-8")
    with pytest.raises(InputError, match="file:///etc is no web address"):
        dcat.describe(records([MODELS["flood"]]), PUBLISHER, str, "file:///etc")
    with pytest.raises(InputError, match="no model"):
        dcat.describe([], PUBLISHER, str)


def test_the_folder_holds_each_model_and_what_was_there(tmp_path, _english):
    (tmp_path / "mine.txt").write_text("mine")
    names = writing.write(records(MODELS.values()), tmp_path, PUBLISHER, USE)
    assert {path.name for path in tmp_path.iterdir()} == {*names, "mine.txt"}
    assert {f"{name}.{kind}" for name in MODELS for kind in ("html", "json")} < set(names)
    links = [attrs["href"] for tag, attrs in Tags((tmp_path / "index.html").read_text("utf-8")).tags if tag == "a"]
    assert sorted(links) == sorted(f"{name}.html" for name in MODELS)
    again = {name: (tmp_path / name).read_bytes() for name in names}
    writing.write(records(MODELS.values()), tmp_path, PUBLISHER, USE)
    assert again == {name: (tmp_path / name).read_bytes() for name in names}


def test_nothing_is_written_where_a_register_cannot_be(tmp_path):
    with pytest.raises(InputError):
        writing.write(records(MODELS.values()), tmp_path / "new", PUBLISHER, Use("A", ""))
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is no folder"):
        writing.write([ModelRecord(MODELS["flood"], "a", "b")], tmp_path / "file", PUBLISHER, USE)
