"""The engine's own settings: every `JOBS_<NAME>` of `jobs.conf` from the environment."""

from dataclasses import fields

from batchsite.settings import env
from jobs.conf import Defaults

_MOST = 10**12

for _field in fields(Defaults):
    _name = f"JOBS_{_field.name}"
    if isinstance(_field.default, bool):
        globals()[_name] = env.flag(_name, default=_field.default)
    elif isinstance(_field.default, int):
        globals()[_name] = env.number(_name, _field.default, least=0, most=_MOST)
    elif isinstance(_field.default, float):
        globals()[_name] = env.decimal(_name, _field.default)
