"""KLIC deliveries: lines with their links, networks and operators, once each, and what a hostile one is refused for."""

import json
import zipfile
from random import Random

import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError, DtwinError, FormatError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.describe import describe_files
from dtwin_plugin.sources.klic import (
    KlicSource,
    attachments_of,
    depths_of,
    lines_of,
    points_of,
    precautions_of,
    request_areas_of,
)  # fmt: skip
from dtwin_plugin.sources.registry import find

FOUR = (
    "Levering_18G007160_1_met EV.zip", "Levering_22G0027001_1.zip", "Levering_22O000518_1_contacten_geschoond.zip",
    "Levering_21C006979_1_contacten_geschoond.zip", "Levering_22C001970_3_contacten_geschoond.zip",
)  # fmt: skip
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:imkl="{namespace}" xmlns:net="n" xmlns:us="u">'
)
WIBON = "http://www.geostandaarden.nl/imkl/wibon"
LIST = "http://definities.geostandaarden.nl/imkl2015/id/waarde"


def member(name, ident, inner):
    return f'<gml:featureMember><{name} gml:id="nl.imkl-KL1.{ident}">{inner}</{name}></gml:featureMember>'


def ref(name, ident):
    return f'<{name} xlink:href="nl.imkl-KL1.{ident}"/>'


def line(text, srs="EPSG:28992", dimension=2):
    return (
        f'<gml:LineString srsName="{srs}" srsDimension="{dimension}"><gml:posList>{text}</gml:posList></gml:LineString>'
    )


def link(ident, text, **options):
    return member("us:UtilityLink", ident, f"<net:centrelineGeometry>{line(text, **options)}</net:centrelineGeometry>")


def network(depth="0.8", theme="water", ident="N"):
    inner = f'<imkl:thema xlink:href="{LIST}/Thema/{theme}"/>'
    return member(
        "imkl:Utiliteitsnet",
        ident,
        inner + f'<imkl:standaardDieptelegging uom="m">{depth}</imkl:standaardDieptelegging>',
    )


def pipe(ident="W", links=("L1",), extra=""):
    return member(
        "imkl:Waterleiding", ident, ref("net:inNetwork", "N") + "".join(ref("net:link", i) for i in links) + extra
    )


def write(path, *members, namespace=WIBON):
    path.write_text(HEAD.format(namespace=namespace) + "".join(members) + "</gml:FeatureCollection>", encoding="utf-8")
    return path


def delivered(when):
    return member(
        "imkl:GebiedsinformatieLevering",
        "_1",
        f"<imkl:datumLeveringSamengesteld>{when}</imkl:datumLeveringSamengesteld>",
    )


def rows(features):
    return [dict(zip(features.columns, row)) for row in zip(*features.columns.values())]


def test_all_deliveries_together_are_lines_of_which_each_is_there_once(shared):
    """1,833 lines stand in the five zips, 349 of them twice: one delivery is there in both versions of IMKL."""
    first, *more = (shared / "klic" / name for name in FOUR)
    delivery = KlicSource(first, more=more).load()
    lines = lines_of(delivery)
    assert len(lines.features) == 1833 - 3 == 25 + 57 + 436 + 349 + 963 and lines.without == 3
    written = [doc["types"] for doc in KlicSource(first, more=more).describe().facts["documents"]]
    assert (
        sum(sum(t.get(name, 0) for name in ("Mantelbuis", "Kabelbed", "Duct")) for t in written)
        == 18 + 3 + 60 + 140 + 225
    )


def test_a_line_has_its_links_in_order_its_theme_operator_and_sizes(shared):
    delivery = KlicSource(shared / "klic" / "Levering_22C001970_3_contacten_geschoond.zip").load()
    found = lines_of(delivery).features
    assert len(found) == 963 and sum(row["links"] for row in rows(found)) == 971
    shapes = found.geometries
    for index, row in enumerate(rows(found)):
        parts = range(shapes.features[index], shapes.features[index + 1])
        names = delivery.items[row["id"]].refs("links")  # in the order of the file; cut at the area, some do not touch
        written = [delivery.items[name].shape.parts[0][0] for name in names]
        joined = [shapes.coordinates[shapes.rings[part] : shapes.rings[part + 1]] for part in parts]
        assert [part[[0, -1]].tolist() for part in joined] == [part[[0, -1]].tolist() for part in written]
    water = [row for row in rows(found) if row["type"] == "Waterleiding"]
    assert {row["operator"] for row in water} == {"WML N.V."} and {row["theme"] for row in water} == {"water"}
    assert {row["material"] for row in rows(found)} > {None} and found.units["diameter"] == "mm"
    sleeves = [row for row in rows(found) if row["type"] == "Mantelbuis"]
    assert 50.0 in {row["diameter"] for row in sleeves}  # 5 cm as it is written


