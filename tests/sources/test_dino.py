"""Text files of DINO and the BRO: levels, boreholes, compositions and soundings."""

import json
import random
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Logs
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.dino import DinoSource
from dtwin_plugin.sources.heads_logs import dino_kind
from dtwin_plugin.sources.registry import open_source

LEVELS = """Titel:,,,
Periode aangevraagd:,01-01-1800,tot:,05-10-2015
Referentie:,NAP,,

NAP:,Normaal Amsterdams Peil,,

Locatie,Filternummer,Externe aanduiding,X-coordinaat,Y-coordinaat,Maaiveld (cm t.o.v. NAP),Datum maaiveld gemeten,\
Startdatum,Einddatum,Meetpunt (cm t.o.v. NAP),Meetpunt (cm t.o.v. MV),Bovenkant filter (cm t.o.v. NAP),\
Onderkant filter (cm t.o.v. NAP)
B1,001,x,84000,447000,100,,01-01-2000,01-01-2010,150,50,-100,-200
B1,001,x,84000,447000,90,,01-01-2010,01-01-2020,160,70,-100,-200

Locatie,Filternummer,Peildatum,Stand (cm t.o.v. MP),Stand (cm t.o.v. MV),Stand (cm t.o.v. NAP),Bijzonderheid,Opmerking
B1,001,15-06-2005,100,50,50,,
B1,001,15-06-2012,100,,,vorst,droog
B1,001,15-06-2001,,40,,,
B1,001,15-06-2013,,,,,
"""
SERIES = """Tijdstip,Voorlopige Waarde [m],Voorlopige Opmerking,Beoordeelde Waarde [m],Beoordeelde Opmerking,\
Controle Waarde [m],Controle Opmerking,Onbekend Waarde [m],Onbekend Opmerking
2020-09-14T03:00:00+02:00,0.79,,0.80,goedgekeurd,,,,
2020-09-14T02:00:00+02:00,,,,,0.75,,,
2020-09-14T04:00:00+02:00,,,,,,,,
"""
DOSSIER = """"BRO-ID","kwaliteitsregime"
"GLD000000012893","IMBRO"
,
"observatie ID","start","eind","observatietype","mate beoordeling"
"_a","2020","2021","reguliereMeting","volledigBeoordeeld"
,
"tijdstip","waarde","status"
"2020-09-14T02:00:00+02:00","0.79","goedgekeurd"
,
"observatie ID","start","eind","observatietype","mate beoordeling"
"_b","2020","2021","controlemeting",""
,
"tijdstip","waarde","status"
"2020-09-15T02:00:00+02:00","0.81",""
"""
QUALITY = """LOCATIE gegevens
NITG-nr\tX-coord\tY-coord\tCoordinaat systeem\tMaaiveldhoogte (m tov NAP)
B52C0057\t184000\t390000\tRD\t25.5

KWALITEIT gegevens VLOEIBAAR
NITG-nr\tFilter-nr\tMonster datum\tMonster-nr\tCL (mg/l)\tNO3 (mg/l)\tpH
B52C0057\t1\t02-03-1990\t2\t15\t<0,1\t7.5
B52C0057\t1\t01-02-1990\t1\t14\t
"""

ODD = ["²", "1e999", "--5", "٣", "-9999", "31-02-2000", "99999999999999", '"', "1:2:3", "nan", "inf", "", "0001-01-01"]


@pytest.fixture
def read(tmp_path):
    """Reads a text as one carrier, with options; the file is called a.csv."""

    def make(text, name="a.csv", encoding="utf-8", **options):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        (carrier,) = DinoSource(path, **options).read()
        return carrier

    return make


def row(sites):
    return {name: values[0] for name, values in sites.columns.items()}


def test_levels_are_in_m_nap_and_in_order_of_time(read):
    logs = read(LEVELS)
    assert logs.kind == "levels" and logs.units == {"level": "m NAP"}
    assert [str(time)[:10] for time in logs.rows["time"]] == ["2001-06-15", "2005-06-15", "2012-06-15", "2013-06-15"]
    # 40 cm below 100; as it stands; 100 cm below the measuring point of that time, 160; none
    np.testing.assert_allclose(logs.rows["level"], [0.6, 0.5, 0.6, np.nan], atol=1e-12)
    assert logs.rows["remarks"].tolist() == [None, None, "vorst droog", None]
    site = row(logs.sites)
    assert (site["id"], site["well"], site["tube"], site["surface"]) == ("B1-001", "B1", 1, 0.9)
    assert (site["screen_top"], site["screen_bottom"], site["tube_top"]) == (-1, -2, 1.6)


