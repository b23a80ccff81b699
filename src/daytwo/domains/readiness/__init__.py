"""Will these pods start, serve, roll and stop without anybody noticing?"""
