"""Models in forms that run without imagepde, and the proof that each agrees with its model."""

from .exporting import FORMS, export
from .metadata import metadata
from .precision import PRECISIONS
from .verification import Comparison, ExportError, Report
from .verifying import described_model, verify

__all__ = [
    "FORMS",
    "PRECISIONS",
    "Comparison",
    "ExportError",
    "Report",
    "described_model",
    "export",
    "metadata",
    "verify",
]
