"""Requests through QGIS's own network access manager: its proxy, authentication and TLS settings."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Callable
from urllib.parse import urlsplit

from qgis.core import QgsBlockingNetworkRequest, QgsFeedback, QgsNetworkAccessManager, QgsNetworkReplyContent
from qgis.PyQt.QtCore import QEventLoop, Qt, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from dtwin_plugin.errors import Cancelled, FormatError, UnavailableError
from dtwin_plugin.sources.requests_transport import safe_target
from dtwin_plugin.sources.transport import Response, full_url

_MAXIMUM = 512 << 20  # bytes in one answer
_REDIRECTS = 5
_GZIP = b"\x1f\x8b"
_LOOK = 0.2  # s between looks at whether the user wants to stop


class QgisTransport:
    """A `Transport` for use inside QGIS, from any thread.

    Parameters
    ----------
    authentication : str
        Id of a configuration in QGIS's authentication database; empty for none. QGIS gives it to every server that a
        redirect leads to.
    maximum : int
        Bytes in one answer; a longer one is broken off while it comes.
    """

    def __init__(self, authentication: str = "", maximum: int = _MAXIMUM) -> None:
        self._authentication, self._maximum = authentication, maximum

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer of a GET request, whatever its status; raises UnavailableError without one."""
        return self.get_unless(lambda: False, url, params, timeout=timeout, headers=headers)

    def get_unless(
        self,
        cancelled: Callable[[], bool],
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer, and break off when `cancelled` says so; raises Cancelled, UnavailableError."""
        return self._answer(full_url(url, params), dict(headers or {}), cancelled, timeout, None)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        timeout: float = 60.0,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Response:
        """Return the answer to a question that is sent; raises as `get_unless`."""
        return self._answer(url, {"Content-Type": content_type}, cancelled, timeout, body)

    def _answer(
        self, asked: str, given: dict[str, str], cancelled: Callable[[], bool], timeout: float, body: bytes | None
    ) -> Response:
        end = time.monotonic() + timeout
        for _ in range(_REDIRECTS + 1):
            reply = self._reply(asked, given, cancelled, end, timeout, body)
            landed = reply.request().url()
            if landed.isEmpty() or not landed.isRelative():
                response = _response(reply, _where(asked, landed))
                # QGIS does not pass Accept-Encoding on to where a redirect leads: Qt has unpacked the answer then.
                done = response.url != asked and not response.body.startswith(_GZIP)
                return _of_size(response, self._maximum) if done else _unpacked(response, self._maximum)
            # QGIS follows a redirect by itself, and fails where its address is relative (RFC 9110, 10.2.2).
            target = safe_target(asked, landed.toString())
            if urlsplit(target).netloc != urlsplit(asked).netloc:
                given = {name: value for name, value in given.items() if name.lower() == "range"}
            asked = target
        raise UnavailableError(
            "{server} redirects more than {count} times.",
            hint="Check the address and the network, and try again later.",
            server=QUrl(asked).host(),
            count=_REDIRECTS,
        )

    def _reply(
        self,
        url: str,
        headers: Mapping[str, str],
        cancelled: Callable[[], bool],
        end: float,
        timeout: float,
        body: bytes | None,
    ) -> QgsNetworkReplyContent:
        """Return what came until `end`; raises Cancelled, UnavailableError after it, FormatError of too much."""
        request = QNetworkRequest(QUrl(url))
        request.setTransferTimeout(max(1, int((end - time.monotonic()) * 1000)))
        request.setRawHeader(b"Accept-Encoding", b"gzip")  # Qt would unpack it itself, and without a limit
        for name, value in headers.items():
            request.setRawHeader(name.encode("latin-1"), value.encode("latin-1"))
        QEventLoop()  # gives a thread that Qt did not start its timers, for the time-outs of Qt
        blocking = QgsBlockingNetworkRequest()
        if self._authentication:
            blocking.setAuthCfg(self._authentication)
        feedback, size = QgsFeedback(), [0]

        def count(bytes_now: int, announced: int) -> None:
            size[0] = max(bytes_now, announced)
            if size[0] > self._maximum:
                feedback.cancel()

        # QGIS asks in a thread of its own when this is the main one, which would hear of its progress afterwards.
        blocking.downloadProgress.connect(count, Qt.ConnectionType.DirectConnection)
        with _watching(lambda: cancelled() or time.monotonic() > end, feedback), _unkept(url) as came:
            if body is None:
                blocking.get(request, True, feedback)
            else:
                blocking.post(request, body, True, feedback)
            came.append(blocking.reply().request().url())
        host = QUrl(url).host()
        if size[0] > self._maximum:
            raise FormatError("{host} sent more than {limit} bytes.", host=host, limit=self._maximum)
        if feedback.isCanceled() and time.monotonic() > end and not cancelled():
            raise UnavailableError(
                "{server} did not answer within {timeout:g} s.",
                hint="Check the connection, or try again later.",
                server=host,
                timeout=timeout,
            )
        if feedback.isCanceled():
            raise Cancelled
        return blocking.reply()


def _where(asked: str, landed: QUrl) -> str:
    """Return where an answer comes from; raises UnavailableError where a redirect left a safe connection."""
    return asked if landed == QUrl(asked) else safe_target(asked, bytes(landed.toEncoded()).decode("ascii"))


@contextmanager
def _watching(cancelled: Callable[[], bool], feedback: QgsFeedback) -> Iterator[None]:
    """Pass a wish to stop on to QGIS while this thread waits for the answer."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK):
            if cancelled():
                feedback.cancel()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _unkept(url: str) -> Iterator[list[QUrl]]:
    """Keep what is asked out of QGIS's own cache, where all of it goes otherwise; addresses may be added.

    For an answer of 500 or more Qt gives what is there instead: as if it were new, or with the answer behind it. And
    what is confidential, or came with a key, may not stay on disk.
    """
    cache = QgsNetworkAccessManager.instance().cache()
    found = [QUrl(url)]
    if cache is not None:
        cache.remove(found[0])
    try:
        yield found
    finally:
        for address in found if cache is not None else []:
            cache.remove(address)


def _response(reply: QgsNetworkReplyContent, url: str) -> Response:
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    body = bytes(reply.content())
    names = [bytes(name) for name in reply.rawHeaderList()]
    headers = {name.decode("latin-1").lower(): bytes(reply.rawHeader(name)).decode("latin-1") for name in names}
    # Though it was forgotten, QGIS may have asked and kept it meanwhile.
    replaced = bool(reply.attribute(QNetworkRequest.Attribute.SourceIsFromCacheAttribute))
    failed = replaced or reply.error() != QNetworkReply.NetworkError.NoError and (status is None or int(status) < 400)
    if not replaced and status is not None and int(status) == 200 and reply.request().hasRawHeader(b"Range"):
        return Response(200, body, headers, url)  # QGIS breaks off where all comes instead of a part: who asked tells
    if failed or status is None or _short(body, headers):
        raise UnavailableError(
            "{host} gave no whole answer: {reason}.",
            hint="Check the connection, or try again later.",
            host=QUrl(url).host(),
            reason=reply.errorString() or "the answer was cut off",
        )
    return Response(int(status), body, headers, url)


def _of_size(response: Response, maximum: int) -> Response:
    """Return an answer; raises FormatError where it is too much."""
    if len(response.body) > maximum:
        raise FormatError("{host} sent more than {limit} bytes.", host=QUrl(response.url).host(), limit=maximum)
    return response


def _unpacked(response: Response, maximum: int) -> Response:
    """Return an answer whose body is no longer packed; raises FormatError where it is too much or damaged."""
    if response.headers.get("content-encoding", "").lower() not in ("gzip", "x-gzip"):
        return response
    host = QUrl(response.url).host()
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(response.body, maximum + 1)
    except zlib.error as error:
        raise FormatError("The answer of {host} is damaged.", hint="Try again later.", host=host) from error
    found = _of_size(replace(response, body=body), maximum)
    if not unpacker.eof:
        raise FormatError("The answer of {host} is damaged.", hint="Try again later.", host=host)
    return found


def _short(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether fewer bytes came than were announced; a compressed answer counts its packed bytes."""
    announced = headers.get("content-length", "")
    return announced.isdigit() and "content-encoding" not in headers and len(body) < int(announced)
