"""The store of answers: its size, damage, and many that use it at once."""

import multiprocessing
import sqlite3
import threading

import pytest

from dtwin_plugin.sources.http_cache import CachingTransport
from dtwin_plugin.sources.http_store import Entry, HttpStore
from tests.sources.http_cache.server import NOW, URL, Server, ok


def entry(number, size=1000, at=NOW, key=None):
    return Entry(key or f"{number:064x}", URL, URL, 200, {}, at, at, bytes([number % 256]) * size)


def test_the_least_recently_used_leave(tmp_path):
    store = HttpStore(tmp_path, 3000)
    for number in range(3):
        store.put(entry(number, at=NOW + number))
    assert store.find(f"{0:064x}", NOW + 100) is not None  # used again
    store.put(entry(3, at=NOW + 200))
    assert [store.find(f"{n:064x}", NOW + 300) is not None for n in range(4)] == [True, False, True, True]
    assert (store.size(), store.count()) == (3000, 3)
    assert sum(path.stat().st_size for path in tmp_path.glob("??/*")) == 3000
    store.put(entry(4, 3001))
    assert store.count() == 3
    store.close()


def test_clear_removes_all_that_is_ours_and_nothing_else(tmp_path):
    store = HttpStore(tmp_path, 10**6)
    store.put(entry(1))
    orphan, foreign = tmp_path / "00" / ("0" * 64), tmp_path / "00" / "holiday.jpg"
    orphan.write_bytes(b"x"), foreign.write_bytes(b"x")
    store.clear()
    assert (store.size(), store.count()) == (0, 0)
    assert [path.name for path in tmp_path.glob("??/*")] == ["holiday.jpg"]
    store.put(entry(1))
    assert store.count() == 1
    store.close()


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 1000, None])
def test_a_damaged_body_is_dropped(tmp_path, damage):
    store = HttpStore(tmp_path, 10**6)
    store.put(entry(1))
    (path,) = tmp_path.glob("??/*")
    path.unlink() if damage is None else path.write_bytes(damage)
    assert store.find(f"{1:064x}", NOW) is None and store.count() == 0
    store.put(entry(1))
    assert store.find(f"{1:064x}", NOW).body == b"\1" * 1000
    store.close()


@pytest.mark.parametrize("version", ["garbage", "other", "cut"])
def test_a_damaged_index_is_made_anew(tmp_path, version):
    store = HttpStore(tmp_path, 10**6)
    for number in range(200):
        store.put(entry(number, 10))
    store.close()
    index = tmp_path / "index.sqlite"
    if version == "other":
        database = sqlite3.connect(index)
        database.execute("PRAGMA user_version=99")
        database.close()
    else:
        index.write_bytes(b"no database" * 1000 if version == "garbage" else index.read_bytes()[:8192])
    found = [store.find(f"{number:064x}", NOW) for number in range(200)]
    assert all(item is None or len(item.body) == 10 for item in found)
    store.put(entry(7))
    assert store.find(f"{7:064x}", NOW) is not None
    assert store.count() <= 200
    store.close()


def test_a_folder_that_cannot_be_used_keeps_nothing_and_stops_nobody(tmp_path, clock):
    (tmp_path / "cache").write_text("a file where the folder should be")
    transport = CachingTransport(Server(lambda url, headers: ok(cache_control="max-age=60")), tmp_path / "cache")
    assert [transport.get(URL).body for _ in range(2)] == [b"abc"] * 2
    assert (transport.size(), transport.count()) == (0, 0)
    transport.clear()


def test_many_threads_share_a_cache(cache):
    transport, _ = cache(lambda url, headers: ok(url.encode() * 50, cache_control="max-age=60"), limit=20_000)
    wrong = []

    def work(seed):
        for step in range(40):
            url = f"{URL}/{(seed * 7 + step * 3) % 17}"
            if transport.get(url).body != url.encode() * 50:
                wrong.append(url)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong and transport.size() <= 20_000


def _fill(folder, seed):
    """Put and find in a process of its own; ends with the number of wrong answers."""
    store, wrong = HttpStore(folder, 50_000), 0
    for step in range(60):
        number = (seed + step) % 40
        found = store.find(f"{number:064x}", NOW + step)
        wrong += found is not None and found.body != bytes([number]) * 2000
        store.put(entry(number, 2000, NOW + step))
    store.close()
    raise SystemExit(wrong)


def test_processes_share_a_cache(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(tmp_path, seed)) for seed in (0, 20, 30)]
    [worker.start() for worker in workers]
    [worker.join(60) for worker in workers]
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = HttpStore(tmp_path, 50_000)
    assert 0 < store.size() <= 50_500
    assert not list(tmp_path.rglob("*.part"))
    store.close()
