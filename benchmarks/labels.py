"""Names beside the points of a plot, such that no name lies on another."""

_PLACES = (
    *((6, 0, "left", "center"), (-6, 0, "right", "center"), (0, 6, "center", "bottom")),
    *((0, -6, "center", "top"), (5, 8, "left", "bottom"), (5, -8, "left", "top")),
    *((-5, 8, "right", "bottom"), (-5, -8, "right", "top")),
    *((12, 18, "left", "bottom"), (12, -18, "left", "top"), (-12, 18, "right", "bottom")),
    *((-12, -18, "right", "top"), (16, 30, "left", "bottom"), (16, -30, "left", "top")),
)
"""Where a name may stand, in points from its point, the best place first."""


def label_points(axis, points, fontsize=8):
    """Writes the name of each point at the first place where it covers no other name and no point.

    Args:
        axis: Axes of matplotlib with the points drawn and their limits set.
        points: Triples of x, y and name.
        fontsize: Of the names.
    """
    figure = axis.figure
    figure.draw_without_rendering()
    inside, taken = axis.get_window_extent(), []
    dots = [axis.transData.transform((x, y)) for x, y, _ in points]
    for x, y, name in points:
        for dx, dy, horizontal, vertical in _PLACES:
            far = abs(dx) > 8
            text = axis.annotate(
                name,
                (x, y),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                fontsize=fontsize,
                arrowprops={"arrowstyle": "-", "linewidth": 0.5} if far else None,
            )
            box = text.get_tightbbox() if not far else text.get_window_extent()
            free = not any(box.overlaps(other) for other in taken)
            free = free and not any(box.contains(*dot) for dot in dots)
            if free and inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0:
                break
            text.remove()
        else:
            text = axis.annotate(name, (x, y), fontsize=fontsize)
            box = text.get_window_extent()
        taken.append(box)
