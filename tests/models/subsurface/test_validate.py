"""What `make validate MODEL=subsurface` prints is right, and a value that is wrong ends it with 1."""

import sys

from scripts.validate import __main__, subsurface


def test_every_value_is_within_its_tolerance():
    rows = list(subsurface.rows())
    assert {row["model"] for row in rows} == set(subsurface.CASES)
    assert [row for row in rows if not row["ok"]] == []


def test_a_value_outside_its_tolerance_fails(monkeypatch, capsys, tmp_path):
    def wrong():
        yield "a pit", "volume [m3]", 300.0, 301.0, 0.5

    monkeypatch.setattr(subsurface, "CASES", {"excavation": (wrong,)})
    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["validate", "--model", "subsurface"])
    assert __main__.main() == 1
    assert " NO" in capsys.readouterr().out


def test_a_case_file_of_the_subsurface_is_skipped(monkeypatch, capsys, tmp_path):
    (tmp_path / "pit.json").write_text('{"model": "subsurface"}', encoding="utf-8")
    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["validate", "--cases", str(tmp_path)])
    assert __main__.main() == 1  # nothing was tried
    assert "model subsurface has no case files" in capsys.readouterr().out
