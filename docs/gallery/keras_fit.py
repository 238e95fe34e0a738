"""A new filter, trained with fit

`zoo.create` gives a model with new weights, here one of the smallest: ten steps of Perona–Malik
diffusion that learn their contrast and their time step. It is a `keras.Model`, and `fit` trains it.
"""

import keras
import numpy as np
from imagepde import explain, zoo
from matplotlib.figure import Figure
from skimage import data

rng = np.random.default_rng(0)
photo = data.camera().astype("float32") / 255
corners = rng.integers(0, 512 - 48, (32, 2))
clean = np.stack([photo[r : r + 48, c : c + 48] for r, c in corners])[..., None]
noisy = clean + rng.normal(0, 25 / 255, clean.shape).astype("float32")

keras.utils.set_random_seed(0)  # fit draws the order of the pieces.
model = zoo.create("perona_malik")
heights = np.linspace(0, 0.6, 61)
before = explain.edge_response(model, heights, noise=0)
model.compile("adam", "mse")
model.optimizer.learning_rate = 0.05
history = model.fit(noisy, clean, batch_size=8, epochs=8, verbose=0).history["loss"]
after = explain.edge_response(model, heights, noise=0)

figure = Figure(figsize=(7.5, 3), layout="constrained")
left, right = figure.subplots(1, 2)
left.plot(heights, before, "--", color="0.5", label="new weights")
left.plot(heights, after, color="tab:blue", label="trained")
left.set(xlabel="height of an edge, grey value", ylabel="diffusivity across it", ylim=(0, 1.05))
left.legend()
right.plot(range(1, 9), -10 * np.log10(history), "o-", color="tab:blue")
right.set(xlabel="epoch", ylabel="training PSNR, dB", xticks=range(1, 9))
figure.savefig("keras_fit.png", dpi=105)
print(
    f"{model.count_params()} weights. The mean PSNR on the training pieces goes from "
    f"{-10 * np.log10(history[0]):.1f} in the first epoch to {-10 * np.log10(history[-1]):.1f} dB "
    "in the last."
)
