"""Plans tested against rules: what is measured, the rules in a file, and an outcome for each rule and object."""
