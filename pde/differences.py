"""Finite differences on the pixel grid and on the edges between pixels (h = 1 px).

A row of n pixels has n + 1 cell edges, the two outer ones on the border of the image. Differences
live on the edges, fluxes too, and their divergence is back on the pixels. With the reflecting
boundary the differences on the border edges are zero, so what leaves one pixel enters its
neighbour and the mean of the image is preserved.
"""

from .backend import Tensor, ops
from .boundary import COLUMNS, ROWS, reflect


def _along(axis, start, stop):
    return (slice(None),) * axis + (slice(start, stop),)


def _pad_one(u, axis):
    return reflect(u, (int(axis == ROWS), int(axis == COLUMNS)))


def edge_difference(u: Tensor, axis: int) -> Tensor:
    """Differences of neighbouring pixels, on all n + 1 edges of an axis; zero on the border.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        axis: `ROWS` (1) or `COLUMNS` (2).

    Returns:
        Tensor with `axis` one longer: entry i is u_i − u_{i−1}, for the edge at i − ½.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(edge_difference(u, COLUMNS)).ravel()
        array([0., 2., 0.], dtype=float32)
    """
    padded = _pad_one(u, axis)
    return padded[_along(axis, 1, None)] - padded[_along(axis, 0, -1)]


def edge_average(g: Tensor, axis: int) -> Tensor:
    """Arithmetic mean of neighbouring pixels, on all n + 1 edges of an axis.

    Args:
        g: Tensor `(batch, height, width, channels)`.
        axis: `ROWS` (1) or `COLUMNS` (2).

    Returns:
        Tensor with `axis` one longer: entry i is (g_{i−1} + g_i)/2.

    Example:
        >>> g = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(edge_average(g, COLUMNS)).ravel()
        array([1., 2., 3.], dtype=float32)
    """
    padded = _pad_one(g, axis)
    return 0.5 * (padded[_along(axis, 1, None)] + padded[_along(axis, 0, -1)])


def edge_divergence(flux: Tensor, axis: int) -> Tensor:
    """Outflow of an edge flux at every pixel: flux_{i+1} − flux_i, `axis` one shorter.

    It is minus the adjoint of `edge_difference`: ⟨edge_difference(u), p⟩ = −⟨u, edge_divergence(p)⟩
    for every p that is zero on the border.

    Args:
        flux: Tensor on the edges of `axis`, as `edge_difference` returns it.
        axis: `ROWS` (1) or `COLUMNS` (2).

    Returns:
        Tensor with `axis` one shorter, in the unit of the flux per px.

    Example:
        >>> flux = ops.reshape(ops.array([0.0, 2.0, 0.0]), (1, 1, 3, 1))
        >>> ops.convert_to_numpy(edge_divergence(flux, COLUMNS)).ravel()
        array([ 2., -2.], dtype=float32)
    """
    return flux[_along(axis, 1, None)] - flux[_along(axis, 0, -1)]


def forward_difference(u: Tensor, axis: int) -> Tensor:
    """u_{i+1} − u_i, of the shape of u; the last one is zero (reflecting boundary).

    Args:
        u: Tensor `(batch, height, width, channels)`.
        axis: `ROWS` (1) or `COLUMNS` (2).

    Returns:
        Tensor of the shape of u, in grey value per px.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(forward_difference(u, COLUMNS)).ravel()
        array([2., 0.], dtype=float32)
    """
    return edge_difference(u, axis)[_along(axis, 1, None)]


def backward_difference(u: Tensor, axis: int) -> Tensor:
    """u_i − u_{i−1}, of the shape of u; the first one is zero (reflecting boundary).

    Args:
        u: Tensor `(batch, height, width, channels)`.
        axis: `ROWS` (1) or `COLUMNS` (2).

    Returns:
        Tensor of the shape of u, in grey value per px.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(backward_difference(u, COLUMNS)).ravel()
        array([0., 2.], dtype=float32)
    """
    return edge_difference(u, axis)[_along(axis, 0, -1)]


def gradient_magnitude_squared(u: Tensor) -> Tensor:
    """|∇u|² at the pixels, each axis by the mean square of its two one-sided differences.

    |∇u|²_i = ½ ((u_{i+1} − u_i)² + (u_i − u_{i−1})²), summed over both axes and all channels, so
    that a colour image has one gradient. Unlike central differences it sees a checkerboard.

    Args:
        u: Tensor `(batch, height, width, channels)`.

    Returns:
        Tensor `(batch, height, width, 1)`, in (grey value)² per px².

    Example:
        >>> u = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(gradient_magnitude_squared(u)).ravel()
        array([2., 2.], dtype=float32)
    """
    total = 0.0
    for axis in (ROWS, COLUMNS):
        squares = ops.square(edge_difference(u, axis))
        total = total + 0.5 * (squares[_along(axis, 1, None)] + squares[_along(axis, 0, -1)])
    return ops.sum(total, axis=-1, keepdims=True)
