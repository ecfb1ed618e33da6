"""Models of somebody else: a description file and what calculates, plugged in without code of ours.

`reading` makes a `Model` of a description, `store` keeps what was added, `trust` what may run, and `engines` how.
"""
