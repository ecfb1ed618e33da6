"""Pages of a report: text that can be searched, tables over pages, and nothing that a text may make QGIS do."""

import re
import shutil
import subprocess

import pytest
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers.page_table import Column, put_table
from dtwin_plugin.layers.page_words import clock_of, day_of, moment_of, put_scale, rounded
from dtwin_plugin.layers.pages import EDGE, Pages, shown
from dtwin_plugin.translate import set_language


@pytest.fixture
def dutch():
    set_language("nl")
    yield
    set_language("en")


def text_of(path, layout=False):
    """The text of a PDF, as a reader finds it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    options = ["-layout"] if layout else []
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def saved(pages, tmp_path):
    path = tmp_path / "pages.pdf"
    pages.save(path)
    return path


# 100 rows are on at least five pages; QGIS takes the square of the time for more
@pytest.mark.parametrize("count", [3, 100])
def test_a_table_has_all_its_rows_on_as_many_pages_as_it_needs(qgis_app, tmp_path, count):
    pages = Pages("Rows")
    pages.page("All rows")
    columns = [Column("Name", 1), Column("Number", 1, True), Column("What is said", 4)]
    sentence = "A sentence so long that it has to be broken into lines in its cell, however wide the page. " * 2
    rows = [[f"row-{number:03d}-name", str(number), sentence] for number in range(count)]
    put_table(pages, columns, rows, ["#d55e00"] * count)
    pages.finish("footer")
    text = text_of(saved(pages, tmp_path))
    assert len(set(re.findall(r"row-(\d{3})-name", text))) == count
    assert text.count("What is said") == pages.count  # the head is on each page
    assert f"Page {pages.count} of {pages.count}" in text
    # a row of two lines of 7.5 points with its edges is about 8 mm, and a page has room for 150 mm of them
    assert pages.count == 1 if count == 3 else 5 <= pages.count <= 9


def test_nothing_is_put_below_the_footer(qgis_app):
    pages = Pages("Long")
    pages.page("Long")
    for number in range(40):
        pages.text(f"Paragraph {number}. " + "Words and words and words. " * 30)
        assert pages.y <= pages.bottom + 1.2  # the room after a paragraph
    assert pages.count > 2


def test_a_row_that_is_longer_than_a_page_is_cut_and_says_so(qgis_app, tmp_path):
    pages = Pages("Long row")
    pages.page("Long row")
    put_table(pages, [Column("Text", 1), Column("More", 1)], [["word " * 5000, "end"]])
    assert pages.count == 1
    assert "…" in text_of(saved(pages, tmp_path))


def test_a_word_that_is_wider_than_its_cell_is_broken(qgis_app, tmp_path):
    pages = Pages("Link")
    pages.page("Link")
    link = "https://www.ruimtelijkeplannen.nl/" + "documents/NL.IMRO.0503.BP0001-2001/" * 6
    put_table(pages, [Column("Link", 1), Column("Beside", 3)], [[link, "beside"]])
    found = text_of(saved(pages, tmp_path))
    assert link.replace("/", "") in re.sub(r"[\s/]|Link|Beside|beside|Page.*", "", found)
    # the lines of the cell are narrower than it: a quarter of 269 mm has about 45 letters of 7.5 points
    assert max(len(line) for line in found.splitlines()) < 60


@pytest.mark.parametrize("text", ["[% env('HOME') %]", "a [%\n1 + 1 %] b", "x [% [% 7*6 %] %]"])
def test_a_text_is_not_calculated(qgis_app, tmp_path, text):
    pages = Pages("Expression")
    pages.page("Expression")
    pages.text(text)
    found = text_of(saved(pages, tmp_path))
    assert re.sub(r"[\s\[%\]]", "", text) in re.sub(r"[\s\[%\]]", "", found)
    assert "42" not in found and "/root" not in found


def test_percent_signs_and_unseen_characters_stay_harmless():
    assert shown("Share [%]") == "Share [%]"
    assert shown("a\x00b\x1bc\td\ne") == "a b c\td\ne" or shown("a\x00b") == "a b"


def test_the_pdf_names_its_title_and_nobody_who_was_logged_in(qgis_app, tmp_path):
    pages = Pages("A title of its own", "A3")
    pages.page("One")
    path = saved(pages, tmp_path)
    if shutil.which("pdfinfo") is None:
        pytest.skip("needs pdfinfo (poppler-utils)")
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Title: +A title of its own", info)
    author = re.search(r"Author:(.*)", info)
    assert author is None or not author.group(1).strip()
    assert "1191 x 842 pts" in info  # A3 on its long side: 420 / 25.4 * 72 points


def test_a_report_that_cannot_be_written_leaves_nothing(qgis_app, tmp_path):
    pages = Pages("One")
    pages.page("One")
    (tmp_path / "taken.pdf").mkdir()
    (tmp_path / "taken.pdf" / "inside").write_text("x")
    with pytest.raises((DtwinError, OSError)):
        pages.save(tmp_path / "taken.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.pdf"]


def test_days_moments_and_numbers_in_two_languages(dutch):
    assert moment_of("2026-03-21T09:00") == "21 maart, 9:00" and rounded(1234.5, ",.1f") == "1.234,5"
    set_language("en")
    assert day_of("2026-12-22", True) == "22 December 2026" and clock_of("2026-03-21T00:05") == "0:05"
    assert rounded(None) == rounded(float("nan")) == "–"


def test_a_scale_bar_is_as_long_as_it_says(qgis_app, tmp_path):
    """Measured in the picture of the page: 50 m at 2 m a millimetre is 25 mm."""
    from qgis.core import QgsLayoutExporter
    from qgis.PyQt.QtCore import QSize

    pages = Pages("Scale")
    pages.page("")
    put_scale(pages, 2.0, EDGE, 100.0)
    image: QImage = QgsLayoutExporter(pages.layout).renderPageToImage(0, QSize(), 254)  # 10 dots a millimetre
    line = [QColor(image.pixel(x, round(1035))).lightness() < 100 for x in range(550)]  # not the arrow
    assert abs(sum(line) - 250) <= 3  # dots: one at each edge and rounding
