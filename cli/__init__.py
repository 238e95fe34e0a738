"""imagepde: a Keras model zoo of learned image PDEs.

    from imagepde import zoo

    clean = zoo.restore(photo, "trd.gauss25")

The rooms `pde`, `images`, `layers`, `zoo`, `tasks`, `training`, `export`, `explain` and `bulk` are
imported when they are first used: `import imagepde` alone imports neither Keras nor its backend.
"""

import importlib

from wrapt import when_imported

_ROOMS = ("bulk", "explain", "export", "images", "layers", "pde", "tasks", "training", "zoo")

__all__ = ["__version__", *_ROOMS]


# Keras opens a `.keras` file only if the classes in it are registered, which they are once
# `imagepde.layers` is imported. So importing Keras brings in `pde`, and a complete `pde` the layers
# (in two steps, because `pde` may be the one that is importing Keras).
@when_imported("keras")
def _import_equations(_):
    importlib.import_module(f"{__name__}.pde")


@when_imported(f"{__name__}.pde")
def _register_layers(_):
    importlib.import_module(f"{__name__}.layers")


def __getattr__(name):
    if name == "__version__":
        from importlib.metadata import version

        return version("imagepde")
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
