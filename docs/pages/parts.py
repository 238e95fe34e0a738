"""What the generated pages share: results from the cards, and the head of a table."""

from imagepde.zoo import card, list_models


def results_of(name):
    """The results in the card of a model, none for one that is not there."""
    return card(name).results if name in list_models() else []


def result(name, data, task):
    """The entry of a card for these pictures and this task, `None` if there is none.

    Args:
        name: Name of a model.
        data: `{"name": …}`, with how the pictures were prepared.
        task: `{"kind": …}`, with the numbers that belong to it.
    """
    for entry in results_of(name):
        if (entry["data"], entry["task"]) == (data, task):
            return entry
    return None


def noise(sigma):
    """The task of removing Gaussian noise of one strength."""
    return {"kind": "gaussian_noise", "sigma": sigma}


def table_head(title, columns):
    """The lines before the rows of a Markdown table."""
    return [f"## {title}", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
