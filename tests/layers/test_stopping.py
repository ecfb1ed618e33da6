"""A wish to stop is heard by every request that waits for a server that never answers."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dtwin_plugin.errors import Cancelled, UnavailableError
from dtwin_plugin.layers.transport import QgisTransport

SECOND = 1.0  # s in which a wish to stop is to be heard
BUSY = 1.0  # s that a machine with other work may take besides


@pytest.fixture
def silent(silent_server, qgis_app):
    with silent_server.serve() as state:
        yield state
        state.over.set()


def wait_for(url, cancelled, way):
    """Ask, and return when the request ended, and how."""
    transport = QgisTransport()
    try:
        if way == "post":
            transport.post(url, b"{}", cancelled=cancelled)
        else:
            transport.get_unless(cancelled, url)
    except Cancelled:
        return time.monotonic()
    raise AssertionError("it was answered")


def asking(url, cancelled, way):
    """Return a list that gets the moment at which a request ended; in a thread that keeps nobody where it hangs."""
    ended = []
    thread = threading.Thread(target=lambda: ended.append(wait_for(url, cancelled, way)), daemon=True)
    thread.start()
    return thread, ended


@pytest.mark.parametrize("way", ["get", "half", "post"])
def test_two_requests_that_wait_in_threads_both_hear_it(silent, way):
    """Many times, as what is heard too late or too soon depends on which thread is first."""
    for number in range(30):
        stop, begin = threading.Event(), silent.waiting
        asked = [asking(f"{silent.url}/{way}", stop.is_set, way) for _ in range(2)]
        if number % 2:
            silent.until(begin + 2)
        else:
            time.sleep(random.uniform(0, 0.02))  # also before they were sent
        said = time.monotonic()
        stop.set()
        for thread, _ in asked:
            thread.join(max(0.0, said + SECOND + BUSY - time.monotonic()))
        assert all(ended for _, ended in asked), f"round {number}: a request still waits"


@pytest.mark.parametrize("at", ["before", "waiting"])
def test_a_request_of_the_main_thread_hears_it_from_another(silent, at):
    for _ in range(10):
        stop, begin, said = threading.Event(), silent.waiting, []

        def say(stop=stop, begin=begin, said=said):
            if at == "waiting":
                silent.until(begin + 1)
            said.append(time.monotonic())
            stop.set()

        thread = threading.Thread(target=say)
        thread.start()
        ended = wait_for(silent.url, stop.is_set, "get")
        thread.join()
        assert ended - said[0] < SECOND + BUSY


def test_a_request_of_the_main_thread_hears_a_timer_of_it(silent):
    """QGIS's own windows cancel in the main thread, which waits for the answer."""
    from qgis.core import QgsFeedback
    from qgis.PyQt.QtCore import QTimer

    feedback = QgsFeedback()
    QTimer.singleShot(300, feedback.cancel)
    begin = time.monotonic()
    assert wait_for(silent.url, feedback.isCanceled, "get") - begin < 0.3 + SECOND + BUSY


def test_a_silent_server_ends_at_the_time_limit_in_threads_too(silent):
    def ask(_):
        begin = time.monotonic()
        with pytest.raises(UnavailableError, match="within 0.5 s"):
            QgisTransport().get(silent.url, timeout=0.5)
        return time.monotonic() - begin

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(ask, range(8))) < 0.5 + SECOND + BUSY


def test_the_main_thread_hears_qgis_while_others_ask(silent):
    """As a load does that QGIS runs in its main thread: a click, or a timer, cancels what waits in other threads."""
    from qgis.core import QgsFeedback
    from qgis.PyQt.QtCore import QTimer

    from dtwin_plugin.layers.main_thread import alongside

    def ask_both():
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda _: wait_for(silent.url, feedback.isCanceled, "get"), range(2)))

    feedback, begin = QgsFeedback(), time.monotonic()
    QTimer.singleShot(300, feedback.cancel)
    assert max(alongside(ask_both)) - begin < 0.3 + SECOND + BUSY


def test_a_server_that_wants_a_password_keeps_nobody_waiting(tiles_server, qgis_app):
    """QGIS asks for it in its main thread, for which a request in another one waits."""
    from dtwin_plugin.layers.main_thread import alongside

    with tiles_server.serve(tiles_server.Tiles()) as host:
        host.faults["/a"] = [(401, {"WWW-Authenticate": 'Basic realm="a"'})] * 4
        assert alongside(lambda: QgisTransport().get(host.url + "/a", timeout=5)).status == 401
        assert QgisTransport().get(host.url + "/a", timeout=5).status == 401
