"""How long an answer holds, by its headers."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.sources import http_rules as rules
from dtwin_plugin.sources.transport import Response
from tests.sources.http_cache.server import NOW, ok


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache_control": "max-age=100, private"}, 100),
        ({"cache_control": "public, s-maxage=5, max-age=100"}, 100),
        ({"cache_control": "no-cache, max-age=100"}, 0),
        ({"cache_control": "max-age=-1"}, 0),
        ({"cache_control": "max-age=abc"}, 0),
        ({"cache_control": "max-age=99999999999999999999"}, 2**31),
        ({"expires": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"expires": "0"}, 0),
        ({"cache_control": "max-age=7", "expires": formatdate(NOW + 30, usegmt=True)}, 7),
        ({"last_modified": formatdate(NOW - 1000, usegmt=True)}, 100),
        ({"last_modified": formatdate(NOW - 10**8, usegmt=True)}, 24 * 3600),
        ({"last_modified": "yesterday"}, 0),
        ({}, 0),
    ],
)
def test_lifetime(headers, seconds):
    assert rules.lifetime(ok(date=formatdate(NOW, usegmt=True), **headers), NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(("headers", "seconds"), [({}, 60), ({"cache_control": "max-age=9999"}, 300)])
def test_what_is_not_there_is_believed_for_a_short_time(headers, seconds):
    assert rules.lifetime(ok(status=404, **headers), NOW) == seconds


def test_age_counts_what_passed_before_it_came():
    headers = {"date": formatdate(NOW - 20, usegmt=True), "age": "50"}
    assert rules.age_when_received(headers, NOW - 2, NOW) == 52
    assert rules.age_when_received({"age": "x"}, NOW, NOW) == 0


@given(st.text(max_size=80))
def test_no_header_is_too_strange(text):
    headers = {name: text for name in ("cache-control", "expires", "date", "age", "last-modified", "vary", "etag")}
    assert rules.lifetime(Response(200, b"", headers), NOW) >= 0
    assert rules.age_when_received(headers, NOW, NOW) >= 0
    rules.may_keep(Response(200, b"", headers), False)
