"""All that knows django-q2."""
