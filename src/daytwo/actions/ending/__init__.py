"""What the actions share that end pods: what a pod's end means, and whether another stands in its place."""
