"""Exchanges of node slots: which permutations leave a task as it is."""

__all__: list[str] = []
