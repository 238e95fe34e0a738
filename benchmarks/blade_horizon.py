"""Accuracy of surrogates beyond the ten steps of their training, and with smaller time steps.

    python benchmarks/blade_horizon.py DIR CACHE OUT.csv OUT.png

DIR holds photographs, CACHE keeps the solutions at four times the resolution, 100 frames of each.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
from imagepde import pde, tasks, training, zoo
from imagepde.explain.anatomy import new_figure, save_figure
from imagepde.images.files import write_csv
from imagepde.training import surrogates

EQUATIONS = {name: flow.title for name, flow in pde.FLOWS.items()}
FAMILIES = (("blade",), ("blade_flux",), ("blade_stable", "phase_field"))
"""A row of panels each."""

FRAMES = range(10, 101, 10)
VARIANTS = {"τ": (1, "euler"), "τ/2": (2, "euler"), "τ/4": (4, "euler"), "midpoint": (1, "midpoint")}


def measure(name, source, cache):
    """PSNR, and the largest value, at some frames: rows of the CSV file."""
    recipe = training.recipe(f"blade.{name}")
    targets = dataclasses.replace(recipe.task.targets, frames=max(FRAMES))
    groups = surrogates.Sequences(tasks.FlowTask(targets, 10, cache), source).groups
    rows = [row(name, "identity", "", f, groups, [g[:, 0] for g in groups]) for f in FRAMES]
    for architecture in families(name):
        for variant, (factor, scheme) in VARIANTS.items():
            options = {"steps": 10 * factor, "time_step": targets.time_step / factor}
            if "scheme" in zoo.find_architecture(architecture).defaults():
                options["scheme"] = scheme
            elif scheme != "euler":
                continue
            model = zoo.load(f"{architecture}.{name}", **options)
            states = [group[:, 0, ..., None] for group in groups]
            for frame in FRAMES:
                states = [np.asarray(model.predict_on_batch(state)) for state in states]
                found = [state[..., 0] for state in states]
                rows.append(row(name, architecture, variant, frame, groups, found))
            print(rows[-1], flush=True)
    return rows


def families(name):
    """The families that have a model of this equation."""
    return [a for group in FAMILIES for a in group if f"{a}.{name}" in zoo.list_models()]


def row(name, architecture, variant, frame, groups, states):
    """How near the states are to the solution."""
    values = [
        np.asarray(tasks.psnr(group[:, frame, ..., None], state[..., None]))
        for group, state in zip(groups, states, strict=True)
    ]
    return {
        "equation": name,
        "model": architecture,
        "variant": variant,
        "frame": frame,
        "psnr": float(np.mean(np.concatenate(values))),
        "largest": float(max(np.abs(state).max() for state in states)),
    }


def draw(rows):
    """One panel an equation and architecture."""
    measured = {(r["equation"], r["model"]) for r in rows}
    groups = [group for group in FAMILIES if any(model in group for _, model in measured)]
    figure = new_figure(figsize=(7.5, 2.2 * len(EQUATIONS)))
    axes = figure.subplots(len(EQUATIONS), len(groups), squeeze=False, sharex=True)
    for line, (name, title) in enumerate(EQUATIONS.items()):
        for column, group in enumerate(groups):
            axis = axes[line, column]
            architecture = next((a for a in group if (name, a) in measured), None)
            if architecture is None:
                axis.axis("off")
                continue
            for variant in ("", *VARIANTS):
                model = architecture if variant else "identity"
                chosen = [
                    r
                    for r in rows
                    if (r["equation"], r["model"], r["variant"]) == (name, model, variant)
                ]
                x, y = ([r[key] for r in chosen] for key in ("frame", "psnr"))
                style = {"marker": "."} if variant else {"color": "grey", "linestyle": ":"}
                axis.plot(x, y, label=variant or "doing nothing", **style)
            axis.axvline(10, color="black", linewidth=0.5)
            axis.set_title(f"{architecture}: {title}", fontsize=10)
            axis.grid(alpha=0.3)
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=8
    )
    figure.supxlabel("time in τ", fontsize=10)
    figure.supylabel("PSNR in dB", fontsize=10)
    return figure


def main(folder, cache, csv, picture):
    """Measures all surrogates and writes table and plot."""
    source = training.open_source(folder, first=6)
    rows = [r for name in EQUATIONS for r in measure(name, source, cache)]
    write_csv(csv, rows)
    save_figure(draw(rows), Path(picture))


if __name__ == "__main__":
    main(*sys.argv[1:])
