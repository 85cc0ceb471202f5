"""How a target transforms of which nothing is declared."""

__all__: list[str] = []
