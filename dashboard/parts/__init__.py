"""Parts that pages are put together from; each shows one thing and decides nothing else."""
