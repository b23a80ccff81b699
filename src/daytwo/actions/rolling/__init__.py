"""What the actions share that change a pod template: one plan, one way to verify."""
