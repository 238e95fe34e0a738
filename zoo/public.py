"""What `imagepde.zoo` names in `__all__`, and with it Keras and its backend."""
# ruff: noqa: F401

from ..images import estimate_noise, inside_image, intersection_over_union, read_picture, write_picture
from .architectures.reconstruction import regularised
from .catalogue import card, list_models
from .certificates import Certificate, certificate
from .choice import choose_model
from .folding import folded
from .memory import available_memory, memory_needed
from .model_card import ModelCard
from .model_traits import traits
from .opening import open_model
from .reconstruction import deblur, inpaint, upscale
from .registry import create, find_architecture, list_architectures, load
from .resampling import warp
from .restoration import restore
from .segmentation import segment
from .solving import solve
from .zoo_model import ZooModel
