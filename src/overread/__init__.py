"""overread: a self-hosted medical image annotation job, from end to end."""
