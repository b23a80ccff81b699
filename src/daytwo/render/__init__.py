"""How it reads: a Report and a View in, text out. Pure: no clock, no files, no terminal."""
