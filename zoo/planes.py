"""One plane of a picture through a model: whole, in windows, or step by step."""

import numpy as np

from ..images.arrays import from_unit_range, to_unit_range
from ..images.tiling import WINDOW, Window, windows_of
from ..pde.backend import ops
from ..pde.resizing import resize, resizing_matrix
from .finite import check_finite
from .method import Method


def magnified(alpha, factor):
    """Alpha, interpolated."""
    if factor == 1:
        return alpha
    unit = ops.convert_to_tensor(to_unit_range(alpha)[None])
    matrices = (resizing_matrix(n, round(n * factor), "bicubic") for n in alpha.shape[:2])
    finer = ops.convert_to_numpy(resize(unit, *matrices))[0]
    return from_unit_range(np.clip(finer, 0.0, 1.0), alpha.dtype)


def windows_for(method: Method, sides: tuple[int, int], masked: bool) -> list[Window]:
    """The windows of a plane; a model that magnifies or takes a mask is given the whole.

    Args:
        method: The `Method`.
        sides: Height and width of the plane.
        masked: Whether there is a mask.
    """
    needs = method.traits
    halo = None if needs.magnification > 1 or masked else needs.reach
    # An image that would be extended by more than a row is not continued by its own mirror image.
    extended_to = needs.extended_to if needs.extended_to == 2 else 1
    fits = extended_to == needs.extended_to
    aligned = all(-(-side // extended_to) * extended_to % needs.alignment == 0 for side in sides)
    mirrors = needs.mirrors and fits and aligned
    return windows_of(*sides, halo, needs.alignment, mirrors, extended_to=extended_to)


def given_whole(method: Method, sides: tuple[int, int], masked: bool) -> bool:
    """Whether a plane of such sides is one window."""
    windows = windows_for(method, sides, masked)
    return len(windows) == 1 and windows[0].side == tuple(sides)


def applied(method: Method, images: np.ndarray) -> np.ndarray:
    """What a model makes of images `(batch, height, width, channels)`, large ones in windows."""
    images = np.asarray(images, np.float32)
    windows = windows_for(method, images.shape[1:3], False)
    if len(windows) == 1 and windows[0].side == images.shape[1:3]:
        return check_finite(method.name, np.asarray(method.apply(images)))
    apply, results = method.local(lambda: images), []
    for image in images:
        result = np.empty((*image.shape[:2], method.outputs or image.shape[-1]), np.float32)
        for window in windows:
            window.write(result, np.asarray(apply(window.read(image)[None]))[0])
        results.append(check_finite(method.name, result))
    return np.stack(results)


def _nobody(share: float) -> None:
    """Who is told how much was done, if nobody wants to know."""


def compute(method, piece, target, known, scale, factor, advance=_nobody):
    """One plane `(height, width, colours)` in windows; for a grey model colours become a batch.

    Args:
        method: The `Method`.
        piece: The plane, of any type.
        target: Where the result goes, `factor` times as high and wide.
        known: Array of bool `(height, width)`, where the plane is known, or `None`.
        scale: The `Scale` of the picture.
        factor: How much larger the result is.
        advance: Called with the share of the plane that was done since.
    """
    windows = windows_for(method, piece.shape[:2], known is not None)
    whole = len(windows) == 1 and windows[0].side == piece.shape[:2]
    if whole and known is not None and _compute_in_steps(method, piece, target, known, scale, advance):
        return
    if whole and method.channels == 1 and piece.shape[-1] > 1 and _is_large(piece):
        for k in range(piece.shape[-1]):  # Each takes as much memory as all others.
            one = slice(k, k + 1)
            compute(method, piece[..., one], target[..., one], known, scale, factor)
            advance(1 / piece.shape[-1])
        return
    apply = method.apply if whole else method.local(lambda: _images(method, piece, known, scale))
    for window in windows:
        images = _images(method, piece if whole else window.read(piece), known, scale)
        found = check_finite(method.name, apply(images))
        found = found[..., 0].transpose(1, 2, 0) if method.channels == 1 else found[0]
        values = scale.from_unit(found, target.dtype)
        if whole:
            target[...] = (
                values if known is None or factor > 1 else np.where(known[..., None], piece, values)
            )
        else:
            window.write(target, values)
        advance(1 / len(windows))


_ROWS = 256
"""So many rows of a large image are brought to another type at once."""


def _compute_in_steps(method, piece, target, known, scale, advance):
    """One large plane, step by step, for a grey model colour by colour; whether it can be."""
    height, width, colors = piece.shape
    if not _is_large(piece):
        return False
    program = method.in_steps()
    windows = None if program is None else program.windows(height, width)
    if program is None or windows is None:
        return False
    parts = [slice(k, k + 1) for k in range(colors)] if method.channels == 1 else [slice(colors)]
    for part in parts:
        plane, result = piece[..., part], target[..., part]

        def images_of(window, plane=plane):
            inside = window.read(known[..., None])[..., 0]
            return _images(method, window.read(plane), inside, scale)

        def advanced(share):
            advance(share / len(parts))

        mean = [_mean(plane[..., k], known, scale) for k in range(plane.shape[-1])]
        found = check_finite(method.name, program(windows, images_of, mean, plane.shape, advanced))
        for top in range(0, height, _ROWS):
            rows = slice(top, top + _ROWS)
            values = scale.from_unit(found[rows], target.dtype)
            result[rows] = np.where(known[rows, :, None], plane[rows], values)
    return True


def _is_large(piece):
    return piece.shape[0] * piece.shape[1] > WINDOW**2


def _mean(plane, known, scale):
    """The mean of the known pixels in [0, 1], some rows at a time."""
    total = 0.0
    for top in range(0, len(plane), _ROWS):
        rows = slice(top, top + _ROWS)
        total += scale.to_unit(plane[rows][known[rows]]).sum(dtype=np.float64)
    return total / max(np.count_nonzero(known), 1)


def _images(method, piece, known, scale):
    """Pixels as a model takes them: a batch, in [0, 1], with the mask as the last channel."""
    images = scale.to_unit(piece)
    images = images.transpose(2, 0, 1)[..., None] if method.channels == 1 else images[None]
    if known is None:
        return images
    mask = np.broadcast_to(known[None, ..., None], (*images.shape[:3], 1)).astype(np.float32)
    return np.concatenate([np.where(mask > 0, images, 0), mask], axis=-1)
