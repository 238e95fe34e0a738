"""The architectures of the zoo: builders only, one family a file."""

from . import anisotropic as anisotropic  # registers its architectures, as the next ones
from . import diffnet as diffnet
from . import learned_diffusion as learned_diffusion
from . import perona_malik as perona_malik
from . import reaction_diffusion as reaction_diffusion
from . import reconstruction as reconstruction
from . import resampling as resampling
from . import segmentation as segmentation
from . import surrogates as surrogates
