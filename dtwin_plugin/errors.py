"""The whole error tree: what was wrong, what to do, and which OGC exception it is on a server.

A message is a template and its values apart, so that one error serves the message bar, `qgis_process` and an OGC
exception, in Dutch and in English.

>>> error = FormatError("{file} is empty.", hint="Download it again.", file="delft.json")
>>> str(error)
'delft.json is empty. Download it again.'
"""

from __future__ import annotations

from typing import Any, Callable

from .translate import Number


def translated(values: dict[str, Any], translate: Callable[[str], str]) -> dict[str, Any]:
    """Return the values of a message, those that `translate` knows in its language, and numbers as it writes them.

    >>> translated({"field": "Rain", "found": -1}, {"Rain": "Neerslag"}.get)
    {'field': 'Neerslag', 'found': -1}
    """
    return {name: _shown(value, translate) for name, value in values.items()}


def _shown(value: Any, translate: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return translate(value) or value
    return Number(value) if isinstance(value, float) else value


class DtwinError(Exception):
    """An error that the user can understand and act on.

    Parameters
    ----------
    message : str
        One sentence with `{names}` for the values: which file or field, what was expected, what was found.
    hint : str
        What to do about it, one sentence.
    **values
        The values named in the message and the hint.
    """

    ogc_exception_code = "NoApplicableCode"
    http_status_code = 500

    def __init__(self, message: str, hint: str = "", **values: Any) -> None:
        super().__init__(message)
        self.message, self.hint, self.values = message, hint, values

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence and the hint, in the language of `translate`; values that are texts too."""
        text = " ".join(translate(part) for part in (self.message, self.hint) if part)
        return text.format(**translated(self.values, translate)) if self.values else text

    def __str__(self) -> str:
        return self.text()


class InputError(DtwinError):
    """What the user gave cannot be used."""

    ogc_exception_code = "InvalidParameterValue"
    http_status_code = 400


class CrsError(InputError):
    """A coordinate reference system is missing, unknown, or cannot be transformed correctly."""


class SourceError(DtwinError):
    """A file or a service cannot be read."""


def file_error(error: OSError) -> SourceError:
    """Return what the system says of a file (no right to it, a full disk) as one sentence.

    >>> str(file_error(OSError(28, "No space left on device", "/data/delft.gpkg"))).partition(". ")[0]
    '/data/delft.gpkg cannot be read or written: No space left on device'
    """
    if not error.filename:
        return SourceError(
            "A file cannot be read or written: {reason}.",
            hint="Check the folder and the space on the disk.",
            reason=error.strerror or error,
        )
    return SourceError(
        "{file} cannot be read or written: {reason}.",
        hint="Check the folder and the space on the disk.",
        file=error.filename,
        reason=error.strerror or error,
    )


class FormatError(SourceError):
    """A file or an answer is not what its format says it should be."""

    ogc_exception_code = "InvalidParameterValue"
    http_status_code = 422


class UnavailableError(SourceError):
    """A service did not answer, or answered that it cannot help now."""

    http_status_code = 502


class OfflineError(UnavailableError):
    """What is asked was not kept and the user works offline: asking again does not help."""


class ModelError(DtwinError):
    """A model could not finish its calculation."""


class MissingDependencyError(DtwinError):
    """An optional package is not installed."""

    http_status_code = 501

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(
            "The Python package {package} is not installed; it is needed to {purpose}.",
            hint="Install it in QGIS's own Python: python3 -m pip install {package}.",
            package=package,
            purpose=purpose,
        )


def package_error(error: ModuleNotFoundError) -> MissingDependencyError:
    """Return that a package is not installed, where what imports it does not say what for.

    >>> str(package_error(ModuleNotFoundError(name="shapely.geometry"))).partition(";")[0]
    'The Python package shapely is not installed'
    """
    return MissingDependencyError(package=(error.name or "?").partition(".")[0], purpose="run this algorithm")


class Cancelled(DtwinError):  # noqa: N818  (an end that the user asked for, not a fault)
    """The user stopped the work."""

    def __init__(self) -> None:
        super().__init__("Stopped by the user; nothing was written.")
