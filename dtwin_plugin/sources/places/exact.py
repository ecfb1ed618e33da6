"""Whether an address is the one that somebody typed, to its last letter: "Dorpsstraat 5" is not "Dorpsstraat 15"."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\d+|[^\W\d_]+")  # "5a" and "5-A" are the same number, "1111AA" is the same code as "1111 AA"
_NUMBER = re.compile(r"\d+\D*(?:[-\s]\d+)*\s*$")
_CODE = 2  # words of a postcode


def is_exact(typed: str, name: str) -> bool:
    """Tell whether an address is what was typed: street, number, letter and addition, and nothing that contradicts it.

    Parameters
    ----------
    typed : str
        Street and number, or postcode and number; a place and a postcode may go with it, in any order.
    name : str
        As the place search calls an address ("Dorpsstraat 5A, 1111AA Oost").

    Examples
    --------
    >>> is_exact("dorpsstraat 5", "Dorpsstraat 5, 1111AA Oost"), is_exact("5, 1111 aa", "Dorpsstraat 5, 1111AA Oost")
    (True, True)
    >>> is_exact("Dorpsstraat 5", "Dorpsstraat 5A, 1111AA Oost"), is_exact("Dorpsstraat 5 West", "Dorpsstraat 5, Oost")
    (False, False)
    """
    head, comma, tail = name.partition(",")
    if not comma or not any(c.isdigit() for c in head):  # a street or a place, and no address
        return False
    wanted, whole, where = _words(typed), _words(head), _words(tail)
    rest = _without(wanted, whole)
    if rest is not None:
        return _within(rest, where)
    number = _NUMBER.search(head)
    rest = _without(wanted, where[:_CODE]) if where[:1] and where[0].isdigit() else None
    return rest is not None and number is not None and rest == _words(number.group())


def _words(text: str) -> list[str]:
    """Return the words and numbers of a text in small letters without accents."""
    bare = (c for c in unicodedata.normalize("NFKD", text[:200].casefold()) if not unicodedata.combining(c))
    return _WORD.findall("".join(bare))


def _without(words: list[str], part: list[str]) -> list[str] | None:
    """Return words without those of a part that stands among them as a whole, None where it does not."""
    for start in range(len(words) - len(part) + 1):
        if words[start : start + len(part)] == part:
            return words[:start] + words[start + len(part) :]
    return None


def _within(words: list[str], among: list[str]) -> bool:
    """Tell whether words stand among others, each as often."""
    return all(words.count(word) <= among.count(word) for word in words)
