"""What servers of time series speak."""

from dtwin_plugin.translate import mark

# Language, a key of `speaking.WAYS` -> title.
SPOKEN = {
    "sensorthings": mark("SensorThings"),
    "ngsi-ld": mark("NGSI-LD"),
    "luchtmeetnet": mark("Luchtmeetnet"),
    "edr": mark("OGC API - EDR"),
    "datex2": mark("DATEX II"),
    "file": mark("A file (JSON, XML or CSV)"),
}
