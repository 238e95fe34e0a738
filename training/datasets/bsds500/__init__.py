"""BSDS500, 500 photographs of the Berkeley segmentation data set."""
