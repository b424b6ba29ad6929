"""A network that can be cut: a door in front of a server that closes on everyone at once."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.serving import free_port

BLOCK_BYTES = 65536


class Network:
    """Passes bytes between its own port and the server's, until it is cut."""

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server_port = server_port
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.mend()

    def mend(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        self._listener = listener
        threading.Thread(target=self._listen, args=[listener], daemon=True).start()

    def cut(self) -> None:
        """Nobody is let in any more, and whoever is inside is thrown out in mid-sentence."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept() is woken by this, not by close().
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def _listen(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                inside, _ = listener.accept()
                threading.Thread(target=self._join, args=[inside], daemon=True).start()

    def _join(self, inside: socket.socket) -> None:
        try:
            outside = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            inside.close()
            return
        with self._lock:
            if self._listener is None:
                inside.close()
                outside.close()
                return
            self._open |= {inside, outside}
        for one, other in ((inside, outside), (outside, inside)):
            threading.Thread(target=self._pass, args=[one, other], daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := one.recv(BLOCK_BYTES):
                other.sendall(block)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def network(server_port: int) -> Iterator[Network]:
    one = Network(server_port)
    try:
        yield one
    finally:
        one.cut()
