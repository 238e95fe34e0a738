"""`imagepde explain filters | features | surrogate`: figures of surrogates of equations."""

from .common import matching_models, open_model, read_input, start_backend
from .explain import Name, Names, Output, Picture, app
from .figures import check_figure, known_task, write_figure


@app.command()
def filters(name: Name, output: Output):
    """The bank of filters of a surrogate.

    Example:

        imagepde explain filters blade.tv_flow filters.png
    """
    start_backend(name)
    from .. import explain

    check_figure(output)
    write_figure(explain.draw_filters(open_model(name), name), output)


@app.command()
def features(name: Name, source: Picture, output: Output):
    """The quantised features of a picture by which a surrogate selects its filters.

    Example:

        imagepde explain features blade.tv_flow skimage:camera features.png
    """
    start_backend(name)
    from .. import explain
    from ..explain.states import grey_picture

    check_figure(output)
    picture = grey_picture(read_input(source))
    write_figure(explain.draw_features(open_model(name), picture, f"{name}, {source}"), output)


@app.command()
def surrogate(source: Picture, output: Output, names: Names):
    """A picture, the solution of the equation at a fine resolution, and surrogates of it.

    The picture is shrunk to a quarter. In colour, the equation is solved for each channel, and the
    surrogate selects filters by all of them.

    Examples:

        imagepde explain surrogate skimage:camera tv.png blade.tv_flow blade_flux.tv_flow

        imagepde explain surrogate skimage:astronaut colour.png blade.ced
    """
    start_backend()
    from .. import explain
    from ..errors import InputError
    from ..tasks import FlowTask

    names = matching_models(names)
    check_figure(output)
    first, *others = [known_task(name) for name in names]
    if not all(isinstance(task, FlowTask) for task in (first, *others)):
        raise InputError("Surrogates of equations are wanted, as blade.tv_flow.")
    if any(task != first for task in others):
        raise InputError("Surrogates of one equation are wanted, to be compared with its solution.")
    write_figure(
        explain.draw_surrogate(
            _beside_the_solution(names, first, read_input(source)),
            first,
        ),
        output,
    )


def _beside_the_solution(names, task, picture):
    """Titles and pictures for `draw_surrogate`."""
    import numpy as np

    from .. import zoo
    from ..tasks import psnr as psnr_of

    colours = [picture] if picture.ndim == 2 else [picture[..., k] for k in range(3)]
    pairs = [task.pair(colour, 0) for colour in colours]
    first, last = (np.stack(images, -1) for images in zip(*pairs, strict=True))
    panels = [("input", first), ("solution at 4 times the resolution", last)]
    for name in names:
        model = zoo.load(name, channels=len(colours))
        result = np.asarray(model.predict_on_batch(first[None]))
        psnr = float(psnr_of(last[None], result)[0])
        panels.append((f"{name}: {psnr:.1f} dB", result[0]))
    return [(title, np.squeeze(image)) for title, image in panels]
