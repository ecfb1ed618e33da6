"""Messages of The Things Network (versions 2 and 3), as an MQTT client writes them down: a device and its payload."""

from __future__ import annotations

from typing import Any

from .builder import Builder, number_of
from .times import moment

_PLACE = ("lat", "latitude"), ("lon", "lng", "longitude")
_TIMES = ("timestamp", "time", "ts")
_IDENTITY = {"imei"}
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800  # s since 1970, between which a number may be a moment


def looks_like(document: Any) -> bool:
    """Tell whether JSON is a message of a device."""
    return isinstance(document, dict) and (
        {"payload_fields", "dev_id"} <= document.keys() or {"uplink_message", "end_device_ids"} <= document.keys()
    )


def add_message(document: dict[str, Any], build: Builder) -> None:
    """Add the numbers of a message; one without a time of its own is told and left out."""
    uplink = _members(document.get("uplink_message"))
    device = document.get("dev_id") or _members(document.get("end_device_ids")).get("device_id")
    payload = _members(document.get("payload_fields") or uplink.get("decoded_payload"))
    lower = {str(key).lower(): value for key, value in payload.items()}
    place = tuple(next((number_of(lower[key]) for key in names if key in lower), float("nan")) for names in _PLACE)
    known = abs(place[0]) <= 90 and abs(place[1]) <= 180 and place != (0.0, 0.0)
    title = _members(document.get("tag_fields")).get("name")
    station = build.station(
        device, (place[1], place[0]) if known else None, name=title if isinstance(title, str) else None
    )
    at = _time(document, uplink, lower)
    if at is None:
        build.remark("{file} has messages without a time; their values are left out.", file=build.source)
        return
    for key, value in payload.items():
        name = str(key).lower()
        if name in (*_PLACE[0], *_PLACE[1], *_TIMES, *_IDENTITY) or isinstance(value, (str, dict, list)):
            continue
        build.add_result(station, build.quantity(str(key)), at, value)


def _time(document: dict[str, Any], uplink: dict[str, Any], payload: dict[str, Any]) -> int | None:
    for key in _TIMES:
        value = payload.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = value / 1000 if value > _YEAR_2100 else value
            if _YEAR_2000 < seconds < _YEAR_2100:
                return round(seconds * 1000)
        elif moment(value) is not None:
            return moment(value)
    metadata = _members(document.get("metadata"))
    found = (moment(text) for text in (uplink.get("received_at"), document.get("received_at"), metadata.get("time")))
    return next((at for at in found if at is not None), None)


def _members(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
