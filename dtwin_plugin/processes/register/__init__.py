"""The model register: what each model is for, how it works, how well, and who answers for it, in the forms of others.

One record a model (`record.py`), from its description and its page in `docs/models`, and a small file for each form.
"""

from .record import ModelRecord, record_of, records

__all__ = ["ModelRecord", "record_of", "records"]
