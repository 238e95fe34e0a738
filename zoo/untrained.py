"""Models that are not trained: classical filters, and problems for pretrained regularisers."""

from .evolution_solver import DEBLURRING, INPAINTING, upscaling

_DENOISING = "Removes Gaussian noise of about 15/255, with sharp edges"
_CLOSING = "Closes gaps in flow-like structures, as the ridges of a fingerprint"
_FILLING = "Fills in what is missing between known pixels"

_NOISE = {"kind": "gaussian_noise", "sigma": 15}

# The best of a few on nine photographs of BSDS500 that are in no test.
_EED = {
    "contrast": 0.05,
    "sigma": 0.5,
    "diffusivity": "perona_malik_exponential",
    "time_step": 0.25,
    "steps": 6,
}
_CED = {"contrast": 0.02, "sigma": 0.5, "rho": 4.0, "steps": 10, "cycle": 3}

CLASSICAL = {
    "eed.default": (_EED, f"{_DENOISING}; diffuses along them", _NOISE),
    "eed.color": ({**_EED, "channels": 3}, f"{_DENOISING} that all colours share", _NOISE),
    "isotropic.default": (_EED, f"{_DENOISING}; does not diffuse at edges", _NOISE),
    "ced.default": (_CED, _CLOSING, None),
    "ced.color": ({**_CED, "channels": 3}, f"{_CLOSING}; all colours share them", None),
    "inpainting.eed": ({}, f"{_FILLING}; edges go on", None),
    "inpainting.homogeneous": ({"tensor": "homogeneous"}, f"{_FILLING}; linear, to compare", None),
}
"""For each name the arguments of `create`, the task in words, and the task as data unless the model
itself knows it; `imagepde publish NAME` writes the card."""

COMPOSED = {
    "reconstruction.deblur": (
        {"blur": 1.0, **DEBLURRING},
        "Undoes a Gaussian blur of 1 px where there is noise of about 5/255",
        None,
    ),
    "reconstruction.deblur_ced": (
        {"blur": 1.0, "regulariser": "blade_flux.ced_smooth"},
        "Undoes a Gaussian blur of 1 px where there is noise of about 5/255, along structures",
        None,
    ),
    "reconstruction.upscale2": (
        {"blur": 0.4, "factor": 2, **upscaling(2)},
        "Doubles height and width",
        None,
    ),
    "reconstruction.upscale4": (
        {"blur": 0.4, "factor": 4, **upscaling(4)},
        "Fourfold height and width",
        None,
    ),
    "reconstruction.inpaint": ({"mask": True, **INPAINTING}, _FILLING, None),
    "segmentation.blade": ({}, "Splits a picture into two regions of one grey value each", None),
    "segmentation.chan_vese": (
        {"regulariser": None},
        "Splits a picture into two regions of one grey value each; the reference scheme",
        None,
    ),
}
"""The same for models that are put together from pretrained ones, with whose weights they come."""

UNTRAINED = {**CLASSICAL, **COMPOSED}
"""All of them."""
