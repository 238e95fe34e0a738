"""The `imagepde` command."""

import errno
import gc
import os
import sys
from typing import Annotated

import typer

from .commands import (
    evaluate,
    explain_attacks,
    export,
    finetune,
    generalisation,
    noise,
    problems,
    publish,
    restore,
    segment,
    show,
    targets,
    train,
    warp,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Restores pictures with learned image PDEs: pretrained models, loaded by name.",
    epilog="Exit codes: 0 done, 1 failed, 2 input that cannot be used, 130 interrupted.",
)
app.command("list")(show.list_models)
app.command("show")(show.show)
app.command("restore")(restore.restore)
app.command("noise")(noise.noise)
app.command("deblur")(problems.deblur)
app.command("upscale")(problems.upscale)
app.command("inpaint")(problems.inpaint)
app.command("segment")(segment.segment)
app.command("warp")(warp.warp)
app.command("evaluate")(evaluate.evaluate)
app.command("train")(train.train)
app.command("finetune")(finetune.finetune)
app.command("targets")(targets.targets)
app.command("generalisation")(generalisation.generalisation)
app.command("export")(export.export)
app.command("verify")(export.verify)
# What it adds to is the app of `explain`.
app.add_typer(explain_attacks.app, name="explain")
app.command("publish")(publish.publish)


_OF_THE_DISK = (errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENAMETOOLONG, errno.ENOSPC, errno.EROFS)
"""What is wrong with a disk or a name on it, not with this program."""


def _print_version(value):
    if value:
        from . import __version__

        typer.echo(f"imagepde {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
):
    pass


def main():
    """Entry point: a user's mistake is one line on stderr and exit code 2, not a traceback."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if isinstance(error, ImportError) and "imagepde[" in str(error):
            typer.echo(f"Error: {error}", err=True)
            sys.exit(2)
        from .errors import DiskError, InputError

        of_the_disk = isinstance(error, OSError) and error.errno in _OF_THE_DISK
        if of_the_disk or isinstance(error, DiskError | ConnectionError):
            typer.echo(f"Error: {error}", err=True)
            sys.exit(1)
        if isinstance(error, InputError):
            typer.echo(f"Error: {error}", err=True)
            sys.exit(2)
        # Only now: these imports bring in Keras, which `--help` and a wrong name can do without.
        from .bulk import EngineError
        from .export import ExportError

        if not isinstance(error, ExportError | EngineError):
            raise
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)
    finally:
        gc.freeze()  # All that is left ends with the process: nothing looks for garbage in it.
