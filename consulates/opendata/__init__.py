"""What anybody may read by machine: bulk files in the form of SMART Scheduling Links, and maps of the pages."""
