"""Many files: restored, or solved as targets, in this process or on Ray; and a transform for Beam."""

from .engines import ENGINES, EngineError, Outcome, check_engine, run
from .layout import pictures_in, places
from .restoring import Restoration, restore_files
from .target_files import filled

__all__ = [
    "ENGINES",
    "EngineError",
    "Outcome",
    "Restoration",
    "check_engine",
    "filled",
    "pictures_in",
    "places",
    "restore_files",
    "run",
]
