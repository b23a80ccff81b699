"""Can workloads grow when they must?"""
