"""Manifests as people have them: files, folders, charts, kustomizations, dumps of clusters."""
