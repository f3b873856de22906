"""Frames and messages of the Parsec wire protocol 1.0, written from its tables alone: nothing here
is shared with the daemon or the client library, so that no mistake can cancel itself out."""

import os
import socket
import struct
import time

MAGIC = 0x5EC0A710
HEADER = struct.Struct('<IHBBHBQBBBIHIHH')

KEEP, EXTENDED = 1, 2  # bits of a request's flags

CORE, SOFTWARE = 0, 1
NO_AUTH, DIRECT, JWT, PEER_CREDENTIALS = 0, 1, 2, 3

SUCCESS = 0
DESERIALIZING_BODY_FAILED = 7
OPCODE_DOES_NOT_EXIST = 9
AUTHENTICATION_ERROR = 11
AUTHENTICATOR_DOES_NOT_EXIST = 12
AUTHENTICATOR_NOT_REGISTERED = 13
CONNECTION_ERROR = 15
INVALID_HEADER = 17
NOT_AUTHENTICATED = 19
BODY_SIZE_EXCEEDS_LIMIT = 20
ADMIN_OPERATION = 21
NOT_PERMITTED = 1133
NOT_SUPPORTED = 1134
INVALID_ARGUMENT = 1135
ALREADY_EXISTS = 1139
DOES_NOT_EXIST = 1140
INVALID_SIGNATURE = 1149


def varint(number):
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def message(*fields):
    """A protobuf message of (number, value) pairs: integers, or text and bytes."""
    encoded = b''
    for number, value in fields:
        if isinstance(value, int):
            encoded += varint(number << 3) + varint(value)
        else:
            content = value.encode() if isinstance(value, str) else value
            encoded += varint(number << 3 | 2) + varint(len(content)) + content
    return encoded


def fields_of(encoded):
    """The (number, value) pairs of a message that holds integers and bytes only."""
    rest, fields = memoryview(encoded), []

    def take_varint():
        nonlocal rest
        number = shift = 0
        while True:
            byte, rest = rest[0], rest[1:]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while rest:
        key = take_varint()
        value = take_varint()
        if key & 7 == 2:
            value, rest = bytes(rest[:value]), rest[value:]
        fields.append((key >> 3, value))
    return fields


def texts_in(encoded, number):
    """Field `number` of a message, each time it is there, as text."""
    return [value.decode() for n, value in fields_of(encoded) if n == number]


def uid_auth(uid):
    return struct.pack('<I', uid)


def frame(opcode, body=b'', *, provider=None, auth_type=PEER_CREDENTIALS, auth=None, **header):
    """A request; its authentication is that of the effective user, unless `auth` says otherwise."""
    if provider is None:
        provider = CORE if opcode in (1, 8, 9, 14, 26, 27, 28, 0x8000, 0x8003, 0x8004, 0x8010) else SOFTWARE
    if auth is None:
        auth = uid_auth(os.geteuid()) if auth_type == PEER_CREDENTIALS else b''
    values = {'magic': MAGIC, 'size': 30, 'major': 1, 'minor': 0, 'flags': 0, 'provider': provider,
              'session': 0, 'content': 0, 'accept': 0, 'auth_type': auth_type,
              'body_size': len(body), 'auth_size': len(auth), 'opcode': opcode, 'status': 0,
              'reserved': 0}
    assert header.keys() <= values.keys(), header
    return HEADER.pack(*(values | header).values()) + body + auth


class Response:
    def __init__(self, received):
        (magic, size, _, _, _, self.provider, self.session, _, _, _, body_size, _, self.opcode,
         self.status, _) = HEADER.unpack_from(received)
        self.body = received[HEADER.size:]
        if (magic, size, body_size) != (MAGIC, 30, len(self.body)):
            raise ValueError(f'no response: {received.hex()}')


class Connection:
    """A client's end of one connection."""

    def __init__(self, path, timeout=30, connected=None):
        self.socket = connected or socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        if connected:
            return
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, sent):
        self.socket.sendall(sent)

    def send_slowly(self, parts, pause):
        for part in parts:
            self.send(part)
            time.sleep(pause)

    def end_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def read_to_the_end(self):
        received = b''
        while chunk := self.socket.recv(65536):
            received += chunk
        return received

    def response(self):
        """The one response of a connection that ends with it."""
        return Response(self.read_to_the_end())

    def receive(self, size):
        """As many bytes, or fewer at the end."""
        received = b''
        while len(received) < size and (chunk := self.socket.recv(size - len(received))):
            received += chunk
        return received

    def next_response(self):
        """The next response of a kept connection; None at a clean end."""
        header = self.receive(HEADER.size)
        if not header:
            return None
        return Response(header + self.receive(HEADER.unpack(header)[10]))


def ask(path, request):
    """Sends a frame over a connection of its own and gives the Response."""
    with Connection(path) as connection:
        connection.send(request)
        return connection.response()
