"""A writer of GEF files."""

import pytest

from tests.sources.gef.written import COLUMNS, HEAD, ROWS


@pytest.fixture
def gef(tmp_path):
    """Writes a GEF: header lines by keyword (None leaves one out), columns, more lines, and rows; returns its path."""

    def write(columns=COLUMNS, rows=ROWS, more=(), name="a.gef", end="\n", eoh="#EOH=", encoding="utf-8", **changed):
        lines = [f"#{key}= {value}" for key, value in {**HEAD, **changed}.items() if value is not None]
        lines += [f"#COLUMNINFO= {number}, {text}" for number, text in enumerate(columns, 1)]
        lines += [*more, *([eoh] if eoh else []), *rows]
        path = tmp_path / name
        path.write_bytes(end.join(lines).encode(encoding))
        return path

    return write
