"""Does traffic reach the pods it is meant for?"""
