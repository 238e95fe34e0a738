"""Publishes a model of one's own as a preset: into a folder, to Hugging Face or to Kaggle."""

import dataclasses
import tempfile
from pathlib import Path

from .. import zoo
from ..errors import InputError
from ..images.files import check_place
from ..zoo.hubs import check_upload, on_a_hub, upload
from ..zoo.presets import card_to_keep, check_preset_folder, licence_of, write_preset
from .publishing import card_of_run, terms_of_run
from .run_folder import RunFolder


def publish_preset(
    model: str | Path,
    to: str | Path,
    *,
    name: str | None = None,
    terms: str | None = None,
    licence: str | None = None,
) -> str:
    """Publishes a model with its card and licence, so that others can load it.

    Args:
        model: The folder of a finished run, a `.keras` file, or any other model that
            `zoo.open_model` takes.
        to: A folder, in which the model gets a folder of its own; `hf://OWNER/NAME`; or
            `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION`. What was published there before under this
            name is replaced.
        name: Name of the model in its card, `architecture.tag`, and of its folder; that of the run,
            or of the card, when `None`.
        terms: What the pictures were and under which terms they may be used. Must be given for a run
            on data whose terms are not known here, and for a model that was fine-tuned.
        licence: Licence of the weights, best as SPDX has it; `"Apache-2.0"` for a run, and otherwise
            that of the card, when `None`.

    Returns:
        What `zoo.load` takes.

    Raises:
        InputError: if the run is not finished, the model has no card, the terms are not known, or
            there is something else in the place; for a hub as `zoo.load` has it.
        ConnectionError: if a hub does not answer.

    Example:
        name = training.publish_preset("run-foe_s.gauss25", "models", terms="my photographs, CC0")
        model = zoo.load(name)
    """
    loaded, card = _with_card(model, terms, licence)
    name = card.name if name is None else name
    if not name.startswith(f"{card.architecture}.") or not all(c.isalnum() or c in "._-" for c in name):
        raise InputError(f"The name must be {card.architecture}. and a tag. Received: {name!r}.")
    card = dataclasses.replace(card, name=name)
    if on_a_hub(str(to)):
        check_upload(str(to), licence_of(card))
        with tempfile.TemporaryDirectory() as folder:
            write_preset(loaded, Path(folder, name), card, shown=str(to))
            upload(Path(folder, name), str(to), licence_of(card), f"Publish {name}")
        return str(to)
    target = Path(to, name)
    check_place(to if not Path(to).exists() else target)
    check_preset_folder(target)
    write_preset(loaded, target, card)
    return f"./{target}" if len(target.parts) == 1 else str(target)


def _with_card(model, terms, licence):
    """The model, and its card with what is said of licence and pictures."""
    run = RunFolder(model)
    if run.is_run:
        run.check_finished()
        terms = terms_of_run(run, terms)
        loaded = zoo.open_model(run.model)
        card = card_of_run(run, loaded, terms)
        return loaded, _licensed(card, licence, f"trained on {terms}")
    loaded = zoo.open_model(model)
    if not isinstance(loaded, zoo.ZooModel) or loaded.card is None:
        raise InputError(
            f"The model in {str(model)!r} has no card, so nobody would know what it is for."
        )
    card = card_to_keep(loaded)
    if "finetuned" in card.training and not card.training["finetuned"].get("terms"):
        if terms is None:
            raise InputError(
                "`terms` must say what the pictures of the fine-tuning were and how they may be used, "
                "for the card. Received: none."
            )
        tuned = {**card.training["finetuned"], "terms": terms}
        card = dataclasses.replace(card, training={**card.training, "finetuned": tuned})
        return loaded, _licensed(card, licence, f"fine-tuned on {terms}")
    return loaded, _licensed(card, licence, terms)


def _licensed(card, licence, pictures):
    """The card with another licence, and with more words on the pictures."""
    own, *said = [part.strip() for part in card.licence.split(";")]
    parts = [licence or own, *said, *([pictures] if pictures and pictures not in said else [])]
    return dataclasses.replace(card, licence="; ".join(parts))
