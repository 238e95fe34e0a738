"""Puts a finished training run into the zoo: weights and card."""

import hashlib
from pathlib import Path

import numpy as np

from .. import zoo
from ..errors import InputError
from ..images.files import replacing
from ..zoo import registry
from ..zoo.untrained import UNTRAINED
from .flops import count_flops
from .recipes import Recipe
from .run_folder import RunFolder

_LICENCE = "Apache-2.0"
_TERMS = {
    "disks": "computed disks, free of rights",
    "bsds500": "BSDS500 (Arbeláez et al. 2011): photographs for non-commercial research and education",
}


def publish(run, terms=None):
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
    """
    run = RunFolder(run)
    record = run.record()
    if not run.finished:
        raise InputError(f"The training in {str(run.path)!r} is not finished; resume it first.")
    terms = terms or _TERMS.get(record["data"]["name"])
    if terms is None:
        raise InputError(
            "`terms` must say what the pictures were and how they may be used, for the card. "
            f"Received: none for {record['data']['name']!r}."
        )
    recipe = record["recipe"]
    name = recipe["name"]
    architecture_name = name.partition(".")[0]
    architecture = zoo.find_architecture(architecture_name)
    model = zoo.create(architecture_name, **recipe["config"])
    model.load_weights(run.weights)
    last = run.rows()[-1]
    content = run.weights.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    # A configuration says where a learned number started; in the card it is the learned one.
    learned = {w.name: float(w.numpy()) for w in model.weights if len(w.shape) == 0}
    config = {**architecture.defaults(), **recipe["config"]}
    before = zoo.card(name) if name in zoo.list_models() else None
    card = zoo.ModelCard(
        name=name,
        architecture=architecture_name,
        config={key: learned.get(key, value) for key, value in config.items()},
        task=Recipe(**recipe).degradation.purpose,
        paper=architecture.paper,
        equation=architecture.equation,
        parameters=int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
        flops=count_flops(model, 256),
        weights=f"{name}.weights.h5",
        sha256=sha256,
        training={
            "data": {**record["data"], "terms": terms},
            "recipe": recipe,
            "seconds": round(last["seconds"]),
            "validation_psnr": round(last["val_psnr"], 3),
        },
        results=before.results if before and before.sha256 == sha256 else [],
        licence=f"{_LICENCE}; trained on {terms}",
        made_by=record["made_by"],
        guarantees=list(zoo.traits(model).promises),
    )
    _write(registry.WEIGHTS, card.weights, content)
    write_card(card)
    return card


def publish_untrained(name):
    """Writes the card of a model that is not trained into the source tree of the zoo.

    Classical filters have no weights; a model for a problem has those of its regulariser.

    Results that the card has are kept if its configuration is the same.

    Args:
        name: A name of `zoo.classical.UNTRAINED`.

    Returns:
        The `ModelCard`.

    Raises:
        InputError: for another name.
    """
    if name not in UNTRAINED:
        raise InputError(f"{name!r} is not a model without training: {', '.join(UNTRAINED)}.")
    options, task = UNTRAINED[name]
    architecture_name = name.partition(".")[0]
    architecture = zoo.find_architecture(architecture_name)
    config = {**architecture.defaults(), **options}
    before = zoo.card(name) if name in zoo.list_models() else None
    model, regulariser = zoo.create(architecture_name, **config), config.get("regulariser")
    card = zoo.ModelCard(
        name=name,
        architecture=architecture_name,
        config=config,
        task=task,
        paper=architecture.paper,
        equation=architecture.equation,
        parameters=int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
        flops=count_flops(model, 256),
        weights=None,
        sha256=None,
        training={},
        results=before.results if before and before.config == config else [],
        licence=_LICENCE if regulariser is None else zoo.card(regulariser).licence,
        made_by={},
        guarantees=list(zoo.traits(model).promises),
    )
    write_card(card)
    return card


def write_card(card):
    """Replaces the card of a model of the zoo.

    Raises:
        InputError: if the installed package cannot be written to.
    """
    text = card.to_json().encode()
    _write(registry.CARDS, f"{card.name}.json", text)


def add_result(name, result):
    """Files a result of `evaluate` in the card of a model."""
    write_card(zoo.card(name).with_result(result))


def _write(folder, name, content):
    target = Path(str(folder), name)
    try:
        with replacing(target) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{str(target)!r} cannot be written; cards are written in a source tree that is "
            f"installed with `pip install -e`. Received: {error}."
        ) from error
