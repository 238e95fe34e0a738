"""Weights of the models, one file a model; the SHA-256 of each is in its card."""
