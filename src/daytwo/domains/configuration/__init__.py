"""What workloads are configured with: variables, ConfigMaps, Secrets."""
