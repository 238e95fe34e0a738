"""Recipes of surrogates of equations, and of resampling."""

from collections.abc import Iterator

from ..tasks import Displacement, FlowTargets, FlowTask
from .recipe_record import Recipe

_SURROGATES = {
    "tv_flow": {
        "parameters": {"epsilon": 0.01},
        "time_step": 0.03,
        "steps": 200,
    },
    "perona_malik": {
        "parameters": {"contrast": 0.1},
        "time_step": 0.3,
        "steps": 48,
    },
    "ced": {
        "parameters": {"rho": 1.0, "least": 0.01, "contrast": 1e-6},
        "time_step": 0.5,
        "steps": 8,
    },
    # More smoothing where nothing flows, and less contrast needed to count as flow-like: what a
    # regulariser of noisy pictures needs.
    "ced_smooth": {
        "flow": "ced",
        "parameters": {"rho": 2.0, "least": 0.05, "contrast": 1e-10},
        "time_step": 0.5,
        "steps": 8,
    },
    "cahn_hilliard": {
        "parameters": {"gamma": 0.25},
        "time_step": 0.4,
        "steps": 40,
    },
}
"""For each surrogate its equation, if it is not named after it, the parameters, and how targets are
made: 30 frames, three times the horizon of training."""


_FEATURES = {
    "tv_flow": {"orientations": 8, "strengths": 24, "coherences": 3, "rho": 0.7},
    "perona_malik": {"orientations": 8, "strengths": 24, "coherences": 3, "rho": 0.5},
    "ced": {"strengths": 12, "coherences": 6, "rho": 1.0},
    "ced_smooth": {"strengths": 12, "coherences": 6, "rho": 0.6},
    "cahn_hilliard": {"orientations": 8, "strengths": 6, "coherences": 1, "intensities": 12},
}


def _blade() -> Iterator[Recipe]:
    """Surrogates of four equations, with plain filters and with fluxes."""
    # Where targets take long, fewer pictures do.
    pictures = {"ced": 143, "ced_smooth": 143, "cahn_hilliard": 215}
    for tag, settings in _SURROGATES.items():
        targets = FlowTargets(**{"flow": tag, "frames": 30, **settings})
        for architecture in ("blade", "blade_flux"):
            yield Recipe(
                f"{architecture}.{tag}",
                {"time_step": settings["time_step"], **_FEATURES[tag]},
                FlowTask(targets, steps=10),
                epochs=4 if tag == "ced_smooth" else 12,
                learning_rate=1e-2,
                final_learning_rate=1e-4,
                epsilon=1e-12,
                jit_compile=False,  # Its parts are compiled one by one.
                # A short training on early states left least of the noise, of those that were tried.
                sampling={"starts": [0] if tag == "ced_smooth" else [0, 0, 10, 20]},
                pictures=pictures.get(tag),
            )


_GAINS = {
    "tv_flow": {"rho": 0.7},
    "perona_malik": {"rho": 0.5},
    "ced": {"rho": 1.0, "strengths": 12, "coherences": 6},
    "ced_smooth": {"rho": 0.6, "strengths": 12, "coherences": 6},
}


_SHORT = {
    "epochs": 10,
    "steps_per_epoch": 100,
    "batch": 4,
    "learning_rate": 1e-2,
    "final_learning_rate": 1e-4,
    "jit_compile": False,
    "sampling": {"starts": [0, 0, 10, 20]},
}


_LONG_WINDOWS = {
    "epochs": 12,
    "sampling": {"starts": [0], "steps": 30},
    "optimizer": {"use_ema": True, "ema_momentum": 0.99},
}
"""Three times the horizon in one window, so that errors that add up are seen. With these and twice the
pictures, Perona–Malik has 38.9 dB at 3 T instead of 38.2, CED 35.5 instead of 35.1."""


def _stable_blade() -> Iterator[Recipe]:
    """The same with a proof: gains instead of filters; Cahn–Hilliard is no contraction."""
    for tag, features in _GAINS.items():
        settings = _SURROGATES[tag]
        targets = FlowTargets(**{"flow": tag, "frames": 30, **settings})
        training = _SHORT if tag == "tv_flow" else {**_SHORT, **_LONG_WINDOWS}
        yield Recipe(
            f"blade_stable.{tag}",
            {"time_step": settings["time_step"], "longest_step": settings["time_step"], **features},
            FlowTask(targets, steps=10),
            pictures=143,
            **training,
        )


def _phase_field() -> Iterator[Recipe]:
    """Cahn–Hilliard with an energy that cannot grow; it starts as the classical scheme."""
    settings = _SURROGATES["cahn_hilliard"]
    yield Recipe(
        "phase_field.cahn_hilliard",
        {"time_step": settings["time_step"], "gamma": settings["parameters"]["gamma"]},
        FlowTask(FlowTargets(flow="cahn_hilliard", frames=30, **settings), steps=10),
        pictures=72,
        **_SHORT,
    )


def resampling() -> Iterator[Recipe]:
    """Resampling by displacements: in closed form, so there is little left to do for Adam."""
    yield Recipe(
        "blade_resample.default",
        {},
        Displacement(blur=0.5, factor=4),
        epochs=2,
        learning_rate=1e-5,
        final_learning_rate=1e-6,
        epsilon=1e-12,
        jit_compile=False,  # Its parts are compiled one by one.
        sampling={"copies": 4},
    )


def surrogates() -> Iterator[Recipe]:
    """The recipes of all surrogates."""
    yield from _blade()
    yield from _stable_blade()
    yield from _phase_field()
