"""The web server's port: taken before anything is started, so that "in use" is said at once."""

import http.client
import socket


def loopback_socket(port: int) -> socket.socket:
    """A TCP socket bound to 127.0.0.1, not listening yet; child processes may inherit it.

    Raises OSError when the port is in use or needs rights that this account does not have.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound


def answers(port: int, path: str, timeout_seconds: float = 10.0) -> bool:
    """Whether a web server answers there, with whatever status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
