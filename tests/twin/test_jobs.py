"""Work in pieces: at once, with a journal, and one failure stops nobody else."""

import threading
import time

import pytest

from dtwin_plugin.errors import Cancelled, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.twin.jobs import CANCELLED, DONE, FAILED, REUSED, Board, Journal, Task, run_all


def writing(name, key="a", text="x", calls=None):
    def run(folder, progress):
        if calls is not None:
            calls.append(name)
        progress.report(0.5, "half of {what}", what=name)
        (folder / "result.txt").write_text(text)
        return {"count": len(text)}

    return Task(name, name.title(), key, run)


def failing(name, error):
    def run(folder, progress):
        (folder / "half.txt").write_text("half")
        raise error

    return Task(name, name.title(), "a", run)


def go(tasks, folder, progress=None, **more):
    return run_all(tasks, Journal(folder), Board(tasks, progress or Silent()), **more)


def test_results_come_in_the_order_of_the_tasks(tmp_path):
    outcomes = go([writing("one"), writing("two")], tmp_path)
    assert [(o.id, o.status, o.facts) for o in outcomes] == [("one", DONE, {"count": 1}), ("two", DONE, {"count": 1})]
    assert (tmp_path / "two" / "result.txt").read_text() == "x"


def test_one_failure_stops_nobody_and_leaves_nothing(tmp_path):
    tasks = [failing("bad", SourceError("{server} is silent.", server="a.nl")), writing("good")]
    bad, good = go(tasks, tmp_path)
    assert (bad.status, bad.message, good.status) == (FAILED, "a.nl is silent.", DONE)
    assert [p.name for p in tmp_path.iterdir()] == ["good"]


def test_a_full_disk_is_a_sentence(tmp_path):
    (bad,) = go([failing("bad", OSError(28, "No space left on device"))], tmp_path)
    assert bad.status == FAILED and "No space left" in bad.message


def test_a_fault_of_ours_is_told_with_its_traceback_and_stops_nobody(tmp_path):
    bad, good = go([failing("bad", KeyError("x")), writing("good")], tmp_path)
    assert bad.status == FAILED and "KeyError" in bad.message and "raise error" in bad.facts["traceback"]
    assert good.status == DONE


def test_what_is_done_is_not_done_again(tmp_path):
    calls = []
    go([writing("one", calls=calls)], tmp_path)
    (again,) = go([writing("one", calls=calls)], tmp_path)
    assert again.status == REUSED and again.facts == {"count": 1} and calls == ["one"]


@pytest.mark.parametrize("spoil", ["key", "missing", "shorter", "state"])
def test_what_has_changed_is_done_again(tmp_path, spoil):
    go([writing("one", text="abc")], tmp_path)
    result, state = tmp_path / "one" / "result.txt", tmp_path / "one" / "state.json"
    {"key": lambda: None, "missing": result.unlink, "shorter": lambda: result.write_text("a"),
     "state": lambda: state.write_text("{")}[spoil]()  # fmt: skip
    (again,) = go([writing("one", key="b" if spoil == "key" else "a", text="abc")], tmp_path)
    assert again.status == DONE and result.read_text() == "abc"


def test_tasks_run_at_once(tmp_path):
    both = threading.Barrier(2, timeout=10)

    def meet(folder, progress):
        both.wait()
        return {}

    outcomes = go([Task("a", "A", "", meet), Task("b", "B", "", meet)], tmp_path, workers=2)
    assert [o.status for o in outcomes] == [DONE, DONE]


def test_what_is_old_is_done_again(tmp_path):
    tasks = [writing("one")]
    go(tasks, tmp_path)
    (again,) = run_all(tasks, Journal(tmp_path, oldest=0.0), Board(tasks, Silent()))
    assert again.status == DONE


class Stopping(Silent):
    stop = False

    def is_cancelled(self):
        return self.stop


def test_stopping_keeps_what_is_done(tmp_path):
    progress = Stopping()

    def wait_for_stop(folder, task_progress):
        progress.stop = True
        while not task_progress.is_cancelled():
            time.sleep(0.01)
        raise Cancelled

    tasks = [writing("first"), Task("second", "Second", "", wait_for_stop), writing("third")]
    outcomes = go(tasks, tmp_path, progress, workers=1)
    assert [o.status for o in outcomes] == [DONE, CANCELLED, CANCELLED]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["first"]


def test_everybody_hears_where_each_task_is(tmp_path):
    seen, tasks = [], [writing("one"), failing("two", SourceError("No."))]
    run_all(tasks, Journal(tmp_path), Board(tasks, Silent(), lambda *state: seen.append(state)), workers=1)
    assert ("one", "running", 0.495, "half of one") in seen and seen[-1] == ("two", "failed", 1.0, "No.")
