"""One whole local stack, started once, and everything that is looked at beside it."""
