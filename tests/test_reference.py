"""The reference pages say what the descriptions say."""

from scripts.reference import FOLDER, pages


def test_every_page_is_up_to_date():
    stale = [path.name for path, text in pages().items() if not path.is_file() or path.read_text() != text]
    assert not stale, "run: python -m scripts.reference"


def test_no_page_is_left_over():
    assert {path.name for path in FOLDER.glob("*.md")} == {path.name for path in pages()}
