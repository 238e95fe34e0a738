"""Pictures side by side with titles, pixel for pixel."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def side_by_side(panels: Sequence[tuple[str, np.ndarray]], gap: int = 8) -> np.ndarray:
    """Puts pictures of one size beside each other, each with its title above.

    Args:
        panels: List of `(title, picture)`; pictures are arrays in [0, 1], `(height, width)` or
            `(height, width, channels)`.
        gap: Space between them in px.

    Returns:
        uint8 array `(height, width, 3)`.

    Example:
        >>> panels = [("noisy", np.zeros((32, 48))), ("clean", np.ones((32, 48)))]
        >>> side_by_side(panels).shape
        (56, 104, 3)
    """
    height, width = panels[0][1].shape[:2]
    size = max(12, min(width // 16, 40))
    top = 2 * size
    canvas = Image.new("RGB", (len(panels) * (width + gap) - gap, height + top), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=size)
    for column, (title, picture) in enumerate(panels):
        left = column * (width + gap)
        pixels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
        canvas.paste(Image.fromarray(pixels.squeeze()).convert("RGB"), (left, top))
        draw.text((left + width / 2, top / 2), title, fill="black", font=font, anchor="mm")
    return np.asarray(canvas)
