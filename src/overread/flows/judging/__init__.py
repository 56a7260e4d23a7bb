"""Running a job: launch it, hand out pages, take submissions."""
