"""The scenario: the YAML file, its validated and frozen model, its lint."""
