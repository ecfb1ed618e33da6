"""Packages of anybody are checked where they are, and hostile ones are refused."""

import hashlib
import os
import stat
import zipfile

import pytest

from dtwin_plugin.errors import Cancelled, FormatError
from dtwin_plugin.twin.archive import opened
from dtwin_plugin.twin.archive.check import check_bag

DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def md5(content):
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def bag(tmp_path):
    """A small bag as a folder: what is given replaces or adds a file, None takes one away."""

    def make(**files):
        root = tmp_path / "bag"
        found = {"bagit.txt": DECLARED, "data/a.txt": "a", "manifest-md5.txt": f"{md5(b'a')}  data/a.txt\n"}
        for name, text in {**found, **files.get("files", {})}.items():
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
        return root

    return make


def kinds(path):
    return [fault.kind for fault in check_bag(path)]


def test_a_whole_bag_has_no_faults(bag):
    assert kinds(bag()) == []


@pytest.mark.parametrize(("files", "kind"), [
    ({"bagit.txt": None}, "declaration"), ({"bagit.txt": "BagIt-Version: 1.0\n"}, "declaration"),
    ({"bagit.txt": "\ufeff" + DECLARED}, "declaration"), ({"fetch.txt": "http://x 1 data/b"}, "fetch"),
    ({"data/a.txt": None}, "missing"), ({"data/b.txt": "b"}, "not listed"), ({"data/a.txt": "b"}, "changed"),
    ({"manifest-md5.txt": None}, "no manifest"), ({"manifest-md5.txt": "nonsense"}, "line"),
    ({"manifest-md5.txt": f"{md5(b'a')}  data/a.txt\n{md5(b'b')}  data/a.txt\n"}, "twice"),
    ({"manifest-md5.txt": f"{md5(b'a')}  data/../../a.txt\n"}, "path"),
    ({"manifest-md5.txt": f"{md5(b'a')}  /etc/passwd\n"}, "path"),
    ({"manifest-md5.txt": f"{md5(b'a')}  ~/a\n"}, "path"), ({"bag-info.txt": "Payload-Oxum: 3.1\n"}, "oxum"),
    ({"bagit.txt": DECLARED.replace("UTF-8", "no-such")}, "encoding"),
])  # fmt: skip
def test_each_fault_is_named(bag, files, kind):
    assert kind in kinds(bag(files=files))


def zipped(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def entry(name, mode=0):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\..\\b", "~/a"])
def test_a_zip_that_leads_out_is_refused(tmp_path, name):
    with pytest.raises(FormatError, match="leads out of it"):
        check_bag(zipped(tmp_path / "a.zip", [(entry("b/bagit.txt"), DECLARED), (entry(name), "x")]))


def test_links_are_refused_in_zip_and_folder(tmp_path, bag):
    with pytest.raises(FormatError, match="is a link"):
        check_bag(zipped(tmp_path / "a.zip", [(entry("b/data/a", stat.S_IFLNK | 0o777), "/etc/passwd")]))
    root = bag()
    (root / "data" / "link").symlink_to("/etc")
    with pytest.raises(FormatError, match="link is a link"):
        check_bag(root)


def test_a_bomb_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "_FROM", 1_000_000)
    with pytest.raises(FormatError, match="GB unpacked"):
        check_bag(zipped(tmp_path / "a.zip", [("b/a", b"\0" * 5_000_000)]))
    monkeypatch.setattr(opened, "MOST_FILES", 3)
    with pytest.raises(FormatError, match="more than 3 files"):
        check_bag(zipped(tmp_path / "b.zip", [(f"b/{number}", "") for number in range(5)]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_name_twice_and_one_that_is_none_are_refused(tmp_path):
    with pytest.raises(FormatError, match="twice"):
        check_bag(zipped(tmp_path / "a.zip", [("b/a", "1"), ("b/a", "2")]))
    (tmp_path / "c.zip").write_bytes(b"PK nothing")
    with pytest.raises(FormatError, match="neither a folder nor a zip"):
        check_bag(tmp_path / "c.zip")


def test_a_damaged_zip_is_a_fault_and_no_traceback(tmp_path):
    content = bytes(range(256)) * 20
    manifest = f"{md5(content)}  data/a\n"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name, text in (("b/bagit.txt", DECLARED), ("b/manifest-md5.txt", manifest), ("b/data/a", content)):
            file.writestr(name, text)
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    raw[raw.index(content) + 10] ^= 255
    (tmp_path / "a.zip").write_bytes(raw)
    assert kinds(tmp_path / "a.zip") == ["unreadable"]


def test_the_user_can_stop_it(bag):
    with pytest.raises(Cancelled):
        check_bag(bag(), lambda: True)


def test_a_zip_that_is_packed_in_another_way_is_a_fault_and_no_traceback(tmp_path):
    place = tmp_path / "a.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("b/bagit.txt", DECLARED)
        file.writestr("b/data/a", "a")
    raw = bytearray(place.read_bytes())
    for mark, method in ((b"PK\3\4", 8), (b"PK\1\2", 10)):  # Deflate64, as file managers choose for what is large
        at = -1
        while (at := raw.find(mark, at + 1)) >= 0:
            raw[at + method] = 9
    place.write_bytes(raw)
    assert kinds(place) == ["unreadable", "declaration"]


def test_a_pipe_is_not_waited_for(bag):
    root = bag()
    os.mkfifo(root / "data/b")
    with pytest.raises(FormatError, match="b is no file"):
        check_bag(root)


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("1.0", {"data/a%": "data/a%25", "data/a%25": "data/a%2525", "data/%0A\n": "data/%250A%0a"}),
        ("1.0", {"data/a%20b": "data/a%20b"}), ("0.97", {"data/a%0Ab": "data/a%0Ab", "data/a%25": "data/a%25"}),
    ],
)  # fmt: skip
def test_names_with_percents_are_what_their_version_says(version, names, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("b/bagit.txt", DECLARED.replace("1.0", version))
        file.writestr("b/manifest-md5.txt", "".join(f"{md5(name.encode())}  {text}\n" for name, text in names.items()))
        for name in names:
            file.writestr(f"b/{name}", name)
    assert check_bag(tmp_path / "a.zip") == []
