"""Nothing that opens a door stands in a record."""

import json

import pytest

from dtwin_plugin.twin import InputRecord, RunRecord
from dtwin_plugin.twin.prov import prov_text
from dtwin_plugin.twin.secrets import without_secrets

SECRET = "Zeer-Geheim9"
ADDRESSES = [
    f"dbname='twin' host=db port=5432 user='jan' password='{SECRET}' sslmode=require key='id' table=\"a\".\"b\"",
    f'PG:dbname=twin password="{SECRET}"',
    f"https://jan:{SECRET}@server.nl/wfs",
    f"https://server.nl/wfs?SERVICE=WFS&apikey={SECRET}&x=1",
    f"https://server.nl/wfs?key={SECRET}",
    f"https://blob.nl/a.tif?sv=2022&sig={SECRET}",
    f"https://server.nl/a?access_token={SECRET}#x",
    f"crs=EPSG:28992&url=https%3A%2F%2Fserver.nl%3Fapi_key%3D{SECRET}%26layer%3Da",
    f"url=https%3A%2F%2Fjan%3A{SECRET}%40server.nl%2Fa",
    f"type=xyz&url=https://x.nl&http-header:Authorization={SECRET}&http-header:referer=",
    f"url=https://x.nl&http-header:x-api-key={SECRET}",
    f"/vsicurl?url=https://x.nl&client_secret={SECRET}",
    f"X-Api-Key={SECRET}",
    f"https://jan:a@{SECRET}@server.nl/wfs",
    f"https://jan:a%40{SECRET}@server.nl/wfs",
    f"Authorization: Bearer {SECRET}.b_c-d",
    f"the server said: bearer {SECRET} has ended",
    f'{{"api_key": "{SECRET}", "x": [{{"db_password":"a\\"{SECRET}"}}]}}',
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_secret_of_an_address_is_left_out_wherever_it_is_written(address):
    assert SECRET not in without_secrets(address)
    record = RunRecord("m", "1", "M", parameters={"url": address, "rows": [{"a": address}]})
    record.inputs.append(InputRecord("a", address, layer=address))
    record.warnings.append(address)
    for text in (record.as_json(), "\n".join(record.lines()), prov_text(record)):
        assert SECRET not in text


@pytest.mark.parametrize("text", [
    "/data/kaart key=3/a.gpkg|layername=b|subset=\"key\" = 'x'", "dbname='a' key='id' authcfg=ab12cd3 table=b",
    "https://a.nl/x?mail=a@b.nl", '{"key": "a", "signal": "b", "token": 3}',
    "a basic calculation by the bearer of responsibility: 1",
    "https://a.nl&x=a@b.nl", "monkey=3&turkey=4", "https://server.nl:8080/a?b=c", "C:\\data\\a.tif", "signal=3",
])  # fmt: skip
def test_what_is_no_secret_stays(text):
    assert without_secrets(text) == text


def test_a_parameter_that_is_called_as_a_secret_is_not_kept():
    given = {"api_key": SECRET, "token": "", "inner": [{"password": SECRET, "passwords": 3}], "key": "id"}
    record = RunRecord("m", "1", "M", parameters=given)
    for text in (record.as_json(), "\n".join(record.lines()), prov_text(record)):
        assert SECRET not in text and "***" in text
    kept = json.loads(record.as_json())["parameters"]
    assert kept == {"api_key": "***", "token": "", "inner": [{"password": "***", "passwords": 3}], "key": "id"}
