"""Many tables into a real MinIO, and into a warehouse, by a job that is killed."""
