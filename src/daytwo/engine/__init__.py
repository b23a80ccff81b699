"""When it happens: observe, judge, review. The engine joins readers, judgement and memory, and is the only place that knows them all."""
