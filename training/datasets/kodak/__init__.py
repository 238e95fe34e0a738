"""Kodak, 24 photographs that never were a JPEG."""
