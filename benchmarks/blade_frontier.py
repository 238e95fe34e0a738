"""Error against time a megapixel: surrogates, and classical schemes on the same coarse grid.

    python benchmarks/blade_frontier.py DIR CACHE OUT.csv OUT.png [EQUATION...]

DIR holds photographs, CACHE keeps the solutions at four times the resolution. For each of the four
equations, each scheme runs up to the stopping time with ever more steps. Its error is that on all
photographs, its time that of one picture of 1024² after the first call. Where equations are named, rows
of others that OUT.csv has are kept.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from imagepde import pde, tasks, training, zoo
from imagepde.explain.anatomy import new_figure, save_figure
from imagepde.images.files import read_csv, write_csv
from imagepde.training import surrogates
from timing import median_seconds

EQUATIONS = {name: flow.title for name, flow in pde.FLOWS.items()}
FAMILIES = ("blade", "blade_flux", "blade_stable", "phase_field")
SIDE = 1024
SCHEMES = ("explicit", "AOS", "FED", *FAMILIES, "semi-implicit")
STEPS = (2, 5, 10, 20, 40, 80, 160, 320, 640)


def fed(flow, time, cycles):
    """Cycles of fast explicit diffusion, the diffusivity anew for each where there is one."""
    bound, length = flow.stable_time_step(), 1
    while cycles * pde.cycle_time(length, bound) < time:
        length += 1
    bound *= time / (cycles * pde.cycle_time(length, bound))

    def cycle(u):
        if not isinstance(flow, pde.DiffusivityFlow):
            return pde.fed_cycle(flow.rate, u, bound, length)
        g = flow.diffusivity(u)
        return pde.fed_cycle(lambda v: pde.diffusion_rate(v, g), u, bound, length)

    return cycles * length, lambda u: pde.repeat(cycle, u, cycles)


def splitting(flow, time, steps):
    """Additive operator splitting."""
    return lambda u: pde.repeat(
        lambda v: pde.additive_splitting_step(v, flow.diffusivity(v), time / steps), u, steps
    )


def schemes(name, flow, time):
    """`(scheme, steps, function)` for all schemes that apply to a flow."""

    def compiled(function):
        return tf.function(function, jit_compile=flow.compile_whole)

    for steps in STEPS:
        explicit = compiled(lambda u, n=steps: pde.integrate(flow.rate, u, time / n, n))
        yield "explicit", steps, explicit
        if name == "cahn_hilliard":
            yield "semi-implicit", steps, compiled(lambda u, n=steps: flow.advance(u, time, n))
        if isinstance(flow, pde.DiffusivityFlow) and steps <= 80:
            yield "AOS", steps, compiled(splitting(flow, time, steps))
        if name != "cahn_hilliard" and steps <= 40:
            evaluations, function = fed(flow, time, steps)
            yield "FED", evaluations, compiled(function)
    for architecture in FAMILIES:
        if f"{architecture}.{name}" not in zoo.list_models():
            continue
        trained = zoo.card(f"{architecture}.{name}").config["time_step"]
        for factor in (1, 2, 4):
            model = zoo.load(
                f"{architecture}.{name}",
                time_step=trained / factor,
                steps=round(time / trained) * factor,
            )
            yield architecture, 10 * factor, lambda u, model=model: model.predict_on_batch(u)


def measure(name, source, cache):
    """One row for each scheme and number of steps."""
    recipe = training.recipe(f"blade.{name}")
    task = tasks.FlowTask(recipe.task.targets, 10, cache)
    flow, time = task.targets.equation, 10 * task.targets.time_step
    groups = surrogates.Sequences(task, source).groups
    large = np.resize(groups[0][0, 0], (SIDE, SIDE)).astype("float32")[None, ..., None]
    identity = psnr([(group[:, 0], group[:, 10]) for group in groups])
    rows = [row(name, "identity", 0, identity, 0.0)]
    for scheme, steps, function in schemes(name, flow, time):
        results = [(np.asarray(function(g[:, 0, ..., None]))[..., 0], g[:, 10]) for g in groups]
        seconds = median_seconds(lambda f=function: np.asarray(f(large)), repeats=3)
        rows.append(row(name, scheme, steps, psnr(results), 1e9 * seconds / SIDE**2))
        print(rows[-1], flush=True)
    return rows


def row(name, scheme, steps, psnr, milliseconds):
    """A row of the CSV file."""
    return {
        "equation": name,
        "scheme": scheme,
        "steps": steps,
        "psnr": psnr,
        "ms_per_megapixel": milliseconds,
    }


def psnr(pairs):
    """Mean over pictures; not a number where one is none."""
    values = [np.asarray(tasks.psnr(b[..., None], a[..., None])) for a, b in pairs]
    return float(np.mean(np.concatenate(values)))


def draw(rows):
    """Four panels, one an equation; what exploded is left out."""
    figure = new_figure(figsize=(7.5, 7))
    for axis, (name, title) in zip(figure.subplots(2, 2).flat, EQUATIONS.items(), strict=True):
        of_equation = [r for r in rows if r["equation"] == name]
        for scheme in dict.fromkeys(r["scheme"] for r in of_equation):
            chosen = [r for r in of_equation if r["scheme"] == scheme]
            if scheme == "identity":
                axis.axhline(chosen[0]["psnr"], color="grey", linestyle=":", label="doing nothing")
                continue
            chosen = [r for r in chosen if np.isfinite(r["psnr"]) and r["psnr"] > 10]
            x, y = ([r[key] for r in chosen] for key in ("ms_per_megapixel", "psnr"))
            colour = f"C{SCHEMES.index(scheme)}"
            marker = "*" if scheme.startswith("blade") else "."
            size = 9 if marker == "*" else 6
            axis.plot(x, y, marker=marker, markersize=size, label=scheme, color=colour)
        axis.set_xscale("log")
        axis.set_title(title)
        axis.set_xlabel("ms a megapixel")
        axis.set_ylabel("PSNR in dB")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    return figure


def main(folder, cache, csv, picture, *names):
    """Measures equations and writes table and plot."""
    source, names = training.open_source(folder), names or tuple(EQUATIONS)
    rows = read_csv(csv) if Path(csv).is_file() else []
    rows = [r for r in rows if r["equation"] not in names]
    rows += [r for name in names for r in measure(name, source, cache)]
    rows.sort(key=lambda r: list(EQUATIONS).index(r["equation"]))
    write_csv(csv, rows)
    save_figure(draw(rows), Path(picture))


if __name__ == "__main__":
    main(*sys.argv[1:])
