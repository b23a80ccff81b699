"""`daytwo doctor`: what works here."""
