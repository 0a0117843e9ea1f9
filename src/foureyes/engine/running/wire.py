"""The frames that cross the cage's wall: a tag, a length, bytes. Shared by both sides.

Nothing here knows what a payload means, and nothing here trusts a length.
"""

from __future__ import annotations

import array
import os
import socket
import struct
from enum import IntEnum

HEADER = struct.Struct("<BI")
"""Tag, and the length of the payload that follows."""

Bytes = bytes | bytearray | memoryview


class Tag(IntEnum):
    """Tags of the cage itself. A program uses 0 to 199."""

    WORKER = 249
    """Parent to nursery, with the worker's socket: fork a worker."""
    HELLO = 250
    """Guard to parent, with a pidfd where the system has them: the worker's process id."""
    READY = 251
    """Child to parent: imported (nursery) or sealed (worker); the payload names the layers."""
    STATUS = 252
    """Nursery to parent: how the worker ended."""
    UNBUILT = 253
    """Child to parent: the cage could not be built, in words."""
    FAULT = 254
    """Worker to parent: this question ends in a fault: one byte of code, then text."""
    END = 255
    """Worker to parent: this question is answered."""


LAST_PROGRAM_TAG = 199


class Closed(Exception):
    """The other side is gone."""


def send(sock: socket.socket, tag: int, payload: Bytes = b"", fd: int | None = None) -> None:
    """Send one frame whole, with a file descriptor where one is given.

    Raises Closed if the other side is gone, BlockingIOError if it reads nothing for the socket's time.
    """
    body = memoryview(payload).cast("B") if not isinstance(payload, bytes) else memoryview(payload)
    header = HEADER.pack(tag, len(body))
    try:
        sent = sock.sendmsg([header, body], [] if fd is None else rights(fd)) - len(header)
        if sent < 0:
            sock.sendall(header[sent:])
            sent = 0
        if sent < len(body):
            sock.sendall(body[sent:])
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed from error


def rights(fd: int) -> list[tuple[int, int, array.array[int]]]:
    """What `sendmsg` takes beside the bytes to hand over a descriptor."""
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]


def receive_with_fd(sock: socket.socket, payload_at_most: int) -> tuple[int, bytes, int | None]:
    """One frame and the descriptor that came with it. Raises Closed at the end or on a bad length."""
    try:
        header, ancillary, _, _ = sock.recvmsg(HEADER.size, socket.CMSG_SPACE(4), socket.MSG_WAITALL)
    except ConnectionResetError as error:
        raise Closed from error
    fd = _only_fd(ancillary)
    if len(header) == HEADER.size:
        tag, length = HEADER.unpack(header)
        if length <= payload_at_most:
            payload = sock.recv(length, socket.MSG_WAITALL) if length else b""
            if len(payload) == length:
                return tag, payload, fd
    if fd is not None:
        os.close(fd)
    raise Closed


def receive(sock: socket.socket, payload_at_most: int) -> tuple[int, bytes]:
    """One frame from a side that is trusted to send no descriptors."""
    tag, payload, fd = receive_with_fd(sock, payload_at_most)
    if fd is not None:
        os.close(fd)
    return tag, payload


def _only_fd(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    for surplus in fds[1:]:
        os.close(surplus)
    return fds[0] if fds else None
