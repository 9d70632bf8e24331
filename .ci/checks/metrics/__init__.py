"""Whether what Prometheus shows is what SQL says over the source's own log of its changes."""
