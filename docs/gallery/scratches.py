"""Scratches and a date

Lines and letters lie over a photograph. What is under them is unknown, and `zoo.inpaint` fills it in.
"""

import numpy as np
from imagepde import images, zoo
from PIL import Image, ImageDraw, ImageFont
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.chelsea()[30:222, 110:302].astype("float32") / 255
rng = np.random.default_rng(3)
canvas = Image.new("1", clean.shape[1::-1])
pen = ImageDraw.Draw(canvas)
for _ in range(14):
    pen.line([tuple(rng.integers(0, 192, 2).tolist()) for _ in range(2)], fill=1, width=2)
pen.text((104, 160), "12.5.98", fill=1, font=ImageFont.load_default(size=22))
covered = np.asarray(canvas)

given = np.where(covered[..., None], np.float32(1), clean)
filled = zoo.inpaint(given, ~covered, value_range=(0, 1))


def psnr(picture):
    return peak_signal_noise_ratio(clean[covered], picture[covered], data_range=1)


panels = [("given", given), ("unknown", np.repeat(covered[..., None], 3, -1).astype(float))]
panels += [(f"zoo.inpaint: {psnr(filled):.1f} dB", filled), ("original", clean)]
images.write_picture("scratches.png", images.side_by_side(panels))
print(
    f"{100 * covered.mean():.0f} % of the pixels are covered. There, the result agrees with the "
    f"original to {psnr(filled):.1f} dB; elsewhere nothing changes."
)
assert np.array_equal(filled[~covered], clean[~covered])
