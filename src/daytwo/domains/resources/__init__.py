"""Do containers ask for what they need, and is that what they may have?"""
