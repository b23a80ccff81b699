"""What we talk about: frozen values without I/O, clock or logging. Everything else in daytwo depends on this, it on nothing."""
