"""A study: one chain of models for several scenarios, and what they are judged by."""

from .run_study import RunStudy

STUDY = (RunStudy,)
