"""The model card: it checks itself, and keeps its results in order."""

import json

import pytest
from imagepde import zoo
from imagepde.errors import InputError


def test_results_are_sorted_by_their_numbers():
    card = zoo.card("foe_s.gauss25")
    for sigma in (100, 5, 15.5):
        task = {"kind": "gaussian_noise", "sigma": sigma}
        card = card.with_result({**card.results[0], "data": {"name": "all"}, "task": task})
    assert [r["task"]["sigma"] for r in card.results[:3]] == [5, 15.5, 100]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("weights", "../secret.weights.h5", "`weights` must be the name of a file"),
        ("weights", "C:\\secret.h5", "`weights`"),
        ("weights", "..", "`weights`"),
        ("parameters", "many", "`parameters` must be a number"),
        ("config", [], "`config` must be a dictionary"),
        ("made_for", {"sigma": 25}, "`made_for` must have a `kind`"),
        ("results", [{"data": "bsd68"}], r"`results\[0\]\.data` must have a `name`"),
        ("results", [3], r"`results\[0\]` must be a dictionary"),
        ("extra", 1, "`extra` is not a field"),
        ("licence", None, "`licence` must be text"),
    ],
)
def test_a_malformed_card_names_its_field(field, value, message):
    data = {**json.loads(zoo.card("foe_s.gauss25").to_json()), field: value}
    with pytest.raises(InputError, match=message) as caught:
        zoo.ModelCard.from_json(json.dumps(data))
    assert "\n" not in str(caught.value)
    assert "foe_s.gauss25" in str(caught.value)


def test_what_is_no_card_is_said():
    data = json.loads(zoo.card("foe_s.gauss25").to_json())
    del data["sha256"]
    for text, message in ((json.dumps(data), "`sha256` must be there"), ("{", "JSON"), ("3", "JSON")):
        with pytest.raises(InputError, match=message):
            zoo.ModelCard.from_json(text)
