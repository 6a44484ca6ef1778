"""What happens to a job: every change of its status, and who works on it."""
