"""What the generated pages share: results from the cards, and the head of a table."""

from imagepde.zoo import card, list_models


def results_of(name):
    """The results in the card of a model, none for one that is not there."""
    return card(name).results if name in list_models() else []


def result(name, data, degradation):
    """The entry of a card for these pictures, `None` if there is none."""
    for entry in results_of(name):
        if (entry["data"], entry["degradation"]) == (data, degradation):
            return entry
    return None


def table_head(title, columns):
    """The lines before the rows of a Markdown table."""
    return [f"## {title}", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
