"""What the first bytes tell of a file or an answer with time series, without loading who reads it."""

from __future__ import annotations

import re

from dtwin_plugin.sources.heads import root_in

LOGGER = b"Data file for DataLogger"
WATER_VALUE, WATER_DATE = "NUMERIEKEWAARDE", "WAARNEMINGDATUM"
# What a column of the NDW means -> its names in exports, old and new.
NDW = {
    "station": ("measurementsitereference", "id_meetlocatie", "meetlocatie_id"),
    "begin": ("periodstart", "start_meetperiode", "periode_start"),
    "end": ("periodend", "eind_meetperiode", "periode_eind"),
    "name": (
        *("measurementsitename1", "measurementsitename", "naam_meetlocatie", "naam_meetlocatie_mst"),
        "meetlocatie_naam",
    ),
    "x": ("startlocatiefordisplaylong", "start_locatie_longitude", "longitude", "lengtegraad", "lon"),
    "y": ("startlocatiefordisplaylat", "start_locatie_latitude", "latitude", "breedtegraad", "lat"),
    "lane": ("specificlane", "rijstrook", "rijstrook_rijbaan"),
    "vehicles": ("specificvehiclecharacteristics", "voertuigcategorie"),
    "error": ("dataerror",),
    "error_flow": ("data_error_intensiteit",),
    "error_speed": ("data_error_snelheid",),
    "excluded": ("technical_exclusion",),
    "count": ("numberofinputvaluesused",),
    "count_flow": ("waarnemingen_intensiteit",),
    "count_speed": ("waarnemingen_snelheid",),
    "deviation": ("standarddeviation",),
    "deviation_flow": ("spreiding_intensiteit",),
    "deviation_speed": ("spreiding_snelheid",),
    "flow": ("avgvehicleflow", "gem_intensiteit"),
    "speed": ("avgvehiclespeed", "gem_snelheid"),
    "travel_time": ("avgtraveltime", "gem_reistijd"),
}
_DATEX = re.compile(rb"datex2\.eu/schema|levelC/schema|NLNDW")
_ROOTS = (*(b"d2LogicalModel", b"D2LogicalModel", b"payload", b"messageContainer", b"Envelope", b"payloadPublication"),)
# The first publication tells what a file is; where none is named its first element does. The word alone may stand in a
# reference to another file.
_PUBLICATION = re.compile(
    rb"(?:(MeasurementSiteTable)|(MeasuredData)|(Situation))Publication"
    rb"|<(?:[\w.-]+:)?(?:(measurementSiteTable)|(siteMeasurements)|(situation))[\s>]"
)
_OF_PUBLICATION = ("sites", "measured", "situations") * 2
_SENSORS = re.compile(
    rb'@iot\.|"phenomenonTime"\s*:|"unitOfMeasurement"|"urn:ngsi-ld:|ngsi-ld|smart-?data-?models[./][^"]{0,200}context'
    rb'|"timestamp_measured"|"payload_fields"'
    rb'|"uplink_message"|"type"\s*:\s*"Coverage(Collection)?"|^\s*\{\s*"lon"\s*:\s*\{|"encodingType"\s*:[^{]{0,300}"name"'
    rb'|^\s*\{\s*"name"\s*:\s*"[^"]*",\s*"description"\s*:\s*"[^"]*",\s*"properties"'
)
KINDS = ("sites", "measured", "situations", "json", "ndw_csv", "water_csv", "logger", "rain")


def is_ndw(head: str) -> bool:
    """Tell whether a first line is that of an export of the NDW."""
    names = set(re.split(r"[,;\t]", head.lower().replace('"', "")))
    measured = any(names & set(NDW[key]) for key in ("flow", "speed", "travel_time"))
    return measured and all(names & set(NDW[key]) for key in ("station", "begin"))


def is_water(head: str) -> bool:
    """Tell whether a first line is that of an export of Waterinfo."""
    return WATER_VALUE in head and WATER_DATE in head


def is_rain(head: bytes) -> bool:
    """Tell whether a text of the KNMI has rain of hours or days."""
    return b"YYYYMMDD" in head and b"STN" in head


def kind_of(head: bytes) -> str:
    """Return what the first bytes are of: one of `KINDS`, "" for what is not read here.

    >>> kind_of(b'{"@iot.id": 1}'), kind_of(b"Data file for DataLogger."), kind_of(b'{"type": "CityJSON"}')
    ('json', 'logger', '')
    """
    if root_in(head) in _ROOTS and _DATEX.search(head):
        found = _PUBLICATION.search(head)
        return _OF_PUBLICATION[(found.lastindex or 1) - 1] if found else ""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x1e")
    if start[:1] in (b"{", b"["):
        foreign = b'"CityObjects"' in head or b'"FeatureCollection"' in head and b"ngsi" not in head
        return "json" if _SENSORS.search(head) and not foreign else ""
    if start.startswith(LOGGER):
        return "logger"
    line = start.partition(b"\n")[0].decode("utf-8", "replace")
    if is_water(line):
        return "water_csv"
    return "ndw_csv" if is_ndw(line) else "rain" if is_rain(head[:4096]) else ""


def is_series(head: bytes) -> bool:
    """Tell whether the first bytes of a file are of what is read here; rain has its own loader too, and stays there."""
    return kind_of(head) not in ("", "rain")
