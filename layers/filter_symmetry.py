"""Banks of filters that turn with the image: the symmetries of the square, imposed on a bank."""

from ..pde.backend import ops


def _mirrored(bank):
    """A bank for the image upside down: y → −y takes the angle θ to −θ, bin k to n − 1 − k."""
    return ops.flip(bank, axis=(3, 4))


def transposed(bank):
    """A bank for the transposed image: x ↔ y takes the angle θ to π/2 − θ, bin k to n/2 − 1 − k mod n.

    Args:
        bank: Tensor `(intensities, coherences, strengths, orientations, rows, columns)`.
    """
    turned = ops.flip(ops.roll(bank, -(bank.shape[3] // 2), axis=3), axis=3)
    return ops.transpose(turned, (0, 1, 2, 3, 5, 4))


def symmetric_bank(bank):
    """The nearest bank for a rate ∂u/∂t that turns and mirrors with the image.

    It is the mean over the eight symmetries of the square, so 24 orientations of 5×5 filters have as
    many free numbers as three of them.

    Args:
        bank: Tensor `(intensities, coherences, strengths, orientations, side, side)`.

    Returns:
        Tensor of the same shape.
    """
    bank = 0.5 * (bank + ops.flip(bank, axis=(4, 5)))
    bank = 0.5 * (bank + _mirrored(bank))
    return 0.5 * (bank + transposed(bank))


def symmetric_flux_bank(bank):
    """The nearest bank for a flux along x that mirrors with the image: it is odd along x.

    Args and result as for `symmetric_bank`, columns of any number.
    """
    bank = 0.5 * (bank - ops.flip(bank, axis=(4, 5)))
    return 0.5 * (bank + _mirrored(bank))


def without_mean(bank):
    """The nearest bank of filters that sum to zero, and leave flat images as they are."""
    return bank - ops.mean(bank, axis=(-2, -1), keepdims=True)


COPIES = 8
"""The symmetries of the square."""


def copies_of_kernels(kernels):
    """Kernels with their copies: flipped left-right, then all up-down, then all transposed.

    Args:
        kernels: Tensor `(side, side, 1, count)`.

    Returns:
        Tensor `(side, side, 1, 8·count)`.
    """
    for flipped in (lambda k: ops.flip(k, axis=1), lambda k: ops.flip(k, axis=0)):
        kernels = ops.concatenate([kernels, flipped(kernels)], axis=-1)
    return ops.concatenate([kernels, ops.transpose(kernels, (1, 0, 2, 3))], axis=-1)


def copies_of_gains(gains):
    """The gains of these copies, each where an image that is flipped or transposed selects it.

    Orientations are centred: bin k of n is that of the angle kπ/n. A flip takes it to −k, the
    transposition to n/2 − k, modulo n.

    Args:
        gains: Tensor `(intensities, coherences, strengths, orientations, count)`.

    Returns:
        Tensor `(intensities, coherences, strengths, orientations, 8·count)`.
    """
    for _ in range(2):
        gains = ops.concatenate([gains, _reversed(gains, 0)], axis=-1)
    return ops.concatenate([gains, _reversed(gains, gains.shape[3] // 2)], axis=-1)


def _reversed(gains, start):
    """Bin k holds what bin start − k held, modulo the number of bins."""
    return ops.roll(ops.flip(gains, axis=3), start + 1, axis=3)
