"""What kind of noise is it?

`images.measure_noise` looks at flat places of every brightness in a single picture, and tells photons
from read noise. Here both are known, since the noise was made; the picture of a real camera is
measured in the same way.
"""

import numpy as np
from imagepde import explain, images
from skimage import data

clean = data.camera() / 255
true = images.PoissonGaussian(gain=1 / 40, read=4 / 255)
noisy = true.draw(clean, np.random.default_rng(0))
measured = images.measure_noise(noisy, (0, 1))

figure = explain.draw_noise(measured)
figure.savefig("noise_measurement.png", dpi=120)
found = measured.noise
print(
    f"Each dot stands for flat places of one brightness. The fit says {1 / found.gain:.0f} photons at "
    f"white and read noise of {255 * found.read:.1f}/255; they are 40 and 4.0."
)
