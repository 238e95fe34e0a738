"""A bank of filters, gains that an index names, and the adjoint of the bank: Kᵀ C K u."""

from .backend import Tensor, correlate, ops, own_gradient
from .boundary import fold, mirror


def gained_filtering(images: Tensor, bank: Tensor, gains: Tensor, index: Tensor) -> Tensor:
    """Kᵀ C_s K u, with a diagonal C_s of gains that are looked up pixel by pixel.

    K correlates the mirrored image with every kernel of the bank, and Kᵀ is its exact adjoint. For
    gains in [0, 1] and ‖K‖² ≤ 2 no image has a larger norm after u − Kᵀ C_s K u:

        ‖u − KᵀCKu‖² = ‖u‖² − 2⟨CKu, Ku⟩ + ‖KᵀCKu‖²,   ‖KᵀCKu‖² ≤ 2 ‖CKu‖² ≤ 2 ⟨CKu, Ku⟩.

    Args:
        images: u, tensor `(batch, height, width, 1)`, no side shorter than half a kernel.
        bank: Kernels `(side, side, 1, count)`, side odd.
        gains: Tensor `(buckets, count)`.
        index: s, integer tensor `(batch, height, width, 1)` with values in 0 … buckets − 1.

    Returns:
        Tensor of the shape of the images. Its gradient in the gains is a sum over the pixels of each
        bucket; there is none for the index.

    Example:
        >>> image = ops.ones((1, 4, 4, 1))
        >>> index = ops.zeros((1, 4, 4, 1), "int32")
        >>> float(ops.sum(gained_filtering(image, ops.ones((1, 1, 1, 2)), ops.ones((1, 2)), index)))
        32.0
    """
    half = bank.shape[0] // 2
    response = correlate(mirror(images, (half, half)), bank)
    acting = ops.transpose(ops.flip(bank, axis=(0, 1)), (0, 1, 3, 2))
    around = (2 * half, 2 * half)
    # JAX wants a derivative for each argument, and one of an integer is no tensor.
    damped = _gained(response, gains, ops.cast(index, "float32"))
    spread = correlate(ops.pad(damped, ((0, 0), around, around, (0, 0))), acting)
    return fold(spread, (half, half))


@own_gradient
def _gained(response, gains, position):
    index = ops.cast(position, "int32")[..., 0]
    chosen = ops.take(gains, index, axis=0)

    def grad(*args, upstream=None):
        if upstream is None:
            (upstream,) = args
        products = ops.reshape(response * upstream, (-1, gains.shape[1]))
        of_gains = ops.segment_sum(products, ops.reshape(index, (-1,)), gains.shape[0])
        return chosen * upstream, of_gains, ops.zeros_like(position)

    return chosen * response, grad
