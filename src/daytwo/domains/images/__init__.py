"""What is pulled to run: is it one thing, from where it should be, and known to be sound?"""
