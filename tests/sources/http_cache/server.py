"""A server and a clock that a test winds."""

from dtwin_plugin.sources.transport import Response

URL = "https://a.nl/tile"
NOW = 1_700_000_000.0


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Server:
    """A transport that plays a server: `reply(url, headers)` gives the answer, an exception is raised."""

    def __init__(self, reply):
        self.reply, self.asked = reply, []

    def get(self, url, params=None, *, timeout=60.0, headers=None):
        self.asked.append((url, dict(headers or {})))
        answer = self.reply(url, {name.lower(): value for name, value in (headers or {}).items()})
        if isinstance(answer, BaseException):
            raise answer
        return answer


def ok(body=b"abc", status=200, **headers):
    return Response(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