@pytest.mark.parametrize("change", ["quoted", "semicolon", "crlf", "bom", "latin"])
def test_levels_of_all_writers(read, change):
    text = {
        "quoted": LEVELS.replace(",", '","').replace("\n", '"\n"')[:-1],
        "semicolon": LEVELS.replace(",", ";"),
        "crlf": LEVELS.replace("\n", "\r\n"),
        "bom": "\ufeff" + LEVELS,
        "latin": LEVELS.replace("vorst", "vorst één"),
    }[change]
    text = '"' + text if change == "quoted" else text
    logs = read(text, encoding="cp1252" if change == "latin" else "utf-8")
    np.testing.assert_allclose(logs.rows["level"], [0.6, 0.5, 0.6, np.nan], atol=1e-12)


# As DINO wrote levels below the surface until 2015.
BELOW = """Titel:
Periode aangevraagd: 01/01/1800-05/10/2015
Referentie: Maaiveld (MV)


LOCATIE,FILTERNUMMER,EXTERNE AANDUIDING,X-COORDINAAT,Y-COORDINAAT,MAAIVELD NAP,GESCHAT,MEETPUNT NAP,\
BOVENKANT FILTER,ONDERKANT FILTER,START DATUM,EIND DATUM
B1,001,x,84000,447000,685,,717,385,285,1972/11/28,1997/09/10
B1,001,x,84000,447000,692,,716,385,285,1997/09/10,2015/06/17

LOCATIE,FILTERNUMMER,PEIL DATUM TIJD,STAND (MV),BIJZONDERHEID
B1,001,1972/12/07 00:00:00,108,
B1,001,1998/01/01 12:00:00,112,
B1,001,1998/02/01 12:00:00,,droog
"""


def test_levels_below_the_surface_are_brought_to_nap_by_the_surface_of_their_day(read):
    logs = read(BELOW)
    np.testing.assert_array_equal(logs.rows["level"], [5.77, 5.80, np.nan])  # (685 - 108) and (692 - 112) cm
    site = {name: values[0] for name, values in logs.sites.columns.items()}
    assert (site["surface"], site["tube_top"], site["screen_top"], site["screen_bottom"]) == (6.92, 7.16, 3.85, 2.85)


def test_a_gauge_may_have_an_empty_line_below_its_names(read):
    logs = read(
        "Titel: ,\nReferentie: ,NAP\n\n\nLocatie,Externe aanduiding,X-coordinaat,Y-coordinaat, Startdatum, Einddatum\n"
        "P1,58AS0002,183740,373030,14-06-1963,14-07-2000,\n\n\n"
        "Locatie,Peildatum,Stand (cm t.o.v. NAP),Bijzonderheid\n\nP1,14-06-1963,-84,,\nP1,28-06-1963,,droog,\n"
    )
    np.testing.assert_array_equal(logs.rows["level"], [-0.84, np.nan])
    assert logs.rows["remarks"].tolist() == [None, "droog"]


def test_two_tubes_are_two_series(read):
    more = LEVELS.replace("B1,001", "B1,002").splitlines()
    lines = LEVELS.splitlines()
    lines[8:8], lines[-4:-4] = more[7:9], [more[-4]]
    logs = read("\n".join(lines))
    assert logs.sites.columns["id"].tolist() == ["B1-001", "B1-002"] and logs.starts.tolist() == [0, 4, 5]


