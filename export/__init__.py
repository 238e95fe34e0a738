"""Models in forms that run without imagepde, and the proof that each agrees with its model."""

from .agreement import Comparison, ExportError, Report
from .description import metadata
from .precision import PRECISIONS
from .proof import described_model, verify
from .writing import FORMS, export

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
