"""What the authors of the course run; readers and students need none of it."""
