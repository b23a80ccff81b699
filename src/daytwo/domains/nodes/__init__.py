"""Machines: are they there, healthy, in step, with room left?"""
