"""One page a file; pages read the store through `dashboard.loading` and never import each other."""
