"""Where inputs by reference may come from, and where not."""

import pytest

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.processes.media import Link
from dtwin_plugin.processes.server.references import Reach


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "terrain.tif").write_bytes(b"raster")
    (tmp_path / "secret.tif").write_bytes(b"secret")
    (folder / "link.tif").symlink_to(tmp_path / "secret.tif")
    return folder


@pytest.mark.parametrize("href", ["a/terrain.tif", "a%2Fterrain.tif", "a/../a/terrain.tif"])
def test_a_file_of_the_data_folder_is_read(data, href):
    value = Reach(data).fetch(Link(href, "image/tiff"))
    assert (value.data, value.media_type) == (b"raster", "image/tiff")


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("../secret.tif", "has no ../secret.tif"),
        ("%2e%2e/secret.tif", "has no %2e%2e/secret.tif"),
        ("/etc/passwd", "has no /etc/passwd"),
        ("link.tif", "has no link.tif"),
        ("a", "has no a"),
        ("", "has no "),
        ("a\0.tif", "has no a"),
        ("file:///etc/passwd", "links of http and https are followed"),
        ("FILE:///etc/passwd", "links of http and https are followed"),
        ("//localhost/a.tif", "links of http and https are followed"),
        ("ftp://x.nl/a.tif", "links of http and https are followed"),
        ("/vsicurl/http://x.nl/a.tif", "has no /vsicurl"),
        ("http://127.0.0.1:9/a.tif", "is not a public web server"),
        ("http://[::1]:9/a.tif", "is not a public web server"),
        ("http://localhost:9/a.tif", "is not a public web server"),
        ("http://169.254.169.254/latest/meta-data", "is not a public web server"),
        ("http://2130706433:9/", "is not a public web server"),
        ("http://0/", "is not a public web server"),
        ("http://user@10.1.2.3/a.tif", "is not a public web server"),
        ("https://[::ffff:10.0.0.1]/a.tif", "is not a public web server"),
        ("http://[bad/a.tif", ""),
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(data, href, words):
    with pytest.raises((DtwinError, ValueError)) as caught:
        Reach(data).fetch(Link(href))
    assert isinstance(caught.value, DtwinError) and words in str(caught.value)


def test_a_server_without_a_data_folder_has_no_files():
    with pytest.raises(DtwinError, match="has no terrain.tif"):
        Reach().fetch(Link("terrain.tif"))


def test_a_file_that_is_too_large_is_refused(data):
    with pytest.raises(DtwinError, match="larger than 0 MB"):
        Reach(data, largest=3).fetch(Link("a/terrain.tif"))


def test_a_host_that_is_allowed_may_be_asked_and_its_neighbour_not():
    reach = Reach(hosts=("10.0.0.5", "10.0.0.6:8080"))
    assert reach.may_ask("https://10.0.0.5/a") and reach.may_ask("http://10.0.0.6:8080/a")
    assert not reach.may_ask("http://10.0.0.6/a") and not reach.may_ask("http://10.0.0.7/a")
    assert not reach.may_ask("ftp://10.0.0.5/a")