def test_nothing_of_a_person_is_read(shared, tmp_path):
    delivery = KlicSource(shared / "klic" / "Levering_22G0027001_1.zip").load()
    text = json.dumps([item.row for item in delivery.items.values()], default=str)
    for word in ("klic.testers", "0681234567", "0881234567", "EV contact", "Grondroerder02", "Demkaweg", "3555 HW"):
        assert word not in text
    assert "Autotest Regressie01" in text  # an organisation
    path = write(tmp_path / "a.xml", network(), link("L1", "1e5 4e5 1e5 400010"),
                 pipe(extra="<imkl:toelichting>Bel Jan 06-12345678 of jan@net.nl</imkl:toelichting>"))  # fmt: skip
    assert rows(lines_of(KlicSource(path).load()).features)[0]["remark"] == "Bel Jan … of …"


def test_the_newest_state_of_an_object_wins_in_whatever_order_they_come(tmp_path):
    old = write(
        tmp_path / "old.xml", delivered("2022-01-02T10:00:00+01:00"), network("0.6"), link("L1", "0 3e5 9 3e5"), pipe()
    )
    new = write(
        tmp_path / "new.xml", delivered("2022-03-01T10:00:00Z"), network("1.0"), link("L1", "1 3e5 9 3e5"), pipe()
    )
    for order in ((old, new), (new, old)):
        delivery = KlicSource(order[0], more=order[1:]).load()
        found = lines_of(delivery).features
        assert len(found) == 1 and found.columns["standard_depth"].tolist() == [1.0] and delivery.repeated == 4
        assert found.geometries.coordinates[0].tolist() == [1, 3e5]
    both = list(KlicSource(tmp_path).read())
    assert [len(features) for features in both] == [1]


def test_of_one_moment_the_newer_version_of_imkl_wins(tmp_path):
    older = "http://www.geostandaarden.nl/imkl/2015/wion/1.2"
    write(tmp_path / "v2.xml", network("1.0"), link("L1", "0 3e5 9 3e5"), pipe())
    write(tmp_path / "z1.xml", network("0.6"), link("L1", "0 3e5 9 3e5"), pipe(), namespace=older)
    info = KlicSource(tmp_path).describe()
    assert info.format == "KLIC (IMKL 1.2, 2.0)" and info.facts["repeated"] == 3
    assert lines_of(KlicSource(tmp_path).load()).features.columns["standard_depth"].tolist() == [1.0]


def test_imkl_3_and_another_root_are_read_by_local_names(tmp_path):
    text = (
        HEAD.format(namespace="http://www.geostandaarden.nl/imkl/3.0") + network() + link("L1", "0 3e5 9 3e5") + pipe()
    )
    text = text.replace("gml:FeatureCollection", "imkl:Aanlevering").replace("gml:featureMember", "imkl:object")
    path = tmp_path / "a.xml"
    path.write_text(text + "</imkl:Aanlevering>")
    info = KlicSource(path).describe()
    assert (info.format, info.count, info.facts["lines"]) == ("KLIC (IMKL 3.0)", 3, 1)
    assert find(path).title == "KLIC deliveries (IMKL)"


def test_the_namespace_may_stand_in_the_objects_only(tmp_path):
    name = f'xmlns:imkl="{WIBON}"'
    text = HEAD.format(namespace=WIBON).replace(name, "")
    body = "".join((network(), link("L1", "0 3e5 9 3e5"), pipe()))
    for kind in ("imkl:Utiliteitsnet", "imkl:Waterleiding"):
        body = body.replace(f"<{kind} ", f"<{kind} {name} ")
    path = tmp_path / "a.xml"
    path.write_text(text + body + "</gml:FeatureCollection>")
    info = KlicSource(path).describe()
    assert (info.format, info.facts["lines"]) == ("KLIC (IMKL 2.0)", 1) and find(path).title.startswith("KLIC")


