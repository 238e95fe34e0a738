"""Data sets for TFDS: one folder each, with builder, checksums, citation and description.

To import this package makes them known to `tfds.builder`; it needs `tensorflow_datasets`.
"""

from .bsd68 import bsd68_dataset_builder as bsd68_dataset_builder
from .bsds500 import bsds500_dataset_builder as bsds500_dataset_builder
from .image_pairs import image_pairs_dataset_builder as image_pairs_dataset_builder
from .kodak import kodak_dataset_builder as kodak_dataset_builder
from .set12 import set12_dataset_builder as set12_dataset_builder
