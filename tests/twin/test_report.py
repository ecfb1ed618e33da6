import base64
from dataclasses import asdict
from html.parser import HTMLParser

import numpy as np
import pytest

from dtwin_plugin.twin.record import InputRecord, RunRecord
from dtwin_plugin.twin.report import ReportPage, Table, render

HOSTILE = "<script>alert('\"&')</script>"
VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Collects tags, sources and text, and sees that what is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.sources, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def reading(page, **options):
    reader = Reader()
    reader.feed(render(page, **options))
    assert not reader.open
    return reader


@pytest.fixture
def record():
    run = RunRecord("flood", "1.0.0", "Flooding", purpose=HOSTILE, parameters={"rain": HOSTILE, "area": None})
    run.inputs.append(InputRecord(HOSTILE, f"folder/{HOSTILE}", "2025-01-01", "ab" * 32))
    run.warnings.append(HOSTILE)
    return asdict(run)


def test_no_value_becomes_markup(record, tmp_path):
    picture = tmp_path / "map.png"
    picture.write_bytes(b"png")
    page = ReportPage(
        HOSTILE,
        HOSTILE,
        {HOSTILE: HOSTILE},
        {HOSTILE: picture},
        [Table(HOSTILE, [HOSTILE], [[HOSTILE]])],
        record,
        HOSTILE,
    )
    reader = reading(page)
    assert "script" not in reader.tags
    assert "".join(reader.text).count("alert") >= 12


def test_the_page_needs_nothing_beside_it(tmp_path):
    picture = tmp_path / "map.png"
    picture.write_bytes(b"\x89PNG")
    reader = reading(ReportPage("A", "", pictures={"Map": picture}))
    assert reader.sources == ["data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (1234567, '<td class="n">1,234,567</td>'),
        (1234.5, '<td class="n">1,234.50</td>'),
        (np.float32(0.5), '<td class="n">0.50</td>'),
        (np.int64(3), '<td class="n">3</td>'),
        (True, "<td>True</td>"),
        ("12", "<td>12</td>"),
        (None, "<td>None</td>"),
    ],
)
def test_numbers_stand_to_the_right(value, cell):
    assert cell in render(ReportPage("A", "", tables=[Table("T", ["c"], [[value]])]))


def test_the_record_shows_what_was_set_and_not_what_was_left_out(record):
    text = "".join(reading(ReportPage("A", "", record=record)).text)
    assert "rain = " in text and "area = " not in text


def test_the_record_shows_no_folders(record):
    record["inputs"][0]["source"] = "/home/someone/a.tif"
    text = "".join(reading(ReportPage("A", "", record=record)).text)
    assert "a.tif" in text and "someone" not in text


def test_headings_are_translated_and_the_language_is_named(record):
    dutch = {"Validity": "Geldigheid", "How this was made": "Hoe dit gemaakt is", "Purpose": "Doel"}
    page = render(ReportPage("A", "", record=record, validity="v"), lambda text: dutch.get(text, text), "nl")
    assert '<html lang="nl">' in page
    assert all(word in page for word in dutch.values())


def test_without_a_record_or_validity_there_is_no_heading_for_it():
    assert "<h2>" not in render(ReportPage("A", "summary"))
