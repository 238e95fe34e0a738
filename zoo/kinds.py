"""What models are for, in one word each: the words that `list_models` filters by."""

from .model_card import ModelCard

KINDS = {
    "denoise": "removes Gaussian noise",
    "deblock": "removes the blocks and rings of JPEG",
    "deblur": "undoes a blur",
    "upscale": "enlarges an image",
    "inpaint": "fills in unknown pixels",
    "enhance": "closes gaps in flow-like structures",
    "segment": "splits an image into two regions",
    "resample": "moves an image by a displacement field",
    "surrogate": "solves an equation in a few large steps",
    "diffuse": "computes a diffusion",
    "invert": "undoes a diffusion",
}
"""Each word with its meaning."""

_OF_ARCHITECTURE = {
    "blade": "surrogate",
    "blade_flux": "surrogate",
    "blade_resample": "resample",
    "blade_stable": "surrogate",
    "ced": "enhance",
    "eed": "denoise",
    "inpainting": "inpaint",
    "isotropic": "denoise",
    "phase_field": "surrogate",
    "segmentation": "segment",
}


_OF_TASK = {
    "gaussian_noise": "denoise",
    "heat_flow": "invert",
    "jpeg": "deblock",
    "known_diffusion": "diffuse",
}


def kind_of(card: ModelCard) -> str:
    """The key of `KINDS` for a model, from the data in its card; "restore" for a task of your own."""
    if card.architecture in _OF_ARCHITECTURE:
        return _OF_ARCHITECTURE[card.architecture]
    config, made_for = card.config, card.made_for or {}
    if card.architecture == "reconstruction":
        if config["mask"]:
            return "inpaint"
        return "upscale" if config["factor"] > 1 else "deblur"
    if made_for.get("kind") == "perona_malik_diffusion":
        return "diffuse" if made_for.get("forward") else "invert"
    return _OF_TASK.get(made_for.get("kind", ""), "restore")
