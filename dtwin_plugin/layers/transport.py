"""Requests through QGIS's own network access manager: its proxy, authentication and TLS settings."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from qgis.core import QgsBlockingNetworkRequest
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from dtwin_plugin.errors import UnavailableError
from dtwin_plugin.sources.transport import Response

_MAXIMUM = 512 << 20  # bytes in one answer


class QgisTransport:
    """A `Transport` for use inside QGIS, from any thread.

    Parameters
    ----------
    authentication : str
        Id of a configuration in QGIS's authentication database; empty for none.
    """

    def __init__(self, authentication: str = "") -> None:
        self._authentication = authentication

    def get(self, url: str, params: Mapping[str, str] | None = None, *, timeout: float = 60.0) -> Response:
        """Return the answer of a GET request, whatever its status; raises UnavailableError without one."""
        full = url + ("&" if "?" in url else "?") + urlencode(params) if params else url
        request = QNetworkRequest(QUrl(full))
        request.setTransferTimeout(int(timeout * 1000))
        redirects = QNetworkRequest.RedirectPolicy.NoLessSafeRedirectPolicy
        request.setAttribute(QNetworkRequest.Attribute.RedirectPolicyAttribute, redirects)
        blocking = QgsBlockingNetworkRequest()
        if self._authentication:
            blocking.setAuthCfg(self._authentication)
        blocking.get(request, True)
        reply = blocking.reply()
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        body = bytes(reply.content())
        headers = {
            bytes(n).decode("latin-1").lower(): bytes(reply.rawHeader(n)).decode("latin-1")
            for n in reply.rawHeaderList()
        }
        cut = reply.error() != QNetworkReply.NetworkError.NoError and (status is None or int(status) < 400)
        if cut or status is None or _short(body, headers):
            raise UnavailableError(
                "{host} gave no whole answer: {reason}.",
                hint="Check the connection, or try again later.",
                host=QUrl(full).host(),
                reason=reply.errorString() or "the answer was cut off",
            )
        if len(body) > _MAXIMUM:
            raise UnavailableError("{host} sent more than {limit} bytes.", host=QUrl(full).host(), limit=_MAXIMUM)
        return Response(int(status), body, headers, full)


def _short(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether fewer bytes came than were announced; a compressed answer counts its packed bytes."""
    announced = headers.get("content-length", "")
    return announced.isdigit() and "content-encoding" not in headers and len(body) < int(announced)
