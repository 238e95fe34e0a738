"""The scripts that write the generated pages of the docs; run by `make docs`."""
