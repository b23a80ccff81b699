"""Which certificates end soon?"""
