"""A terrain over which water flows as it does outside."""
