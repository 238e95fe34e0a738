"""Set12, twelve grey pictures for tests of denoisers."""
