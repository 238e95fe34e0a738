"""Models in forms that run without imagepde, and the proof that each agrees with its model."""

from .exporting import FORMATS, ExportError, export

__all__ = ["FORMATS", "ExportError", "export"]
