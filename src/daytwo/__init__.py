"""daytwo runs Day 2 for Kubernetes: observe, judge, remember, act."""

__version__ = "0.1.0"
