"""One request through QGIS's network access manager, which is heard, counted and stopped in the thread that asks.

`QgsBlockingNetworkRequest` is not used. It hears a wish to stop from another thread in two steps, of which the first
destroys the reply and the second was to tell that it ended: when the thread that waits takes the first step before the
second is sent, or the wish comes before it listens, nobody tells it and it waits for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qgis.core import QgsApplication, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from dtwin_plugin.errors import UnavailableError

from .main_thread import events

_LOOK = 100  # ms between looks at whether to stop; metadata and the end are heard at once
_ATTRIBUTE = QNetworkRequest.Attribute


@dataclass(frozen=True)
class Came:
    """What came of a request.

    Attributes
    ----------
    status : int or None
        None where the server gave none.
    headers : dict of str to str
        Names in lower case.
    size : int
        Bytes that came or were announced when it was last looked at.
    fault : str
        Why it is no whole answer; "" where Qt knows of nothing.
    broken : bool
        It was broken off because `enough` said so.
    replaced : bool
        Qt gave what its cache had instead.
    """

    status: int | None
    body: bytes
    headers: dict[str, str]
    size: int
    fault: str
    broken: bool
    replaced: bool


@dataclass(frozen=True)
class Sofar:
    """What is known of an answer while it comes: its status (None before), and bytes that came or were announced."""

    status: int | None
    size: int


def ask(
    request: QNetworkRequest,
    body: bytes | None,
    enough: Callable[[Sofar], bool],
    authentication: str = "",
    delete: bool = False,
) -> Came:
    """Return what comes of a request, from any thread.

    Parameters
    ----------
    body : bytes or None
        Sent with POST; None for GET.
    enough : callable
        Asked ten times a second, in this thread; the request is broken off when it says so.
    authentication : str
        Id of a configuration in QGIS's authentication database; "" for none.
    delete : bool
        Send DELETE, without a body.

    Raises
    ------
    UnavailableError
        If the configuration cannot be used.
    """
    loop = QEventLoop()  # first: it gives a thread that Qt did not start its timers
    # In the main thread handlers of QGIS are called directly; from others as QgsBlockingNetworkRequest has it.
    manager = QgsNetworkAccessManager.instance(Qt.ConnectionType.DirectConnection)
    _prepare(request, manager)
    request = _signed(request, authentication)
    if delete:
        reply = manager.deleteResource(request)
    else:
        reply = manager.get(request) if body is None else manager.post(request, body)
    if authentication:
        QgsApplication.authManager().updateNetworkReply(reply, authentication)
    ticker = QTimer()
    ticker.timeout.connect(loop.quit)
    reply.metaDataChanged.connect(loop.quit)
    reply.finished.connect(loop.quit)
    ticker.start(_LOOK)
    broken, sofar = False, Sofar(None, 0)
    try:
        while not reply.isFinished() and not broken:
            loop.exec(events())
            sofar = _sofar(reply)
            broken = not reply.isFinished() and enough(sofar)
        return _came(reply, sofar.size, broken)
    finally:
        ticker.stop()
        if not reply.isFinished():
            reply.abort()
        reply.deleteLater()


def _prepare(request: QNetworkRequest, manager: QgsNetworkAccessManager) -> None:
    """Keep a request out of QGIS's cache, and let no redirect be followed but by us.

    For an answer of 500 or more Qt gives what is in the cache instead, as if it were new; what is confidential, or came
    with a key, may not stay on disk.
    """
    request.setAttribute(_ATTRIBUTE.CacheLoadControlAttribute, QNetworkRequest.CacheLoadControl.AlwaysNetwork)
    request.setAttribute(_ATTRIBUTE.CacheSaveControlAttribute, False)
    request.setAttribute(_ATTRIBUTE.RedirectPolicyAttribute, QNetworkRequest.RedirectPolicy.ManualRedirectPolicy)
    if manager.cache() is not None:
        manager.cache().remove(request.url())


def _signed(request: QNetworkRequest, authentication: str) -> QNetworkRequest:
    if not authentication:
        return request
    well, signed = QgsApplication.authManager().updateNetworkRequest(request, authentication)
    if not well:
        raise UnavailableError(
            "The authentication configuration {name} cannot be used for {server}.",
            hint="Choose another in the options of QGIS, under Authentication.",
            name=authentication,
            server=request.url().host(),
        )
    return signed


def _sofar(reply: QNetworkReply) -> Sofar:
    announced = reply.header(QNetworkRequest.KnownHeaders.ContentLengthHeader)
    return Sofar(_status(reply), max(reply.bytesAvailable(), int(announced or 0)))


def _status(reply: QNetworkReply) -> int | None:
    status = reply.attribute(_ATTRIBUTE.HttpStatusCodeAttribute)
    return None if status is None else int(status)


def _came(reply: QNetworkReply, size: int, broken: bool) -> Came:
    names = [bytes(name) for name in reply.rawHeaderList()]
    headers = {name.decode("latin-1").lower(): bytes(reply.rawHeader(name)).decode("latin-1") for name in names}
    fault = "" if reply.error() == QNetworkReply.NetworkError.NoError else reply.errorString()
    replaced = bool(reply.attribute(_ATTRIBUTE.SourceIsFromCacheAttribute))
    return Came(_status(reply), bytes(reply.readAll()), headers, size, fault, broken, replaced)
