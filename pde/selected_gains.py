"""A bank of filters, gains that an index names, and the adjoint of the bank: Kᵀ C K u."""

from .backend import Tensor, correlate, ops, own_gradient
from .boundary import fold, mirror
from .tracing import being_traced


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
    # JAX wants a derivative for each argument, and one of an integer is no tensor.
    return _filtering(images, bank, gains, ops.cast(index, "float32"))


@own_gradient
def _filtering(images, bank, gains, position):
    side, _, _, count = bank.shape
    half, buckets = side // 2, gains.shape[0]
    index = ops.cast(position, "int32")[..., 0]
    chosen = ops.take(gains, index, axis=0)
    response, continued = _seen(images, bank, half)
    damped = chosen * response

    def grad(*args, upstream=None):
        """Kᵀ C K is its own adjoint, so the derivative of the image is the same filtering.

        For an upstream v, ⟨v, KᵀCKu⟩ = ⟨Kv, CKu⟩ is bilinear in K and linear in C.
        """
        upstream = args[0] if upstream is None else upstream
        other, also_continued = _seen(upstream, bank, half)
        products = ops.reshape(response * other, (-1, count))
        of_gains = ops.segment_sum(products, ops.reshape(index, (-1,)), buckets)
        of_bank = _of_taps(continued, chosen * other, side) + _of_taps(also_continued, damped, side)
        of_images = _spread(chosen * other, bank, half)
        return of_images, ops.reshape(of_bank, bank.shape), of_gains, ops.zeros_like(position)

    return _spread(damped, bank, half), grad


def _seen(images, bank, half):
    """K u, and u as it is continued beyond its border."""
    continued = mirror(images, (half, half))
    return correlate(continued, bank), continued


def _spread(responses, bank, half):
    """Kᵀ of the responses."""
    acting = ops.transpose(ops.flip(bank, axis=(0, 1)), (0, 1, 3, 2))
    height, width = (n + 2 * half for n in ops.shape(responses)[1:3])
    # In files the kernels are constants, whose bytes grow with the square.
    block = 2 if being_traced().frozen_weights else 4
    around = (2 * half, 2 * half + block - 1)
    padded = ops.pad(responses, ((0, 0), around, around, (0, 0)))
    blocks = ops.conv(padded, _for_blocks(acting, block), strides=block, padding="valid")
    rows, columns = ops.shape(blocks)[1:3]
    blocks = ops.reshape(blocks, (-1, rows, columns, block, block))
    spread = ops.transpose(blocks, (0, 1, 3, 2, 4))
    spread = ops.reshape(spread, (-1, rows * block, columns * block, 1))
    return fold(spread[:, :height, :width], (half, half))


def _for_blocks(kernel, block):
    """A kernel with one output as one whose outputs are the pixels of a block.

    A convolution with a single channel as its output keeps a processor waiting: it is four times as
    fast with the pixels of a block as its channels, though that takes more multiplications.
    """
    shifted = [
        ops.pad(kernel, ((i, block - 1 - i), (j, block - 1 - j), (0, 0), (0, 0)))
        for i in range(block)
        for j in range(block)
    ]
    return ops.concatenate(shifted, axis=-1)


def _of_taps(continued, responses, side):
    """Σ over pixels of what each tap of a kernel sees, times the response, `(side², count)`."""
    height, width = ops.shape(responses)[1:3]
    seen = [continued[:, i : i + height, j : j + width, 0] for i in range(side) for j in range(side)]
    patches = ops.reshape(ops.stack(seen), (side * side, -1))
    return ops.matmul(patches, ops.reshape(responses, (-1, responses.shape[-1])))
