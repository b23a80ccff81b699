"""The Kubernetes API: what its objects look like on the wire, and reading them live."""
