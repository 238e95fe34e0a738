"""Pairs of pictures of one's own: as given, and as they should be."""