def test_an_operator_that_gives_its_code_only_is_called_by_it(tmp_path):
    operator = member("imkl:Beheerder", "_Beheerder", "<imkl:bronhoudercode>KL1</imkl:bronhoudercode>")
    path = write(tmp_path / "a.xml", operator, network(), link("L1", "84000 447000 84010 447000"), pipe())
    delivery = KlicSource(path).load()
    assert delivery.operators() == {}
    assert rows(lines_of(delivery).features)[0]["operator"] == "KL1"


def test_links_that_are_turned_or_absent(tmp_path):
    path = write(tmp_path / "a.xml", network(), link("L1", "0 300000 1 300000"), link("L2", "3 300000 1 300000"),
                 pipe(links=("L1", "L2", "L9")), pipe("X", ("L8",)))  # fmt: skip
    lines = lines_of(KlicSource(path).load())
    assert lines.features.geometries.coordinates[:, 0].tolist() == [0, 1, 1, 3]
    assert (lines.without, lines.missing) == (1, 2)
    progress = Silent()
    list(KlicSource(path).read(progress=progress))
    assert any("1 lines have no geometry" in text for text in progress.warnings)


def test_depths_have_the_lines_that_refer_to_them(shared, tmp_path):
    found = depths_of(KlicSource(shared / "klic" / "Levering_22G0027001_1.zip").load())
    assert {row["kind"] for row in rows(found)} == {"surface", "nap"}
    assert {row["reference"] for row in rows(found)} == {"bovenkant"}
    assert sum(row["object"] is not None for row in rows(found)) > 10
    netinfo = depths_of(KlicSource(shared / "klic" / "Voorbeeldbestand aanlevering netinformatie.xml").load())
    assert sorted(netinfo.columns["level"].tolist()) == [0.14, 0.42, 2.43]  # 14 and 42 cm
    geometry = f"<imkl:lijngeometrie2.5D>{line('0 300000 -1.5 9 300000 -1.0', dimension=3)}</imkl:lijngeometrie2.5D>"
    surveyed = member("imkl:ExtraGeometrie", "G", geometry)
    path = write(tmp_path / "a.xml", network(), link("L1", "0 300000 9 300000"), surveyed,
                 pipe(extra=ref("imkl:extraGeometrie", "G")))  # fmt: skip
    found = rows(depths_of(KlicSource(path).load()))
    assert [(row["kind"], row["level"], row["object"]) for row in found] == [
        ("geometry", -1.5, "nl.imkl-KL1.W"), ("geometry", -1.0, "nl.imkl-KL1.W")]  # fmt: skip


def test_what_stands_around_the_lines(shared):
    delivery = KlicSource(shared / "klic" / "Levering_18G007160_1_met EV.zip").load()
    kinds = [row["type"] for row in rows(points_of(delivery))]
    assert {"Appurtenance", "Kast", "Mast", "Toren", "Mangat", "TechnischGebouw", "DiepteNAP"} <= set(kinds)
    (area,) = rows(precautions_of(delivery))
    assert area["letter"].endswith("gasHogeDruk.pdf") and area["theme"] == "gasHogeDruk"
    (request,) = rows(request_areas_of(delivery))
    assert request["type"] == "Graafpolygoon" and request["request"] == "18G007160" and request["delivered"]
    files = attachments_of(delivery)
    assert len(files) == 7 and all(row["present"] for row in files)


def test_an_area_cuts(shared):
    source = KlicSource(shared / "klic" / "Levering_22O000518_1_contacten_geschoond.zip")
    inside = {features.name: len(features) for features in source.read(Extent(189400, 352300, 189430, 352330))}
    assert 0 < inside["lines"] < 436


