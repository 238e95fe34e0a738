"""What a single pixel is made of

DiffNet is a chain of filters that depend on the picture. For one pixel of the result they make up one
kernel, a row of the whole operator. It can be computed, and shows what the model does there. This one
was trained to undo a diffusion in noise.
"""

import numpy as np
from imagepde import explain, images, zoo
from skimage import data, filters

picture = data.camera()[60:124, 190:254].astype("float32") / 255
model = zoo.load("diffnet.pm_inverse_noise1")


edges = filters.sobel(filters.gaussian(picture, 1))[12:-12, 12:-12]
places = {
    "on an edge": np.unravel_index(edges.argmax(), edges.shape),
    "in a flat place": np.unravel_index(edges.argmin(), edges.shape),
}


def window(values, pixel):
    """Eight pixels to each side."""
    row, column = pixel
    return values[row - 8 : row + 9, column - 8 : column + 9]


panels, sums = [], []
for name, place in places.items():
    pixel = tuple(int(at) + 12 for at in place)
    kernel = explain.effective_kernel(model, picture, pixel)
    sums.append(f"{kernel.sum():.2f}, with {kernel.max():.2f} for the pixel itself")
    # The square root shows the small weights around the large one; grey is zero.
    shown = 0.5 + 0.5 * np.sign(kernel) * np.sqrt(np.abs(kernel) / np.abs(kernel).max())
    for title, values in ((name, picture.clip(0, 1)), ("its weights", shown)):
        panels.append((title, np.kron(window(values, pixel), np.ones((11, 11)))))
images.write_picture("single_pixels.png", images.side_by_side(panels))
print(
    f"The surroundings of two pixels, enlarged. Their weights sum up to {sums[0]}, and {sums[1]}. "
    "Bright is positive, dark negative, grey is zero."
)
