"""What pays in a surrogate of TV flow: buckets, footprint, features, symmetry, fluxes.

    python benchmarks/blade_ablation.py DIR [LIST] CACHE OUT.md

DIR holds photographs, LIST names those to take, CACHE keeps the target sequences. Each variant is
started by least squares and trained for so many steps, with seed and pictures alike. Variants that are
in OUT.md already are not trained again.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from imagepde import tasks, training, zoo
from imagepde.training import surrogates
from timing import table

TITLE = "# What pays in a surrogate of TV flow\n\nMade by `benchmarks/blade_ablation.py`.\n\n"
HEAD = ["variant", "numbers", "least squares", "trained", "trained, at 3 T"]
PICTURES, STEPS, BATCH = 116, 300, 8
BASE = {"strengths": 16, "rho": 0.7}
VARIANTS = [
    ("as in the paper: 24×3×3, 5×5, ρ = 1, no symmetry", "blade", {"symmetric": False}),
    ("the same, symmetric", "blade", {}),
    ("the same, fluxes", "blade_flux", {}),
    ("8 strengths", "blade", {"strengths": 8}),
    ("8 strengths, fluxes", "blade_flux", {"strengths": 8}),
    ("16 strengths, ρ = 0.7", "blade", BASE),
    ("16 strengths, ρ = 0.7, fluxes", "blade_flux", BASE),
    ("… ρ = 0.4", "blade_flux", {**BASE, "rho": 0.4}),
    ("… ρ = 1", "blade_flux", {**BASE, "rho": 1.0}),
    ("… 8 orientations", "blade_flux", {**BASE, "orientations": 8}),
    ("… 6 coherences", "blade_flux", {**BASE, "coherences": 6}),
    ("… footprint 7", "blade_flux", {**BASE, "footprint": 7}),
    ("… footprint 3", "blade_flux", {**BASE, "footprint": 3}),
    ("… 32 strengths", "blade_flux", {**BASE, "strengths": 32}),
    ("… 32 strengths, 8 orientations", "blade_flux", {**BASE, "strengths": 32, "orientations": 8}),
    ("… unrolled over 1 step", "blade_flux", {**BASE, "steps": 1}),
    ("… unrolled over 5 steps", "blade_flux", {**BASE, "steps": 5}),
    ("… unrolled over 20 steps", "blade_flux", {**BASE, "steps": 20}),
]


def measure(architecture, config, sequences, held_back, recipe):
    """Numbers that are learned; PSNR at T after least squares and after training, and at 3 T."""
    keras.utils.set_random_seed(recipe.seed)
    time_step = recipe.task.targets.time_step
    trained = zoo.create(architecture, time_step=time_step, **config)
    surrogates.start_from_data(trained, sequences, time_step, recipe.seed)
    steps = config.get("steps", 10)
    fitted = surrogates.unrolled(trained, steps)
    model = zoo.create(architecture, time_step=time_step, **{**config, "steps": 10})
    model.set_weights(trained.get_weights())
    schedule = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, STEPS, alpha=0.01)
    fitted.compile(keras.optimizers.Adam(schedule, epsilon=1e-12), "mse")
    first = psnr(model, held_back)
    starts = [start for start in recipe.sampling["starts"] if start + steps <= 30]
    pairs = sequences.windows(steps, starts, BATCH, recipe.seed)
    fitted.fit(pairs, steps_per_epoch=STEPS, verbose=0, shuffle=False)
    model.set_weights(trained.get_weights())
    numbers = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return numbers, first, psnr(model, held_back), psnr(model, held_back, 30)


def psnr(model, held_back, steps=10):
    """Mean over the pictures after so many steps."""
    total = []
    for group in held_back.groups:
        state = group[:, 0, ..., None]
        for _ in range(steps // 10):
            state = np.asarray(model.predict_on_batch(state))
        total.extend(np.asarray(tasks.psnr(group[:, steps, ..., None], state)))
    return float(np.mean(total))


def read_rows(out):
    """The rows of a table that was begun."""
    text = Path(out).read_text(encoding="utf-8") if Path(out).is_file() else ""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def main(folder, listing, cache, out):
    """Writes the table."""
    recipe = training.recipe("blade.tv_flow")
    source = training.open_source(folder, listing)
    count = len(source)
    source = source.part([k * count // PICTURES for k in range(PICTURES)])
    held_back = recipe.held_back(PICTURES)
    kept = source.part(sorted(set(range(PICTURES)) - set(held_back)))
    task = tasks.FlowTask(recipe.task.targets, 10, cache)
    sequences = surrogates.Sequences(task, kept)
    held_back = surrogates.Sequences(task, source.part(held_back))
    rows = read_rows(out)
    for title, architecture, config in VARIANTS:
        if title in [row[0] for row in rows]:
            continue
        numbers, *psnrs = measure(architecture, config, sequences, held_back, recipe)
        rows.append([title, f"{numbers:,}", *(f"{value:.2f} dB" for value in psnrs)])
        print(rows[-1], flush=True)
        Path(out).write_text(TITLE + table(HEAD, rows), encoding="utf-8")


if __name__ == "__main__":
    folder, *listing, cache, out = sys.argv[1:]
    main(folder, listing[0] if listing else None, cache, out)
