"""Puts a finished training run into the zoo: weights and card."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from .. import zoo
from ..errors import InputError
from ..images.files import replacing
from ..tasks import task_of
from ..zoo import catalogue, registry
from ..zoo.hubs import on_a_hub
from ..zoo.names import is_model_file, is_preset
from ..zoo.presets import open_preset, write_preset
from ..zoo.untrained import UNTRAINED
from .flops import count_flops
from .recipe_record import Recipe
from .run_folder import RunFolder

_LICENCE = "Apache-2.0"
_UNKNOWN = "{}, pictures whose terms were not stated"
_TERMS = {
    "disks": "computed disks, free of rights",
    "bsds500": "BSDS500 (Arbeláez et al. 2011): photographs for non-commercial research and education",
}


def publish(run: str | Path, terms: str | None = None) -> zoo.ModelCard:
    """Writes weights and card of a finished run into the source tree of the zoo.

    Results are measured afterwards, by `imagepde evaluate NAME --data DIR --write-card`; those of the
    very same weights are kept.

    Args:
        run: Path of a run folder.
        terms: What the pictures were and under which terms they may be used; must be given for data
            whose terms are not known here.

    Returns:
        The `ModelCard`.

    Raises:
        InputError: if the folder is no run, the run is not finished, or the terms are not known.

    Example:
        training.train(training.recipe("foe_s.gauss25"), pictures, "runs/foe_s")
        card = training.publish("runs/foe_s", terms="my own photographs, CC0")
    """
    folder = RunFolder(run)
    folder.check_finished()
    record = folder.record()
    terms = terms_of_run(folder, terms)
    recipe = Recipe.from_dict(record["recipe"])
    model = zoo.create(recipe.architecture, **recipe.config)
    model.load_weights(folder.weights)
    card = card_of_run(folder, model, terms)
    name = recipe.name
    before = zoo.card(name) if name in zoo.list_models() else None
    if before and before.sha256 == card.sha256:
        card = dataclasses.replace(card, results=before.results)
    content = folder.weights.read_bytes()
    _write(registry.WEIGHTS, card.weights, content)
    write_card(card)
    return card


def terms_of_run(run: RunFolder, terms: str | None) -> str:
    """What the pictures of a run were and how they may be used, as given or as known here.

    Raises:
        InputError: if neither says so.
    """
    name = run.record()["data"]["name"]
    terms = terms or _TERMS.get(name)
    if terms is None:
        raise InputError(
            "`terms` must say what the pictures were and how they may be used, for the card. "
            f"Received: none for {name!r}."
        )
    return terms


def card_of_run(run: RunFolder, model: zoo.ZooModel, terms: str | None = None) -> zoo.ModelCard:
    """The card of the model that a run made, without results: nothing was measured yet.

    Args:
        run: The run, with its weights.
        model: The model with these weights.
        terms: What the pictures were and how they may be used; unknown ones are said to be so.

    Returns:
        The `ModelCard`.
    """
    record = run.record()
    recipe = Recipe.from_dict(record["recipe"])
    terms = terms or _TERMS.get(record["data"]["name"]) or _UNKNOWN.format(record["data"]["name"])
    metric, last = recipe.task.metric, run.rows()[-1]
    reached = last.get(f"val_{metric}")
    # A configuration says where a learned number started; in the card it is the learned one.
    learned = {w.name: float(w.numpy()) for w in model.weights if len(w.shape) == 0}
    config = {**zoo.find_architecture(recipe.architecture).defaults(), **recipe.config}
    return _card(
        model,
        name=recipe.name,
        architecture=recipe.architecture,
        config={key: learned.get(key, value) for key, value in config.items()},
        task=recipe.task.purpose,
        made_for=recipe.task.to_dict(),
        weights=f"{recipe.name}.weights.h5",
        sha256=hashlib.sha256(run.weights.read_bytes()).hexdigest(),
        training={
            "data": {**record["data"], "terms": terms},
            "recipe": recipe.to_dict(),
            "seconds": round(last["seconds"]),
            **({} if reached is None else {f"validation_{metric}": round(reached, 3)}),
        },
        results=[],
        licence=f"{_LICENCE}; trained on {terms}",
        made_by=record["made_by"],
    )


def _card(model: zoo.ZooModel, architecture: str, **fields: Any) -> zoo.ModelCard:
    """A card with what model and architecture say of themselves, and what is given."""
    found = zoo.find_architecture(architecture)
    return zoo.ModelCard(
        architecture=architecture,
        paper=found.paper,
        equation=found.equation,
        parameters=int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
        flops=count_flops(model, 256),
        guarantees=list(zoo.traits(model).promises),
        **fields,
    )


def publish_untrained(name: str) -> zoo.ModelCard:
    """Writes the card of a model that is not trained into the source tree of the zoo.

    Classical filters have no weights; a model for a problem has those of its regulariser.

    Results that the card has are kept if its configuration is the same.

    Args:
        name: A name of `zoo.untrained.UNTRAINED`.

    Returns:
        The `ModelCard`.

    Raises:
        InputError: for another name.

    Example:
        card = training.publish_untrained("perona_malik.gauss25")
    """
    if name not in UNTRAINED:
        raise InputError(f"{name!r} is not a model without training: {', '.join(UNTRAINED)}.")
    options, words, made_for = UNTRAINED[name]
    architecture = name.partition(".")[0]
    config = {**zoo.find_architecture(architecture).defaults(), **options}
    before = zoo.card(name) if name in zoo.list_models() else None
    model, regulariser = zoo.create(architecture, **config), config.get("regulariser")
    # An operator or a mask is known to the model itself.
    task = task_of(model)
    card = _card(
        model,
        name=name,
        architecture=architecture,
        config=config,
        task=words,
        made_for=made_for if task is None else task.to_dict(),
        weights=None,
        sha256=None,
        training={},
        results=before.results if before and before.config == config else [],
        licence=_LICENCE if regulariser is None else zoo.card(regulariser).licence,
        made_by={},
    )
    write_card(card)
    return card


def write_card(card: zoo.ModelCard) -> None:
    """Replaces the card of a model of the zoo.

    Raises:
        InputError: if the installed package cannot be written to.
    """
    text = card.to_json().encode()
    _write(catalogue.CARDS, f"{card.name}.json", text)


def add_result(name: str, result: dict[str, Any]) -> None:
    """Files a result of `tasks.evaluate` in the card of a model.

    Args:
        name: Name of a model of the zoo, or the folder of a preset.
        result: The record that `tasks.evaluate` returns first.

    Raises:
        InputError: for an unknown name, and for a preset on a hub.

    Example:
        result, _ = tasks.evaluate(model, pictures, task)
        training.add_result("foe_s.gauss25", result)
    """
    check_filing(name)
    card = zoo.card(name).with_result(result)
    if is_preset(name):
        write_preset(open_preset(name), name, card)
    else:
        write_card(card)


def check_filing(name: str) -> None:
    """Refuses a model in whose card no result can be filed, before anything is measured.

    Raises:
        InputError: for a `.keras` file and for a preset on a hub.
    """
    if is_model_file(name) or on_a_hub(name):
        raise InputError(
            "Results are filed in the zoo or in a preset on this disk: publish the model to a folder "
            f"first. Received: {name!r}."
        )


def _write(folder: Any, name: str, content: bytes) -> None:
    target = Path(str(folder), name)
    try:
        with replacing(target) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{str(target)!r} cannot be written; cards are written in a source tree that is "
            f"installed with `pip install -e`. Received: {error}."
        ) from error
