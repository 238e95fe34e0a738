"""Model cards, one JSON file a model."""
