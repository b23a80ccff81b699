"""What we conclude: pure judgement, one folder a domain. Domains do not know each other; what one needs of another comes in as a value."""
