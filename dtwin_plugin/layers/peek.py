"""A look at what an address gives, through QGIS's own network access manager: its proxy and TLS settings."""

from __future__ import annotations

import time
from typing import Callable

from qgis.core import QgsNetworkAccessManager
from qgis.PyQt.QtCore import QEventLoop, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from dtwin_plugin.errors import Cancelled, UnavailableError
from dtwin_plugin.sources.peek import FEW, silent
from dtwin_plugin.sources.transport import Response

_LOOK = 0.02  # s between looks at whether something came


class QgisPeeker:
    """A `Peeker` inside QGIS. Each call waits in the thread that makes it, which must not be that of the window."""

    def hop(
        self, url: str, *, timeout: float, limit: int = FEW, cancelled: Callable[[], bool] = lambda: False
    ) -> Response:
        """Return the first bytes of one answer; raises UnavailableError, Cancelled."""
        loop = QEventLoop()  # before the request: a thread without one gets no signals
        request = QNetworkRequest(QUrl(url))
        policy = QNetworkRequest.RedirectPolicy.ManualRedirectPolicy
        request.setAttribute(QNetworkRequest.Attribute.RedirectPolicyAttribute, policy)
        cache = QNetworkRequest.CacheLoadControl.AlwaysNetwork
        request.setAttribute(QNetworkRequest.Attribute.CacheLoadControlAttribute, cache)
        request.setRawHeader(b"Accept-Encoding", b"identity")
        request.setTransferTimeout(int(timeout * 1000))
        reply = QgsNetworkAccessManager.instance().get(request)
        reply.setReadBufferSize(limit)  # no more comes than is read
        try:
            body = _first(reply, loop, timeout, limit, cancelled)
            return _response(reply, body, url, timeout)
        finally:
            if not reply.isFinished():
                reply.abort()
            reply.deleteLater()
            loop.processEvents()


def _first(reply: QNetworkReply, loop: QEventLoop, timeout: float, limit: int, cancelled: Callable[[], bool]) -> bytes:
    body, end = b"", time.monotonic() + timeout
    while not reply.isFinished() and len(body) < limit and time.monotonic() < end:
        if cancelled():
            raise Cancelled
        loop.processEvents()
        body += bytes(reply.read(limit - len(body)) or b"")
        time.sleep(_LOOK)
    return body + bytes((reply.read(limit - len(body)) if reply.isOpen() else None) or b"")


def _response(reply: QNetworkReply, body: bytes, url: str, timeout: float) -> Response:
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    if status is None and (not reply.isFinished() or reply.error() in _TIMED_OUT):
        raise silent(url, timeout)
    if status is None:
        raise UnavailableError(
            "No answer came from {server}: {reason}.", server=QUrl(url).host(), reason=reply.errorString().rstrip(".")
        )
    names = [bytes(name) for name in reply.rawHeaderList()]
    headers = {name.decode("latin-1").lower(): bytes(reply.rawHeader(name)).decode("latin-1") for name in names}
    return Response(int(status), body, headers, url)


_TIMED_OUT = (QNetworkReply.NetworkError.TimeoutError, QNetworkReply.NetworkError.OperationCanceledError)
