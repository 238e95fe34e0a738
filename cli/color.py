"""What every room must agree on about color: how bright red, green and blue are."""

LUMA = (0.298936, 0.587043, 0.114021)
"""BT.601 weights of red, green and blue, which sum to one."""
