"""Methods side by side under equal budgets: cells, their measures, tables and figures."""

__all__: list[str] = []
