"""The access log only grows, says who did what, and shows where somebody changed it."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from dtwin_plugin.twin.__main__ import main
from dtwin_plugin.twin.access_log import Access, append, broken_at


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "new" / "access.jsonl"
    for number in range(3):
        append(path, Access("jan", f"Kabels {number}\n", "confidential", "opened", "Graafmelding é"))
    return path


def test_a_line_says_who_when_what_and_why(log):
    first = json.loads(log.read_text("utf-8").splitlines()[0])
    assert (first["who"], first["level"], first["how"], first["purpose"]) == (
        "jan", "confidential", "opened", "Graafmelding é"
    )  # fmt: skip
    assert first["when"].endswith("+00:00") and first["before"] == "0" * 64


def test_only_its_owner_may_read_it(log):
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_line_that_was_changed_or_taken_out_is_seen(log):
    assert broken_at(log) == 0
    lines = log.read_text("utf-8").splitlines(keepends=True)
    log.write_text(lines[0].replace("jan", "piet") + lines[1] + lines[2], encoding="utf-8")
    assert broken_at(log) == 2
    log.write_text(lines[0] + lines[2], encoding="utf-8")
    assert broken_at(log) == 2
    log.write_text("[" * 100_000 + "\n")
    assert broken_at(log) == 1


def test_the_command_names_the_line(log, capsys):
    assert main(["check-log", str(log)]) == 0
    lines = log.read_text("utf-8").splitlines(keepends=True)
    log.write_text(lines[0] + lines[2], encoding="utf-8")
    assert main(["check-log", str(log)]) == 1 and "line 2 does not follow" in capsys.readouterr().out
    assert main(["check-log", str(log) + ".no"]) == 2


def test_lines_of_several_threads_follow_each_other(tmp_path):
    path = tmp_path / "a.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append(path, Access("a", str(n), "personal", "m")), range(50)))
    assert len(path.read_text().splitlines()) == 50 and broken_at(path) == 0


def test_no_password_is_in_it(tmp_path):
    append(tmp_path / "a", Access("a", "dbname=x password=geheim", "personal", "m"))
    assert "geheim" not in (tmp_path / "a").read_text()
