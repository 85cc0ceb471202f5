"""Finite groups of rotations and reflections in O(3), where nothing continuous was found."""

__all__: list[str] = []
