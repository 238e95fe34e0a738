"""A bank of filters, gains that an index names, and the adjoint of the bank: Kᵀ C K u."""

from .backend import Tensor, correlate, ops, own_gradient, tensorflow
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

    def grad(*args, upstream=None):
        """Kᵀ C K is its own adjoint, so the derivative of the image is the same filtering.

        For an upstream v, ⟨v, KᵀCKu⟩ = ⟨Kv, CKu⟩ is bilinear in K and linear in C.
        """
        upstream = args[0] if upstream is None else upstream
        continued, also_continued = (mirror(u, (half, half)) for u in (images, upstream))
        response, other = (correlate(u, bank) for u in (continued, also_continued))
        chosen = ops.take(gains, index, axis=0)
        products = ops.reshape(response * other, (-1, count))
        of_gains = ops.segment_sum(products, ops.reshape(index, (-1,)), buckets)
        of_bank = _of_taps(continued, chosen * other, side)
        of_bank = of_bank + _of_taps(also_continued, chosen * response, side)
        of_images = _filtered(upstream, bank, gains, index)
        return of_images, ops.reshape(of_bank, bank.shape), of_gains, ops.zeros_like(position)

    return _filtered(images, bank, gains, index), grad


_STRIP = 2**16
"""Pixels of a strip: the responses of 24 kernels there are about what a core has cache for."""


def _filtered(images, bank, gains, index):
    """Kᵀ C K u, strip by strip: the responses of a whole image would go through memory four times."""
    half = bank.shape[0] // 2
    batch, height, width = ops.shape(images)[:3]
    # In files kernels are constants, whose bytes grow with the square of a block.
    plain = not being_traced().nested_loops
    block = 1 if plain else 4
    rows = height + 2 * half
    if not plain and tensorflow is not None:
        fitting = _STRIP // (batch * width) // block * block
        rows = ops.minimum(ops.maximum(fitting, 4 * block), -(-rows // block) * block)
    over = 0 if plain else -(height + 2 * half) % rows
    around = [(2 * half, 2 * half + n + block - 1) for n in (over, 0)]
    # What K sees beyond the image has no part in Kᵀ: its gain is zero.
    gains = ops.concatenate([gains, ops.zeros_like(gains[:1])])
    index = ops.pad(index, ((0, 0), *around), constant_values=gains.shape[0] - 1)
    continued = ops.pad(mirror(images, (half, half)), ((0, 0), *around, (0, 0)))
    acting = _for_blocks(ops.transpose(ops.flip(bank, axis=(0, 1)), (0, 1, 3, 2)), block)

    def strip(first):
        last = first + rows + 2 * half + block - 1
        response = correlate(continued[:, first : last + 2 * half], bank)
        damped = ops.take(gains, index[:, first:last], axis=0) * response
        return _pixels(ops.conv(damped, acting, strides=block, padding="valid"), block)

    if plain or tensorflow is None:
        spread = strip(0)
    else:
        strips = ops.map(strip, ops.arange(0, height + 2 * half, rows))
        strips = ops.transpose(strips, (1, 0, 2, 3, 4))
        spread = ops.reshape(strips, (batch, -1, ops.shape(strips)[3], 1))
    return fold(spread[:, : height + 2 * half, : width + 2 * half], (half, half))


def _for_blocks(kernel, block):
    """A kernel with one output as one whose outputs are the pixels of a block.

    A convolution with a single channel as its output keeps a processor waiting; with the pixels of a
    block as its channels it is faster, though that takes more multiplications.
    """
    shifted = [
        ops.pad(kernel, ((i, block - 1 - i), (j, block - 1 - j), (0, 0), (0, 0)))
        for i in range(block)
        for j in range(block)
    ]
    return ops.concatenate(shifted, axis=-1)


def _pixels(blocks, block):
    """An image of the blocks that are the channels of one."""
    if block == 1:
        return blocks
    _, rows, columns, _ = ops.shape(blocks)
    blocks = ops.transpose(ops.reshape(blocks, (-1, rows, columns, block, block)), (0, 1, 3, 2, 4))
    return ops.reshape(blocks, (-1, rows * block, columns * block, 1))


def _of_taps(continued, responses, side):
    """Σ over pixels of what each tap of a kernel sees, times the response, `(side², count)`."""
    height, width = ops.shape(responses)[1:3]
    seen = [continued[:, i : i + height, j : j + width, 0] for i in range(side) for j in range(side)]
    patches = ops.reshape(ops.stack(seen), (side * side, -1))
    return ops.matmul(patches, ops.reshape(responses, (-1, responses.shape[-1])))
