"""What protects the people on the images: erasing them, blacking out text, reaching a child."""
