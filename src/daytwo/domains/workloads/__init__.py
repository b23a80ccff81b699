"""Pods and what runs them: do they run, all of them, in the version wanted?"""
