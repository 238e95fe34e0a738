"""What the commands that draw share: the task of a model, and the file of a figure."""

import typer

from .common import (
    open_model,
)


def known_task(name):
    """What a pretrained model was trained for."""
    from .. import tasks, zoo
    from ..errors import InputError

    if name.endswith(".keras"):
        task = tasks.task_of(open_model(name))
        if task is None:
            raise InputError(f"This file has no card that tells its task. Received: {name!r}.")
        return task
    if zoo.card(name).recipe is None:
        raise InputError(f"A classical filter was not trained for a task. Received: {name!r}.")
    return tasks.task_of(name)


def check_figure(output):
    from ..images.picture_output import check_output

    check_output(output, (".png", ".svg", ".pdf"))


def write_figure(figure, output):
    from ..explain.anatomy import save_figure

    save_figure(figure, output)
    typer.echo(f"Wrote {output}.")
