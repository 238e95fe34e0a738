"""BSD68, 68 grey photographs for tests of denoisers."""
