"""What half precision and the form of the filtering step gain and cost in DiffNet without noise."""

import keras
import numpy as np
from imagepde import images, layers, pde, zoo
from imagepde.images.preparation import prepare
from imagepde.tasks import PeronaMalikDiffusion
from keras import ops
from skimage import data
from timing import median_seconds, table

STEPS, BATCH, PATCH = 300, 16, 64
TRAINING, TEST = ("astronaut", "camera", "coffee", "chelsea"), "coins"
TASK = PeronaMalikDiffusion()
HALF = "mixed_bfloat16"


class FiveDiagonals(layers.FilteringStep):
    """The step as the paper writes it, ζ₁ u_above + … + ζ₄ u_right − ζ₅ u: eq. 4.7."""

    def call(self, inputs):
        neighbours, centre = self._estimate(inputs)
        padded = pde.reflect(inputs, 1)
        around = (padded[:, :-2, 1:-1], padded[:, 1:-1, :-2], padded[:, 2:, 1:-1], padded[:, 1:-1, 2:])
        filters = ops.split(neighbours, 4, axis=-1)
        rate = sum(z * v for z, v in zip(filters, around, strict=True)) - centre * inputs
        return inputs + self.time_step_weight * rate


def network(step, estimator_dtype=None, blocks=5):
    """DiffNet made of either kind of step."""
    image = keras.Input((None, None, 1))
    u = image
    for _ in range(blocks):
        u = step(estimator_dtype=estimator_dtype)(u)
    return keras.Model(image, ops.relu(u))


def picture(name):
    """A picture of scikit-image, prepared as for the training of DiffNet."""
    return prepare(images.luma(getattr(data, name)()).astype("float32") / 255, None, 0.4, True)


def batches(rng):
    """Patches before and after the diffusion."""
    pictures = [picture(name) for name in TRAINING]
    while True:
        clean = []
        for k in rng.integers(len(pictures), size=BATCH):
            y, x = (rng.integers(side - PATCH + 1) for side in pictures[k].shape)
            clean.append(pictures[k][y : y + PATCH, x : x + PATCH, None])
        clean = ops.convert_to_tensor(np.stack(clean))
        yield TASK.diffuse(clean), clean


def training():
    """Four networks from the same start, as many steps for each."""
    clean = picture(TEST)
    given = TASK.degrade(clean, 0)
    rows = []
    for form, step in (("differences (ours)", layers.FilteringStep), ("five diagonals", FiveDiagonals)):
        for precision, dtype in (("float32", None), ("bfloat16", HALF)):
            keras.utils.set_random_seed(0)
            model = network(step, dtype)
            schedule = keras.optimizers.schedules.CosineDecay(2e-3, STEPS, alpha=0.01)
            model.compile(keras.optimizers.Adam(schedule), "mse", jit_compile=False)
            pairs = batches(np.random.default_rng(0))
            model.fit(pairs, steps_per_epoch=STEPS, verbose=0)
            pair = next(pairs)
            seconds = median_seconds(lambda m=model, p=pair: m.train_on_batch(*p))
            error = np.mean((zoo.restore(given, model) - clean) ** 2)
            rows.append([form, precision, seconds, f"{-10 * np.log10(error):.2f} dB"])
    base = rows[0][2]
    for row in rows:
        row[2:3] = [f"{row[2] * 1e3:.0f} ms", f"{row[2] / base:.2f}"]
    print("## Precision of DiffNet: training without noise\n")
    print(
        f"Five blocks, four convolutions each, {STEPS} steps on {BATCH} patches of {PATCH}², Adam 2e-3 "
        "with a cosine. bfloat16 is for the convolutions alone. PSNR on a picture that was not "
        f"trained on; before the restoration {-10 * np.log10(np.mean((given - clean) ** 2)):.2f} dB.\n"
    )
    print(table(["filtering step", "convolutions", "time a step", "ratio", "PSNR"], rows))


def inference():
    """The pretrained network in half precision, in either form, beside itself in float32."""
    model = zoo.load("diffnet.pm_inverse")
    given = TASK.degrade(picture(TEST), 0)
    full = zoo.restore(given, model)
    rows = []
    for form, step in (("differences (ours)", layers.FilteringStep), ("five diagonals", FiveDiagonals)):
        for precision, dtype in (("float32", None), ("bfloat16", HALF)):
            other = network(step, dtype)
            weights = model.get_weights()
            if step is FiveDiagonals:
                # ζ₅ = ζ₁ + ζ₂ + ζ₃ + ζ₄ − s, in the kernel and the bias of each last convolution.
                for weight in weights:
                    if weight.ndim and weight.shape[-1] == 5:
                        weight[..., 4] = weight[..., :4].sum(-1) - weight[..., 4]
            other.set_weights(weights)
            off = float(np.mean((zoo.restore(given, other) - full) ** 2))
            rows.append([form, precision, f"{-10 * np.log10(off):.1f} dB" if off else "equal"])
    print("## Precision of DiffNet: the pretrained network\n")
    print("PSNR of `diffnet.pm_inverse` against its own result in float32.\n")
    print(table(["filtering step", "convolutions", "agreement"], rows))


def main():
    """Both tables."""
    training()
    inference()


if __name__ == "__main__":
    main()
