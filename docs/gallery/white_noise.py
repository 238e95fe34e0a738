"""White noise, beside total variation

White Gaussian noise is added to a photograph. `zoo.restore` measures how strong it is and removes it
with `trd.any`, which has 31,496 parameters. Beside it stands Chambolle's total variation of
scikit-image, with the weight that is best for this very picture, which nobody knows in practice.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio
from skimage.restoration import denoise_tv_chambolle

clean = data.camera()[40:232, 120:312] / 255
noisy = clean + np.random.default_rng(0).normal(0, 25 / 255, clean.shape)


def psnr(picture):
    return peak_signal_noise_ratio(clean, picture, data_range=1)


smoothed = max((denoise_tv_chambolle(noisy, w) for w in np.arange(0.04, 0.2, 0.01)), key=psnr)
restored = zoo.restore(noisy, value_range=(0, 1))
found = images.measure_noise(noisy, (0, 1))

pictures = {"noisy": noisy, "total variation": smoothed, "zoo.restore": restored}
panels = [(f"{name}: {psnr(x):.1f} dB", x) for name, x in pictures.items()]
images.write_picture("white_noise.png", images.side_by_side([*panels, ("original", clean)]))
print(
    f"A standard deviation of {found.sigma:.1f} was measured; it is 25. Total variation reaches "
    f"{psnr(smoothed):.1f} dB and leaves flat patches, `trd.any` {psnr(restored):.1f} dB."
)