def packed(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.values():
            archive.writestr(name, text)
    return path


def test_names_that_lead_out_of_a_zip_are_refused(tmp_path):
    body = write(tmp_path / "a.xml", network()).read_text()
    for name in ("../../a.xml", "/etc/a.xml", "C:/a.xml"):
        path = packed(tmp_path / "a.zip", a=("b/c.xml", body), b=(name, body))
        with pytest.raises(FormatError, match="points outside of it"):
            KlicSource(path).describe()


def test_attachments_that_lead_out_of_the_delivery_have_no_path(tmp_path):
    inner = "<imkl:bestandLocatie>../../../etc/passwd</imkl:bestandLocatie>"
    (row,) = attachments_of(KlicSource(write(tmp_path / "a.xml", member("imkl:Bijlage", "B", inner))).load())
    assert row["path"] is None and row["present"] is False


def test_entities_and_broken_xml_are_refused(tmp_path):
    path = write(tmp_path / "a.xml", network())
    whole = path.read_text()
    path.write_text(whole.replace("<gml:Feature", '<!DOCTYPE a [<!ENTITY b "c">]><gml:Feature', 1))
    with pytest.raises(FormatError, match="document type"):
        KlicSource(path).describe()
    path.write_text(whole[:-40])
    with pytest.raises(FormatError, match="well-formed"):
        KlicSource(path).describe()


def test_damaged_files_are_refused_in_a_sentence_or_read(tmp_path):
    """Bytes that were changed, lost or put in twice: no other error, and no more than a second."""
    whole = write(
        tmp_path / "a.xml", delivered("2022-01-02T10:00:00+01:00"), network(), link("L1", "0 300000 9 300000"), pipe()
    ).read_bytes()
    random = Random(5)
    refused = 0
    for _ in range(300):
        at, length = random.randrange(len(whole)), random.randrange(1, 30)
        kind = random.randrange(3)
        piece = (b"", bytes(random.randrange(256) for _ in range(length)), whole[at : at + length] * 2)[kind]
        (tmp_path / "a.xml").write_bytes(whole[:at] + piece + whole[at + length :])
        try:
            source = KlicSource(tmp_path / "a.xml")
            source.describe()
            list(source.read())
        except DtwinError as error:
            refused += 1
            assert str(error).endswith(".") and "\n" not in str(error)
    assert 50 < refused < 300


def test_a_zip_that_grows_without_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("dtwin_plugin.sources.archive._FREE", 1 << 20)  # 1 GB in use
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("GI.xml", "w", force_zip64=True) as stream:
            stream.write((HEAD.format(namespace=WIBON)).encode())
            for _ in range(2):
                stream.write(b" " * (1 << 20))
    with pytest.raises(FormatError, match="grows more than 200 times"):
        KlicSource(path).describe()


def test_memory_is_bounded_by_what_is_kept(tmp_path):
    """16 MB of objects that are not kept beside one line: what was parsed is given back."""
    filler = member("imkl:Iets", "X", "<imkl:tekst>" + "some text " * 30 + "</imkl:tekst>") * 100
    path = write(tmp_path / "a.xml", network(), link("L1", "0 300000 9 300000"), pipe(), *[filler] * 400)
    assert path.stat().st_size > 1.6e7
    row = describe_files([path])[0]
    assert row["status"] == "loaded" and row["facts"]["lines"] == 1 and row["peak_mb"] < 150


def test_too_many_objects_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("dtwin_plugin.sources.klic.delivery._MOST", 10)
    path = write(tmp_path / "a.xml", *(network(ident=f"N{n}") for n in range(11)))
    with pytest.raises(FormatError, match="more than 10 objects"):
        KlicSource(path).describe()


def test_what_is_no_imkl_is_refused(tmp_path):
    (tmp_path / "a.xml").write_text("<a/>")
    for path in (tmp_path / "a.xml", tmp_path):
        with pytest.raises(FormatError, match="holds no IMKL"):
            KlicSource(path).describe()
    with pytest.raises(SourceError, match="does not exist"):
        KlicSource(tmp_path / "no.zip").describe()
    path = write(tmp_path / "a.xml", network(), link("L1", "0 3e5 9 3e5", srs="EPSG:999999999"), pipe())
    with pytest.raises(CrsError):
        KlicSource(path).describe()


@pytest.mark.parametrize("root", ["rdf:RDF", "sld:StyledLayerDescriptor", "xs:schema"])
def test_the_model_of_imkl_is_no_delivery(tmp_path, root):
    path = tmp_path / "a.xml"
    path.write_text(
        f'<{root} xmlns:{root.partition(":")[0]}="r" xmlns:i="http://www.geostandaarden.nl/imkl/id/begrip"/>'
    )
    with pytest.raises(FormatError, match="a.xml holds no IMKL"):
        KlicSource(path).describe()


def test_an_unpacked_delivery_is_a_folder(shared, tmp_path):
    source = shared / "klic" / "Levering_18G007160_1_met EV.zip"
    with zipfile.ZipFile(source) as archive:
        archive.extractall(tmp_path)
    packed_info, info = KlicSource(source).describe(), KlicSource(tmp_path).describe()
    assert info.facts["types"] == packed_info.facts["types"] and info.facts["attachments_present"] == 7
