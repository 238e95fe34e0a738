"""Is the reading of pictures the limit of a training? Patches a second without and with the model.

    python benchmarks/pipeline.py --data FOLDER [trd_small.gauss25 …]

The pipeline of a recipe is run alone, then the same batches are trained on.
"""

import argparse
import time

from imagepde import training, zoo
from imagepde.training.pipeline import training_pairs
from timing import table

NAMES = ("trd_small.gauss25", "foe_s.gauss25", "perona_malik.gauss25")
LEAST_SECONDS = 5.0


def rate(batches, batch, use):
    """Patches a second, after a batch that compiles."""
    batches = iter(batches)
    use(next(batches))
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < LEAST_SECONDS:
        use(next(batches))
        count += batch
    return count / (time.perf_counter() - start)


def main(data, names=NAMES):
    source, rows = training.open_source(data), []
    for name in names:
        recipe = training.recipe(name)
        model = zoo.create(recipe.architecture, **recipe.config)
        channels = model.output_shape[-1]
        pairs = training_pairs(source, recipe.task, channels, recipe.patch, recipe.batch, recipe.seed)
        model.compile("adam", "mse", jit_compile=recipe.jit_compile)
        alone = rate(pairs, recipe.batch, lambda batch: None)
        trained = rate(pairs, recipe.batch, lambda batch, model=model: model.train_on_batch(*batch))
        patch = f"{recipe.patch}²"
        rows.append([name, patch, f"{alone:.0f}", f"{trained:.1f}", f"{alone / trained:.0f}"])
    header = ["model", "patch", "pipeline, patches/s", "training, patches/s", "ratio"]
    print(table(header, rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--data", required=True)
    main(**vars(parser.parse_args()))