def test_a_well_without_levels_has_no_rows_and_says_so(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(LEVELS.partition("\n\nLocatie,Filternummer,Peil")[0] + "\n")
    progress = Silent()
    (logs,) = DinoSource(path).read(progress=progress)
    assert len(logs) == 1 and logs.starts.tolist() == [0, 0]
    assert progress.warnings == ["a.csv has no levels of B1-001."]


def test_a_file_that_tells_of_no_well_is_refused(read):
    with pytest.raises(FormatError, match="DINO has no levels of it"):
        read(LEVELS.partition("\n\nLocatie")[0] + "\n,,\nVan deze put zijn geen standen opgenomen in de DINO-database")


def test_a_series_of_the_bro_has_a_row_a_value_and_is_placed_by_hand(read):
    with pytest.raises(CrsError, match="has no coordinates"):
        read(SERIES, "GLD000000000001_series.csv")
    logs = read(SERIES, "GLD000000000001_series.csv", position=(84000, 447000))
    assert [str(time) for time in logs.rows["time"]] == ["2020-09-14T00:00:00"] + ["2020-09-14T01:00:00"] * 2
    assert logs.rows["level"].tolist() == [0.75, 0.80, 0.79]  # of one moment what was approved first
    assert logs.rows["status"].tolist() == [None, "volledigBeoordeeld", "voorlopig"]
    assert logs.rows["observation"].tolist() == ["controlemeting", "reguliereMeting", "reguliereMeting"]
    assert logs.rows["quality"].tolist() == [None, "goedgekeurd", None]
    assert row(logs.sites)["id"] == "GLD000000000001"


def test_moments_may_be_in_milliseconds(read):
    text = SERIES.replace("2020-09-14T03:00:00+02:00", "1600045200000")
    assert str(read(text, position=(84000, 447000)).rows["time"][-1]) == "2020-09-14T01:00:00"


def test_a_dossier_of_several_observations(read):
    logs = read(DOSSIER, position=(84000, 447000))
    assert logs.rows["level"].tolist() == [0.79, 0.81]
    assert logs.rows["status"].tolist() == ["volledigBeoordeeld", None]
    assert logs.rows["observation"].tolist() == ["reguliereMeting", "controlemeting"]
    assert logs.rows["quality"].tolist() == ["goedgekeurd", None]


def test_a_wide_table_of_samples_becomes_a_row_a_parameter(read):
    logs = read(QUALITY, "a.txt")
    assert logs.kind == "samples" and row(logs.sites)["surface"] == 25.5
    assert logs.rows["parameter"].tolist() == ["cl", "cl", "no3", "ph"] and logs.rows["value"].tolist() == [
        14,
        15,
        0.1,
        7.5,
    ]
    assert logs.rows["limit_symbol"].tolist() == [None, None, "<", None] and logs.rows["unit"].tolist() == [
        "mg/l"
    ] * 3 + [None]


def test_surface_water_has_no_tube(read):
    text = """Referentie:,NAP,,,,

NAP:,Normaal Amsterdams Peil,,,,

Locatie,Externe aanduiding,X-coordinaat,Y-coordinaat,Startdatum,Einddatum
P58A0003,,184000,360000,01-01-1990,01-01-2000

Locatie,Peildatum,Stand (cm t.o.v. NAP),Bijzonderheid,Opmerking,
P58A0003,14-01-1992,2525,,,
"""
    assert dino_kind(text.encode()) == "levels"
    logs = read(text)
    assert logs.rows["level"].tolist() == [25.25] and row(logs.sites)["id"] == "P58A0003"


def test_interpretations_of_a_sounding_are_kept(read, shared):
    text = (shared / "subsurface" / "brodata" / "W38B0016.csv").read_text()
    text += """,,
"Interpretatie door: TNO-NITG",,
"Datum","Methode",""
"07-08-1963","krommen",""
,,
"Interpretaties",,
"Bovenkant laag","Onderkant laag","Weerstand"
"0.0","3.5","18.2"
"""
    layers = json.loads(row(read(text))["layers"])
    assert layers == [[{"bovenkant laag": "0.0", "onderkant laag": "3.5", "weerstand": "18.2"}]]


def test_the_borehole_of_dino_in_text_is_the_one_in_gef(shared):
    folder = shared / "subsurface" / "brodata"
    (text,) = DinoSource(folder / "B38B2152.csv").read()
    (gef,) = open_source(folder / "B38B2152.gef").read()
    assert text.kind == gef.kind == "borehole"
    assert text.rows["top"].tolist() == gef.rows["top"].tolist()
    assert text.rows["bottom"].tolist() == gef.rows["bottom"].tolist()
    assert text.rows["lithoclass"].tolist() == gef.rows["lithoclass"].tolist() == [3, 2, 2, 2, 2, 3]
    assert text.rows["soil"][5] == "klei, sterk zandig, sterk humeus"
    for name in ("id", "date", "final_depth"):
        assert text.sites.columns[name].tolist() == gef.sites.columns[name].tolist()


def test_a_sounding_is_a_point_with_its_curve(shared):
    source = DinoSource(shared / "subsurface" / "brodata" / "W38B0016.csv")
    (points,) = source.read()
    assert isinstance(points, Features) and source.describe().carrier == "features"
    site = row(points)
    curve = json.loads(site["curve"])
    assert len(curve) == site["measurements"] == 26 and curve[0] == [1.5, 18.59] and curve[-1] == [400.0, 29.12]
    assert (site["id"], site["surface"], site["date"], site["configuration"]) == (
        "W38B0016",
        -1.2,
        "1963-08-07",
        "SCHLUMB",
    )


def test_a_composition_of_the_bro_is_the_one_in_xml(shared):
    folder = shared / "subsurface" / "brodata"
    (logs,) = DinoSource(folder / "GAR000000019636.csv", position=(84000, 447000)).read()
    found = dict(zip(logs.rows["parameter"], zip(logs.rows["value"], logs.rows["unit"])))
    assert found["chloride"] == (165.0, "mg/l") and found["Zuurgraad"] == (7.0, "1") and len(found) == 13
    assert str(logs.rows["time"][0]) == "1982-02-12T11:00:00"  # UTC
    text = (folder / "GAR000000019636.xml").read_text()
    assert all(f">{value:g}<" in text or f">{value:.1f}<" in text for value, _ in found.values())


def test_a_zip_of_several_kinds(tmp_path, shared):
    folder = shared / "subsurface" / "brodata"
    with zipfile.ZipFile(tmp_path / "dino.zip", "w") as archive:
        archive.writestr("a/levels.csv", LEVELS)
        archive.write(folder / "B38B2152.csv", "b/B38B2152.csv")
        archive.write(folder / "W38B0016.csv", "c/W38B0016.csv")
        archive.writestr("d/readme.txt", "no table")
    source, progress = open_source(tmp_path / "dino.zip"), Silent()
    found = {carrier.kind if isinstance(carrier, Logs) else carrier.name for carrier in source.read(progress=progress)}
    assert found == {"levels", "borehole", "electrical sounding"}
    assert any(warning.startswith("readme.txt is no file of DINO") for warning in progress.warnings)
    assert source.describe().facts["kinds"] == {"levels": 1, "borehole": 1, "electrical sounding": 1}


@pytest.mark.parametrize(
    "name",
    ["B38B0207_001_full.csv", "B38B2152.csv", "W38B0016.csv", "GAR000000019636.csv", "GLD000000012893_series.csv"],
)
def test_spoilt_files_are_carriers_or_one_sentence(shared, tmp_path, name):
    lines = (shared / "subsurface" / "brodata" / name).read_bytes().splitlines(keepends=True)[:40]
    draw, path = random.Random(2), tmp_path / name
    whole = b"".join(lines)
    cases = [b"".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
    cases += [whole[: len(whole) * part // 40] for part in range(40)]
    for _ in range(100):
        changed = bytearray(whole)
        for _ in range(draw.choice((1, 10, 60))):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        cases += [bytes(changed), b"".join(draw.sample(lines, len(lines)))]
    loaded = 0
    for data in cases:
        path.write_bytes(data)
        try:
            info = DinoSource(path, position=(84000, 447000)).describe()
            carriers = list(DinoSource(path, position=(84000, 447000)).read())
        except DtwinError as error:
            assert str(error).endswith(".") and len(str(error).split()) > 3, data
        else:
            loaded += 1
            assert carriers and info.count
    assert loaded > len(cases) / 4


@given(st.sampled_from([LEVELS, SERIES, DOSSIER, QUALITY]), st.data())
def test_any_cell_may_be_anything(text, data):
    lines = text.splitlines()
    for _ in range(3):
        at = data.draw(st.integers(0, len(lines) - 1))
        cells = lines[at].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(st.text(max_size=12) | st.sampled_from(ODD))
        lines[at] = ",".join(cells)
    try:
        found = DinoSource("a.csv", position=(84000, 447000)).one(
            "\n".join(lines).encode(), "a.csv", lambda *_, **__: None, lambda: None
        )
        for one in found:
            one.carrier()
    except DtwinError as error:
        assert str(error).endswith(".")


def test_the_kind_is_told_by_the_first_lines(shared):
    assert dino_kind(b"") is None and dino_kind(b"a,b\n1,2") is None and dino_kind(b"\0\0VES Overzicht") is None
    assert dino_kind(b'{"properties": {"Locatie": 1, "Filternummer": 2}}') is None
    heads = {path.name: path.read_bytes()[:4096] for path in (shared / "subsurface").rglob("*.csv")}
    assert dino_kind(heads["B33F0080001_1.csv"]) == "levels" and dino_kind(heads["test_borehole_table.csv"]) is None


def test_a_long_series_stops_when_the_user_asks(tmp_path):
    class Later(Silent):
        asked = 0

        def is_cancelled(self):
            self.asked += 1
            return self.asked > 3

    path, progress = tmp_path / "GLD000000000001_series.csv", Later()
    path.write_text(SERIES + "2020-09-14T05:00:00+02:00,0.79,,,,,,,\n" * 60_000)
    with pytest.raises(Cancelled):
        DinoSource(path).describe(progress)
    assert progress.asked == 4


def test_lines_without_end_are_refused(tmp_path, monkeypatch):
    from dtwin_plugin.sources.dino import blocks

    monkeypatch.setattr(blocks, "LINES", 100)
    (tmp_path / "a.csv").write_text(LEVELS + "B1,001,15-06-2005,100,50,50,,\n" * 100)
    with pytest.raises(FormatError, match="expected 100 at most"):
        DinoSource(tmp_path / "a.csv").describe()
