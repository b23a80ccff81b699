"""One API server: found in a kubeconfig, reached, and asked. Sources read through it, writers write; what is asked is theirs."""
