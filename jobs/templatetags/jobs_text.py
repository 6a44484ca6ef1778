"""The filter `visible`, for text of files and programs in a template."""

from django import template

from jobs.text import visible

register = template.Library()
register.filter("visible", visible, is_safe=False)
