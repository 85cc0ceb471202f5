"""Radius and nearest-neighbour graphs in plain PyTorch, exact and for batches of graphs."""

from semola_geo.graphs.knn import knn_graph
from semola_geo.graphs.radius import radius_graph
from semola_geo.graphs.transforms import KNNGraph, RadiusGraph

__all__ = ["KNNGraph", "RadiusGraph", "knn_graph", "radius_graph"]
