"""Trains a model against white noise on a GPU, with JAX and without TensorFlow or tf.data.

One file travels to the machine with the GPU, and one comes back:

    python examples/train_on_gpu.py pack trd.gauss25 bsds500 travel.npz --list safe.txt
    KERAS_BACKEND=jax python examples/train_on_gpu.py train travel.npz trained.npz --minutes 9
    python examples/train_on_gpu.py unpack trained.npz trd.keras

The pictures lie in the memory of the device, and patches, symmetries and noise are drawn there, so that
nothing is waited for. `train` writes a checkpoint now and then. The same command goes on from it and
ends with the weights of an uninterrupted training. `unpack` takes a mean of the weights over the last
steps.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

DECAY = 0.999
"""So much of itself the mean of the weights keeps in each step."""


def pack(name, pictures, target, listing, settings):
    """Writes the recipe, the tiles of the pictures that patches are drawn from, and where it starts."""
    from imagepde import images, training, zoo

    recipe = training.with_settings(training.recipe(name), settings)
    record = recipe.to_dict()
    task = record["task"]
    if task["kind"] != "gaussian_noise" or task.get("told") or task.get("preparation"):
        sys.exit(f"{name} is trained against more than white noise. This script knows nothing else.")
    channels = zoo.create(recipe.architecture, **recipe.config).input_shape[-1]
    source = training.open_source(pictures, listing)
    held_back = recipe.held_back(len(source))
    wanted = sorted(set(range(len(source))) - set(held_back))
    # Patches are turned anyway: all pictures lie, and tiles are as large as the smallest one.
    lying = []
    for picture in source.part(wanted):
        if picture.dtype != np.uint8:
            sys.exit(f"This script knows pictures of 8 bits only. Received: {picture.dtype}.")
        picture = images.luma(picture)[..., None] if channels == 1 else picture
        lying.append(picture if picture.shape[0] <= picture.shape[1] else np.rot90(picture))
    height, width = (min(picture.shape[axis] for picture in lying) for axis in (0, 1))
    tiles = [
        picture[rows, columns]
        for picture in lying
        for rows in cuts(picture.shape[0], height)
        for columns in cuts(picture.shape[1], width)
    ]
    start = {}
    if recipe.start:
        model = zoo.create(recipe.architecture, **recipe.config)
        training.start_from(model, zoo.load(recipe.start))
        start = {f"start_{k}": weight for k, weight in enumerate(model.get_weights())}
    np.savez_compressed(target, recipe=json.dumps(record), tiles=np.stack(tiles), **start)
    print(f"{len(tiles)} tiles of {height}×{width}, {os.path.getsize(target) / 2**20:.1f} MiB")


def cuts(length, side):
    """Slices of one size, as few as cover a length."""
    count = -(-length // side)
    starts = [round(k * (length - side) / max(count - 1, 1)) for k in range(count)]
    return [slice(start, start + side) for start in starts]


def new_model(data):
    """The recipe of a file, and a model with the weights that the training starts from."""
    import keras
    from imagepde import zoo

    recipe = json.loads(str(data["recipe"]))
    keras.utils.set_random_seed(recipe["seed"])
    model = zoo.create(recipe["name"].partition(".")[0], **recipe["config"])
    if "start_0" in data:
        model.set_weights([data[f"start_{k}"] for k in range(len(model.weights))])
    return recipe, model


def train(given, target, minutes, chunk, checkpoints):
    """Trains until the recipe is done or the time is over."""
    import jax
    import keras
    from imagepde.pde import bfloat16_convolutions
    from jax import numpy as jnp

    if keras.backend.backend() != "jax":
        sys.exit("This part runs on JAX: set KERAS_BACKEND=jax.")
    data = np.load(given)
    recipe, model = new_model(data)
    steps = recipe["epochs"] * recipe["steps_per_epoch"]
    low, high = np.broadcast_to(recipe["task"]["sigma"], 2) / 255
    batch, patch, chunk = recipe["batch"], recipe["patch"], min(chunk, steps)
    first, last = recipe["learning_rate"], recipe["final_learning_rate"]
    rate = keras.optimizers.schedules.CosineDecay(first, steps, alpha=last / first)
    optimizer = keras.optimizers.Adam(rate, epsilon=recipe["epsilon"])
    optimizer.build(model.trainable_variables)
    others = [variable.value for variable in model.non_trainable_variables]
    weights = [variable.value for variable in model.trainable_variables]
    state = {
        "weights": weights,
        "mean": [jnp.array(weight) for weight in weights],
        "optimizer": [variable.value for variable in optimizer.variables],
    }
    done = 0
    if os.path.exists(target):
        before = np.load(target)
        if str(before["recipe"]) != str(data["recipe"]):
            sys.exit(f"{target} is of another recipe.")
        done = int(before["done"])
        state = {
            key: [jnp.asarray(before[f"{key}_{k}"], value.dtype) for k, value in enumerate(values)]
            for key, values in state.items()
        }
    tiles = jax.device_put(data["tiles"])

    if min(tiles.shape[1:3]) < patch:
        sys.exit(f"Patches of {patch} px need larger pictures than {tiles.shape[1:3]}.")

    def draw(tiles, key):
        """A clean patch in [0, 1], turned and mirrored, and the same with noise."""
        which, place, symmetry, level, noise = jax.random.split(key, 5)
        number = jax.random.randint(which, (), 0, len(tiles))
        top, left = jax.random.randint(place, (2,), 0, tiles.shape[1] - patch + 1)
        size = (1, patch, patch, tiles.shape[3])
        clean = jax.lax.dynamic_slice(tiles, (number, top, left, 0), size)[0] / np.float32(255)
        swap, mirror, turn = jax.random.bernoulli(symmetry, shape=(3,))
        clean = jnp.where(swap, clean.transpose(1, 0, 2), clean)
        clean = jnp.where(mirror, clean[:, ::-1], clean)
        clean = jnp.where(turn, clean[::-1], clean)
        sigma = jax.random.uniform(level, (), clean.dtype, low, max(high, np.nextafter(low, 1)))
        return clean + sigma * jax.random.normal(noise, clean.shape, clean.dtype), clean

    def loss(weights, noisy, clean):
        with bfloat16_convolutions(recipe.get("bfloat16_convolutions", False)):
            restored, _ = model.stateless_call(weights, others, noisy, training=True)
        return jnp.mean(jnp.square(restored - clean))

    def step(tiles, state, number):
        keys = jax.random.split(jax.random.fold_in(jax.random.key(recipe["seed"]), number), batch)
        noisy, clean = jax.vmap(lambda key: draw(tiles, key))(keys)
        error, gradients = jax.value_and_grad(loss)(state["weights"], noisy, clean)
        weights, inner = optimizer.stateless_apply(state["optimizer"], gradients, state["weights"])
        kept = jnp.minimum(DECAY, (1.0 + number) / (10.0 + number))
        mean = [kept * m + (1 - kept) * w for m, w in zip(state["mean"], weights, strict=True)]
        return {"weights": weights, "mean": mean, "optimizer": inner}, error

    @jax.jit
    def some(tiles, state, number):
        body = lambda state, k: step(tiles, state, number + k)  # noqa: E731
        return jax.lax.scan(body, state, jnp.arange(chunk))

    begun = saved = time.perf_counter()
    while done < steps:
        before = time.perf_counter()
        state, errors = some(tiles, state, done)
        error = float(errors.mean())
        done += chunk
        now = time.perf_counter()
        pixels = chunk * batch * patch**2 / (now - before)
        print(f"step {done}, {-10 * np.log10(error):.2f} dB, {pixels / 1e6:.2f} Mpx/s", flush=True)
        over = now - begun > 60 * minutes
        if over or done >= steps or now - saved > checkpoints:
            save(target, data["recipe"], done, state)
            saved = now
        if over:
            break


def save(target, recipe, done, state):
    """Writes a checkpoint whole or not at all."""
    arrays = {f"{key}_{k}": v for key, values in state.items() for k, v in enumerate(values)}
    hidden = Path(target).with_name(f".{Path(target).name}")
    with hidden.open("wb") as file:
        np.savez(file, recipe=recipe, done=done, **arrays)
    hidden.replace(target)


def unpack(trained, target):
    """Writes a model with the mean of the last weights."""
    data = np.load(trained)
    recipe, model = new_model(data)
    for k, variable in enumerate(model.trainable_variables):
        variable.assign(data[f"mean_{k}"])
    model.save(target)
    print(f"{recipe['name']} after {int(data['done'])} steps")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parts = parser.add_subparsers(dest="part", required=True)
    part = parts.add_parser("pack", help="on the machine with the pictures")
    part.add_argument("name")
    part.add_argument("pictures")
    part.add_argument("target")
    part.add_argument("--list", help="text file with the pictures to take from the folder")
    part.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    part = parts.add_parser("train", help="on the machine with the GPU")
    part.add_argument("given")
    part.add_argument("target")
    part.add_argument("--minutes", type=float, default=9.0)
    part.add_argument("--chunk", type=int, default=50, help="steps in one program")
    part.add_argument("--checkpoints", type=float, default=60.0, help="seconds between two of them")
    part = parts.add_parser("unpack", help="on the first machine")
    part.add_argument("trained")
    part.add_argument("target")
    a = parser.parse_args()
    if a.part == "pack":
        pack(a.name, a.pictures, a.target, a.list, a.set)
    elif a.part == "train":
        train(a.given, a.target, a.minutes, a.chunk, a.checkpoints)
    else:
        unpack(a.trained, a.target)


if __name__ == "__main__":
    main()
