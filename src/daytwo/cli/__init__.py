"""Who asks, at a terminal: parse, call the engine, render. Heavy imports stay inside functions, so that `--help` is quick."""
