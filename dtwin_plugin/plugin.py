"""What QGIS starts and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsApplication, QgsProcessingProvider, QgsProject

from .translate import set_language

if TYPE_CHECKING:
    from .gui.menu import Menu


class DtwinPlugin:
    """The plugin: its provider everywhere, its menu where there is a window.

    Parameters
    ----------
    iface : QgisInterface or None
        None in `qgis_process`.
    provider : type of QgsProcessingProvider
        Handed in, so that this package does not import the algorithms.
    """

    def __init__(self, iface: Any, provider: type[QgsProcessingProvider]) -> None:
        self._iface, self._provider_class = iface, provider
        self._undo: list[Any] = []
        set_language(QgsApplication.locale())

    def initProcessing(self) -> None:
        """Add the provider; all that `qgis_process` asks for."""
        from .layers.settings import use_catalogue

        provider = self._provider_class()
        registry = QgsApplication.processingRegistry()
        if registry.addProvider(provider):
            self._undo.append(lambda: registry.removeProvider(provider))
        _use_profile_grids()
        use_catalogue()

    def initGui(self) -> None:
        """Add provider, menu, the place search of the locator bar, and what keeps 3D views alive."""
        from .gui.menu import Menu

        self.initProcessing()
        self._keep_live()  # before the threads end: it hears of quitting first, and breaks its questions off
        if hasattr(self._iface, "mapCanvases3D"):
            self._guard_views()
            self._end_threads()
        self._note_access()
        menu = Menu(self._iface)
        self._undo.append(menu.remove)
        if hasattr(self._iface, "mapCanvases3D"):
            self._keep_panel(menu)
        if hasattr(self._iface, "registerLocatorFilter"):
            self._add_place_search()

    def _guard_views(self) -> None:
        from .gui.guard3d import Guard

        self._undo.append(Guard(self._iface).remove)

    def _note_access(self) -> None:
        from .layers.access import note_layers

        signal = QgsProject.instance().layersAdded
        signal.connect(note_layers)
        self._undo.append(lambda: signal.disconnect(note_layers))

    def _keep_live(self) -> None:
        from .gui.live_start import LiveStart

        self._undo.append(LiveStart().remove)

    def _end_threads(self) -> None:
        from .gui.quitting import Quitting

        self._undo.insert(0, Quitting().remove)  # undone last: first all else lets its threads go

    def _keep_panel(self, menu: Menu) -> None:
        from .gui.kept3d import Kept3D

        self._undo.append(Kept3D(menu.panels["view3d"]).remove)

    def _add_place_search(self) -> None:
        from .gui.locator import LocatorFilter

        places = LocatorFilter(self._iface.mapCanvas(), self._iface.statusBarIface().showMessage)
        self._iface.registerLocatorFilter(places)
        self._undo.append(lambda: self._iface.deregisterLocatorFilter(places))

    def unload(self) -> None:
        """Undo all of it, last first."""
        while self._undo:
            self._undo.pop()()


def _use_profile_grids() -> None:
    """Let transformations use grids that lie in `proj/` of the user's profile, where QGIS itself looks too."""
    from pathlib import Path

    folder = Path(QgsApplication.qgisSettingsDirPath()) / "proj"
    if folder.is_dir():
        from .sources.crs import use_grids

        use_grids(folder)
