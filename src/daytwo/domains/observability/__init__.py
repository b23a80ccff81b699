"""Is what runs here measured, and by whom?"""
