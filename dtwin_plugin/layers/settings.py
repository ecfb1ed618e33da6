"""What a user can set, in the profile of QGIS: each setting with its default and limits, read through one function."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsSettings

from dtwin_plugin.catalogue import use_own_list
from dtwin_plugin.translate import mark

_SCOPE = "dtwin"


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes
    ----------
    name : str
        Its key in the settings of QGIS, below "dtwin".
    default : bool, int or str
        The value as long as nothing else is kept, or what is kept is of no use.
    title, doc : str
        As people read it, and what choosing more of it costs.
    low, high : int
        Limits that a number may touch.
    unit : str
        Of a number.
    """

    name: str
    default: bool | int | str
    title: str
    doc: str
    low: int = 0
    high: int = 0
    unit: str = ""

    @property
    def value(self) -> Any:
        """What is kept, of the type of the default."""
        try:
            found = QgsSettings().value(f"{_SCOPE}/{self.name}", self.default, type(self.default))
        except TypeError:  # a profile is a file that anybody may have written
            return self.default
        is_number = isinstance(self.default, int) and not isinstance(self.default, bool)
        return found if not is_number or self.low <= found <= self.high else self.default

    def keep(self, value: bool | int | str) -> None:
        """Keep a value; the default is not kept, so that a later version may have a better one."""
        if value == self.default:
            QgsSettings().remove(f"{_SCOPE}/{self.name}")
        else:
            QgsSettings().setValue(f"{_SCOPE}/{self.name}", value)


CATALOGUE = Setting(
    "catalogue", "", mark("Own list of sources"),
    mark("A JSON file with the sources of your organisation; empty: catalogue.json in the profile of QGIS."),
)  # fmt: skip
CACHE_FOLDER = Setting(
    "cache_folder", "", mark("Folder of the cache"),
    mark("Where answers of services are kept; empty: in the profile of QGIS. What was kept elsewhere stays there."),
)  # fmt: skip
CACHE_LIMIT = Setting(
    "cache_limit_mb", 2048, mark("Largest size of the cache"),
    mark("What was used longest ago is removed when there is more."), 10, 1_000_000, "MB",
)  # fmt: skip
KEY_ZONING = Setting(
    "key_zoning", "", mark("Key for zoning plans"),
    mark("A configuration of QGIS's authentication, of the kind API header, with the key of Ruimtelijke Plannen."),
)  # fmt: skip
KEY_ENVIRONMENT = Setting(
    "key_environment", "", mark("Key for environment plans"),
    mark("A configuration of QGIS's authentication, of the kind API header, with the key of Omgevingsdocumenten."),
)  # fmt: skip
KEYS = (KEY_ZONING, KEY_ENVIRONMENT)
ACCESS_LOG = Setting(
    "access_log", False, mark("Access log for internal layers"),
    mark("The use of personal and confidential layers is always noted; with this that of internal ones too."),
)  # fmt: skip
ACCESS_LOG_FILE = Setting(
    "access_log_file", "", mark("File of the access log"),
    mark("Who used which restricted layer, when and for what; empty: access.jsonl in the profile of QGIS."),
)  # fmt: skip
THREADS = Setting(
    "threads", 0, mark("Threads"),
    mark("Processors that a calculation may use; 0 = all. Filled in when a model is opened."), 0, 256,
)  # fmt: skip
SCHEDULER = Setting(
    "scheduler", "", mark("Scheduler of the Dask cluster"),
    mark("Such as tcp://host:8786, where your organisation has a cluster. Filled in when a model is opened."),
)  # fmt: skip
SCENE_WIDTH = Setting(
    "scene_width_m", 2000, mark("Widest 3D scene"),
    mark("The part of the map in a 3D view is at most so wide: loading goes with its square."), 100, 20_000, "m",
)  # fmt: skip
SHADOWS = Setting("shadows", False, mark("Shadows"), mark("Makes moving about slower."))
AMBIENT_OCCLUSION = Setting(
    "ambient_occlusion", False, mark("Ambient occlusion"), mark("Corners are darker. Makes moving about slower.")
)
EDGES = Setting(
    "edges", False, mark("Edges"),
    mark("Dark lines where the depth jumps (eye dome lighting): shapes stand out better."),
)  # fmt: skip


def use_catalogue() -> None:
    """Let the organisation's own list of sources stand where it is set, or in the user's profile."""
    use_own_list(CATALOGUE.value or Path(QgsApplication.qgisSettingsDirPath()) / "dtwin" / "catalogue.json")


def cache_limit() -> int:
    """Return how many MB the cache may hold."""
    return int(CACHE_LIMIT.value)


def scene_width() -> float:
    """Return how wide and high the part of the map in a 3D scene may be [m]."""
    return float(SCENE_WIDTH.value)


def shadows() -> bool:
    """Return whether a 3D view that is opened has shadows."""
    return bool(SHADOWS.value)


def ambient_occlusion() -> bool:
    """Return whether a 3D view that is opened has darker corners."""
    return bool(AMBIENT_OCCLUSION.value)


def edges() -> bool:
    """Return whether a 3D view that is opened has eye dome lighting, which draws the edges of shapes."""
    return bool(EDGES.value)
