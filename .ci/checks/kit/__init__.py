"""What the checks share: an account of what held, processes, and the servers a check is made of."""
