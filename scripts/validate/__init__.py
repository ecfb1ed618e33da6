"""Expected values beside what the models give: built-in cases, and any folder of case files."""
