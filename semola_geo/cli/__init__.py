"""Console scripts: ``semola-discover``, ``semola-train`` and ``semola-compare``."""

__all__: list[str] = []
