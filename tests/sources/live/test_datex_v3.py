"""Traffic of the NDW in version 3 of DATEX II and in exports of Dexter: tables of sites, lanes, and what lies where."""

import gzip

import numpy as np
import pytest

from dtwin_plugin.data.series import INVALID, SUSPECT, UNKNOWN
from dtwin_plugin.sources.live import ask, parse, read_series

NAMES = (
    'xmlns:mc="http://datex2.eu/schema/3/messageContainer" xmlns:roa="http://datex2.eu/schema/3/roadTrafficData" '
    'xmlns:com="http://datex2.eu/schema/3/common" xmlns:loc="http://datex2.eu/schema/3/locationReferencing" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
ANY = "<com:vehicleType>anyVehicle</com:vehicleType>"
FLOW, SPEED = "trafficFlow", "trafficSpeed"


def characteristic(index, kind, lanes="", vehicles=ANY):
    """What a value is; lanes as elements."""
    return (
        f'<roa:measurementSpecificCharacteristics index="{index}"><roa:measurementSpecificCharacteristics>'
        f"<roa:period>60</roa:period><roa:specificMeasurementValueType>{kind}</roa:specificMeasurementValueType>"
        f"<roa:specificVehicleCharacteristics>{vehicles}</roa:specificVehicleCharacteristics>{lanes}"
        "</roa:measurementSpecificCharacteristics></roa:measurementSpecificCharacteristics>"
    )


def lane(*numbers, use=""):
    """The lanes of a characteristic."""
    uses = f"<roa:specificLane><loc:laneUsage>{use}</loc:laneUsage></roa:specificLane>" if use else ""
    return uses + "".join(f"<roa:specificLane><loc:laneNumber>{n}</loc:laneNumber></roa:specificLane>" for n in numbers)


def table(*characteristics):
    """The payload with the table of one site."""
    return (
        '<mc:payload xsi:type="roa:MeasurementSiteTablePublication"><roa:measurementSiteTable id="T" version="1">'
        f'<roa:measurementSite id="A27" version="1">{"".join(characteristics)}<roa:measurementSiteLocation>'
        "<loc:pointByCoordinates><loc:pointCoordinates><loc:latitude>51.6</loc:latitude><loc:longitude>4.83"
        "</loc:longitude></loc:pointCoordinates></loc:pointByCoordinates></roa:measurementSiteLocation>"
        "</roa:measurementSite></roa:measurementSiteTable></mc:payload>"
    )


def values(*pairs):
    """The payload with (index, kind, value) of one site."""
    inner = {FLOW: "<roa:vehicleFlow><com:vehicleFlowRate>{}</com:vehicleFlowRate></roa:vehicleFlow>",
             SPEED: "<roa:averageVehicleSpeed><com:speed>{}</com:speed></roa:averageVehicleSpeed>"}  # fmt: skip
    items = "".join(
        f'<roa:physicalQuantity index="{index}"><roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity">'
        f"<roa:basicData>{inner[kind].format(value)}</roa:basicData></roa:physicalQuantity></roa:physicalQuantity>"
        for index, kind, value in pairs
    )
    return (
        '<mc:payload xsi:type="roa:MeasuredDataPublication"><com:publicationTime>2026-10-01T18:58:00Z'
        '</com:publicationTime><roa:measurementSiteTableReference targetClass="roa:MeasurementSiteTable" id="T" '
        'version="1"/><roa:siteMeasurements><roa:measurementSiteReference targetClass="roa:MeasurementSite" id="A27" '
        f'version="1"/>{items}<roa:measurementTimeDefault><roa:timeValue>2026-10-01T18:55:00Z</roa:timeValue>'
        "</roa:measurementTimeDefault></roa:siteMeasurements></mc:payload>"
    )


def container(*payloads):
    return f'<?xml version="1.0"?><mc:messageContainer {NAMES}>{"".join(payloads)}</mc:messageContainer>'.encode()


def found(*payloads):
    series = parse(container(*payloads), "ndw")
    return {series.quantities[kind].key: value for kind, value in zip(series.quantity, series.values.tolist())}


TWO_LANES = table(characteristic(1, FLOW, lane(1)), characteristic(2, FLOW, lane(2)))


def test_a_file_with_its_table_before_its_values_gives_both():
    series = parse(gzip.compress(container(TWO_LANES, values((1, FLOW, 360), (2, FLOW, 600)))), "ndw")
    assert found(TWO_LANES, values((1, FLOW, 360), (2, FLOW, 600))) == {
        "flow: lane1 anyVehicle": 360, "flow: lane2 anyVehicle": 600, "flow": 960,
    }  # fmt: skip
    assert series.stations.geometries.coordinates.tolist() == [[4.83, 51.6]]
    assert series.published == np.datetime64("2026-10-01T18:58:00")
    assert not series.remarks


def test_a_table_alone_gives_its_places():
    series = parse(container(TWO_LANES), "ndw")
    assert len(series) == 0 and series.stations.columns["station"].tolist() == ["A27"]


def test_the_table_of_version_3_is_found_by_the_name_that_it_has(tmp_path):
    (tmp_path / "snelheden_en_intensiteiten_configuratie_meetlocaties.xml.gz").write_bytes(
        gzip.compress(container(TWO_LANES))
    )
    path = tmp_path / "snelheden_en_intensiteiten_meetgegevens.xml"
    path.write_bytes(container(values((1, FLOW, 360), (2, FLOW, 600))))
    series = read_series(path)
    assert series.values.tolist() == [360, 600, 960] and not series.remarks


def test_the_table_of_version_3_is_asked_for_beside_its_values():
    from dtwin_plugin.sources.transport import Response

    class Server:
        asked = []

        def get(self, url, params=None, *, timeout=60.0, headers=None):
            self.asked.append(url.rpartition("/")[2])
            body = TWO_LANES if "configuratie" in url else values((1, FLOW, 360))
            return Response(200, gzip.compress(container(body)))

    server = Server()
    series = ask(server, "https://opendata.example/reistijden_meetgegevens.xml.gz")
    assert server.asked == ["reistijden_meetgegevens.xml.gz", "reistijden_configuratie_meetlocaties.xml.gz"]
    assert series.values[0] == 360 and np.isnan(series.values[1])  # a lane lacks, so there is no whole


def test_lanes_that_a_table_does_not_name_are_told_apart_and_add_up():
    unnamed = table(*(characteristic(n, (SPEED, FLOW)[n % 2]) for n in (1, 2, 3, 4)))
    read = found(unnamed, values((1, FLOW, 840), (2, SPEED, 108), (3, FLOW, 0), (4, SPEED, -1)))
    assert np.isnan(read.pop("speed: unnamed2 anyVehicle"))
    assert read == {
        "flow: unnamed1 anyVehicle": 840, "speed: unnamed1 anyVehicle": 108, "flow: unnamed2 anyVehicle": 0,
        "flow": 840, "speed": 108,
    }  # fmt: skip


@pytest.mark.parametrize(
    "whole", [lane(use="allLanesCompleteCarriageway"), lane(1, 2), ""], ids=["by its use", "by its lanes", "by no lane"]
)
def test_a_value_of_the_whole_road_is_not_added_to_those_of_its_lanes(whole):
    made = table(characteristic(1, FLOW, lane(1)), characteristic(2, FLOW, lane(2)), characteristic(3, FLOW, whole))
    assert found(made, values((1, FLOW, 360), (2, FLOW, 600), (3, FLOW, 970)))["flow"] == 970
    assert found(made, values((1, FLOW, 360), (2, FLOW, 600), (3, FLOW, -1)))["flow"] == 960
    assert np.isnan(found(made, values((1, FLOW, 360), (3, FLOW, -1)))["flow"])


def test_lanes_that_overlap_do_not_add_up():
    made = table(characteristic(1, FLOW, lane(1, 2)), characteristic(2, FLOW, lane(2, 3)))
    read = found(made, values((1, FLOW, 360), (2, FLOW, 600)))
    assert np.isnan(read["flow"]) and read["flow: lane1+lane2 anyVehicle"] == 360


def test_vehicles_that_are_told_by_their_weight_are_not_all_vehicles():
    weight = "<com:grossWeightCharacteristic><com:grossVehicleWeight>3.5</com:grossVehicleWeight>"
    heavy = characteristic(3, FLOW, lane(1), f"{weight}</com:grossWeightCharacteristic>")
    made = table(characteristic(1, FLOW, lane(1)), heavy)
    read = found(made, values((1, FLOW, 360), (3, FLOW, 40)))
    assert read["flow"] == 360 and read["flow: lane1 grossWeightCharacteristic 3.5"] == 40


def test_a_root_in_capitals_and_values_without_a_unit_are_read():
    plain = (
        '<D2LogicalModel xmlns="http://datex2.eu/schema/1_0/1_0"><payloadPublication><siteMeasurements>'
        "<measurementSiteReference>S601</measurementSiteReference><measurementTimeDefault>2026-10-01T18:55:00Z"
        '</measurementTimeDefault><measuredValue index="1"><basicDataValue><vehicleFlow>420</vehicleFlow>'
        "</basicDataValue></measuredValue></siteMeasurements></payloadPublication></D2LogicalModel>"
    )
    series = parse(plain.encode(), "a")
    assert series.values.tolist() == [420] and series.stations.columns["station"].tolist() == ["S601"]


def test_an_export_of_dexter_tells_faults_by_quantity(tmp_path):
    names = (
        "id_meetlocatie,ndw_index,start_meetperiode,eind_meetperiode,waarnemingen_intensiteit,waarnemingen_snelheid,"
        "data_error_snelheid,data_error_intensiteit,gem_intensiteit,gem_snelheid,spreiding_snelheid,rijstrook_rijbaan,"
        "voertuigcategorie,technical_exclusion,naam_meetlocatie_mst,start_locatie_latitude,start_locatie_longitude"
    )
    rest = "lane1,anyVehicle,{},A27 hrl,51.6,4.83"
    rows = (
        f"A27,1,2024-01-01 08:00:00,2024-01-01 09:00:00,60,58,0,0,412,101.5,7.5,{rest.format('')}",
        f"A27,1,2024-01-01 09:00:00,2024-01-01 10:00:00,60,58,1,0,412,101.5,7.5,{rest.format('')}",
        f"A27,1,2024-01-01 10:00:00,2024-01-01 11:00:00,60,0,0,1,0,-1,,{rest.format('')}",
        f"A27,1,2024-01-01 11:00:00,2024-01-01 12:00:00,60,58,0,0,412,101.5,7.5,{rest.format('i')}",
    )
    path = tmp_path / "intensiteit-snelheid-export.csv"
    path.write_text("\n".join((names, *rows)))
    series = read_series(path)
    flows, speeds = (series.take(np.flatnonzero(series.quantity == kind)) for kind in (0, 1))
    assert np.array_equal(flows.values, [412, 412, np.nan, 412], equal_nan=True)
    assert np.array_equal(speeds.values, [101.5, np.nan, np.nan, 101.5], equal_nan=True)
    assert flows.qualities.tolist() == [UNKNOWN, UNKNOWN, INVALID, SUSPECT]
    assert speeds.qualities.tolist() == [UNKNOWN, INVALID, INVALID, UNKNOWN]
    assert flows.extras["count"].tolist() == [60] * 4 and speeds.extras["count"].tolist() == [58, 58, 0, 58]
    assert series.stations.geometries.coordinates.tolist() == [[4.83, 51.6]]
    assert series.stations.columns["name"].tolist() == ["A27 hrl"]


def situation(location):
    """A publication with one road work."""
    return (
        f'<mc:messageContainer {NAMES} xmlns:sit="http://datex2.eu/schema/3/situation"><mc:payload '
        'xsi:type="sit:SituationPublication"><sit:situation id="S"><sit:situationRecord id="S_1" '
        'xsi:type="sit:MaintenanceWorks"><sit:validity><com:validityTimeSpecification><com:overallStartTime>2026-07-13T07:00:00Z'
        "</com:overallStartTime></com:validityTimeSpecification></sit:validity><sit:locationReference>"
        f"{location}</sit:locationReference></sit:situationRecord></sit:situation></mc:payload></mc:messageContainer>"
    ).encode()


def test_a_line_in_another_system_lies_where_it_is():
    line = '<loc:gmlLineString srsName="{}"><loc:posList>{}</loc:posList></loc:gmlLineString>'
    plain = parse(situation(line.format("", "50.85 5.81 50.86 5.82")), "a").stations.geometries.coordinates
    assert plain.tolist() == [[5.81, 50.85], [5.82, 50.86]]
    # the middle of UTM zone 31: 100 km north of the equator is 100 040 m of a meridian with 110 574 m a degree
    utm = parse(situation(line.format("EPSG:25831", "500000 0 500000 100000")), "a").stations.geometries.coordinates
    np.testing.assert_allclose(utm, [[3.0, 0.0], [3.0, 0.90473]], atol=2e-5)  # to a metre or two
    wrong = line.format("EPSG:999999", "150000 200000 150200 200150") + (
        "<loc:coordinatesForDisplay><loc:latitude>50.85</loc:latitude><loc:longitude>5.81</loc:longitude>"
        "</loc:coordinatesForDisplay>"
    )
    assert parse(situation(wrong), "a").stations.geometries.coordinates.tolist() == [[5.81, 50.85]]


def test_a_stretch_of_tpeg_is_a_line_from_its_begin():
    point = "<loc:{0}><loc:pointCoordinates><loc:latitude>{1}</loc:latitude><loc:longitude>{2}</loc:longitude>" \
            "</loc:pointCoordinates></loc:{0}>"  # fmt: skip
    ends = point.format("to", 49.71, 6.30) + point.format("from", 49.69, 6.29)
    series = parse(situation(f"<loc:tpegLinearLocation>{ends}</loc:tpegLinearLocation>"), "a")
    assert series.stations.geometries.coordinates.tolist() == [[6.29, 49.69], [6.30, 49.71]]
