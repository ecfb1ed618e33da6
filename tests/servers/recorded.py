"""A transport that answers from memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

from dtwin_plugin.errors import UnavailableError
from dtwin_plugin.sources.transport import Response, full_url

Answer = Union[bytes, Response, UnavailableError]


class RecordedTransport:
    """Answers from memory.

    Parameters
    ----------
    answers : mapping of str to bytes, Response or UnavailableError
        By whole address (`full_url`); a list of answers is given one by one, its last again and again.

    >>> transport = RecordedTransport({"https://a.nl/items?limit=1": b"{}"})
    >>> transport.get("https://a.nl/items", {"limit": "1"}).body, transport.asked
    (b'{}', ['https://a.nl/items?limit=1'])
    """

    def __init__(self, answers: Mapping[str, Answer | list[Answer]]) -> None:
        self._answers = {url: list(given) if isinstance(given, list) else [given] for url, given in answers.items()}
        self.asked: list[str] = []

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the recorded answer, whatever the headers; an address that was not recorded is UnavailableError."""
        whole = full_url(url, params)
        self.asked.append(whole)
        if whole not in self._answers:
            raise UnavailableError("No answer was recorded for {url}.", url=whole)
        answers = self._answers[whole]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, UnavailableError):
            raise answer
        return answer if isinstance(answer, Response) else Response(200, answer, url=whole)
