"""What bin/demo and bin/test share: the clone's own environment. Standard library only."""
