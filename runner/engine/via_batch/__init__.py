"""Via batch: runs are made by the service's Batch API instead of one by one."""
