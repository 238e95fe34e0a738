"""What can be proven of a model: the words by which layers promise and lists are filtered."""

PROPERTIES = {
    "mean": "the mean grey value of each channel is kept",
    "range": "no grey value leaves the range of the input",
    "known": "known pixels stay as they are",
    "energy": "an energy that was learned does not grow from step to step",
    "norm": "the Euclidean norm does not grow, from step to step or beyond that of the input",
    "distance": "two pictures come no further apart: ‖D(f₁) − D(f₂)‖ ≤ ‖f₁ − f₂‖",
}
"""Each property that a layer can promise, in words."""
