"""The file of a twin: its area and sources, scenarios, the chain of models that they go through, and what is compared.

`reading` makes a `Study` of a file, `links` fills in what steps ask of each other, `table` judges the indicators.
"""
