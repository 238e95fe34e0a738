"""An inverse diffusion on its way, in Fourier space

Perona–Malik diffusion has smoothed a picture, and DiffNet undoes it in five steps. The curves show how
the high frequencies come back, as a share of those of the original.
"""

import numpy as np
from imagepde import explain, tasks, zoo
from matplotlib.figure import Figure
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

name = "diffnet.pm_inverse"
photo = data.camera()[40:232, 120:312].astype("float32") / 255
given, clean = (np.squeeze(x) for x in tasks.task_of(name).pair(photo, seed=0))
states, _, _ = explain.filtering_states(zoo.load(name), given)
found = [peak_signal_noise_ratio(clean, np.clip(u, 0, 1), data_range=1) for u in states]

frequencies = np.hypot(np.fft.fftfreq(192)[:, None], np.fft.fftfreq(192)[None])
rings = np.digitize(frequencies, np.linspace(0.02, 0.5, 25))


def spectrum(picture):
    """The mean amplitude on rings of Fourier space."""
    amplitudes = np.abs(np.fft.fft2(picture - picture.mean()))
    return np.array([amplitudes[rings == k].mean() for k in range(25)])


figure = Figure(figsize=(7.5, 2.8), layout="constrained")
left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1, 1.5])
for axis, k, title in ((left, 0, "given"), (middle, -1, "result")):
    axis.imshow(states[k], cmap="gray", vmin=0, vmax=1)
    axis.set_title(f"{title}: {found[k]:.1f} dB", fontsize=10)
    axis.axis("off")
for k, (u, grey) in enumerate(zip(states, np.linspace(0.8, 0, len(states)), strict=True)):
    right.plot(
        np.linspace(0.01, 0.49, 25), spectrum(u) / spectrum(clean), color=str(grey), label=f"{k}"
    )
right.set(xlabel="frequency, cycles per px", ylabel="share of the original")
right.legend(title="step", fontsize=7, title_fontsize=8, ncols=2)
figure.savefig("fourier_states.png", dpi=105)
lost = [100 * (1 - (spectrum(u) / spectrum(clean))[-6:].mean()) for u in (states[0], states[-1])]
print(
    f"Of the highest frequencies {lost[0]:.0f} % are lost at first, and {abs(lost[1]):.1f} % "
    f"after five steps. The PSNR goes from {found[0]:.1f} to {found[-1]:.1f} dB."
)
