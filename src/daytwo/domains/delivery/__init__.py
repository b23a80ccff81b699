"""How declarations get into the cluster: will the API take them, who applies them, and does the cluster still say the same?"""
