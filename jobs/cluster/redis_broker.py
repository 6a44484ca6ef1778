"""Redis or Valkey as django-q2's broker."""

from django_q.brokers.redis_broker import Redis
from redis.exceptions import RedisError

from jobs.cluster.brokers import MaintenanceMixin


class RedisBroker(MaintenanceMixin, Redis):
    """Redis or Valkey is the broker. While it is away, clusters find work in the database."""

    errors = (*MaintenanceMixin.errors, RedisError)

    def ping(self) -> bool:
        """Return True if the broker answers. A cluster starts without it."""
        try:
            return bool(super().ping())
        except RedisError:
            return False
