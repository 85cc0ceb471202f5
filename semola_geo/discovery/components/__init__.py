"""Further components of a group that was found: reflections, half-turns, time reversal."""

__all__: list[str] = []
