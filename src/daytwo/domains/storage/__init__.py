"""Do pods get the volumes they ask for?"""
