"""Measures a model on a set of pictures by the project's protocol."""

import numpy as np

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..images.preparation import prepare
from ..pde.backend import keras
from .metrics import psnr, ssim
from .no_reference import metric_q


def evaluate(
    model,
    source,
    degradation,
    progress=None,
    crop=None,
    scale=1.0,
    normalise=False,
    color=False,
):
    """Degrades every picture, restores it and compares with the original.

    Where the task is to degrade, the degraded picture takes the place of the original. The noise of a
    picture is seeded by its index in the source and is not clipped. PSNR, SSIM and Q (of the grey
    values, see `metric_q`) are the means over the pictures of each picture's value, on results clipped
    to [0, 1].

    Args:
        model: A model of the zoo.
        source: Pictures, from `open_source`.
        degradation: What is done to them, for instance `GaussianNoise(25)`.
        progress: Function around the iterable of pictures that shows progress.
        crop: Take only the centre `crop`×`crop` px of each picture.
        scale: Factor by which pictures are shrunk first, see `prepare`.
        normalise: Whether each is divided by its largest value.
        color: Whether a grey model restores colour pictures, one channel after the other; it is given
            grey ones otherwise.

    Returns:
        `(result, rows)`: the means as a dictionary for the model card, and one dictionary a picture.
    """
    # A wrapper of its own, since compiling changes a model; compiled programs take half the time.
    compiled = keras.Model(model.inputs, model.outputs)
    compiled.compile()
    rows = []
    for index, picture in enumerate((progress or iter)(source)):
        grey = model.output_shape[-1] == 1 and not color
        if not grey and picture.ndim == 2:
            raise InputError(f"Pictures must be in colour here. Received: a grey one, number {index}.")
        clean = to_unit_range(luma(picture) if grey else picture[..., :3])
        clean = prepare(clean, scale=scale)
        if crop is not None and min(clean.shape[:2]) < crop:
            raise InputError(
                f"Every picture must have at least {crop}×{crop} pixels for this crop. "
                f"Received: {clean.shape[0]}×{clean.shape[1]} for picture {index}."
            )
        clean = prepare(clean, crop, normalise=normalise)
        if min(clean.shape[:2]) < 11:
            raise InputError(
                "SSIM needs pictures of at least 11×11 pixels. "
                f"Received: {clean.shape[0]}×{clean.shape[1]} for picture {index}."
            )
        mask = degradation.mask(clean, index)
        given, clean = degradation.pair(clean, index)
        restored = degradation.solution(compiled, given, mask)
        noisy = degradation.shown(given)
        as_images = [np.reshape(x, (1, *clean.shape[:2], -1)) for x in (clean, noisy, restored)]
        rows.append(
            {
                "picture": index,
                "input_psnr": float(psnr(as_images[0], as_images[1])[0]),
                "psnr": float(psnr(as_images[0], as_images[2])[0]),
                "ssim": float(ssim(as_images[0], as_images[2])[0]),
                "input_q": _q(noisy),
                "q": _q(restored),
            }
        )
    means = {
        key: round(float(np.mean([row[key] for row in rows])), 4)
        for key in ("input_psnr", "psnr", "ssim", "input_q", "q")
    }
    shrunk = "" if scale == 1.0 else f", scale {scale:g}"
    colours = ", in colour" if color else ""
    result = {
        "data": source.name + colours + shrunk + (f", centre {crop}²" if crop else ""),
        "pictures": len(rows),
        "degradation": str(degradation),
        **means,
    }
    return result, rows


def _q(picture):
    return metric_q(np.clip(luma(picture), 0.0, 1.0))
