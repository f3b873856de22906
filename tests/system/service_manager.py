"""What a service manager does for a daemon: listens to what it tells, and passes it sockets."""

import os
import socket
import time

from daemon import PATIENCE, programs


class Notifications:
    """The socket that NOTIFY_SOCKET names (sd_notify(3))."""

    def __init__(self, case):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.socket.settimeout(PATIENCE)
        self.address = os.path.join(case.place.root, 'notify')
        self.socket.bind(self.address)
        os.chmod(self.address, 0o666)

    def environment(self, **more):
        return {'NOTIFY_SOCKET': self.address, **more}

    def receive(self):
        """The next message, as a dictionary."""
        return dict(line.split('=', 1) for line in self.socket.recv(4096).decode().split('\n'))

    def wait_for(self, is_it):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            told = self.receive()
            if is_it(told):
                return told
        raise AssertionError('it is not told')

    def of_the_next(self, seconds):
        """All messages of a time."""
        end = time.monotonic() + seconds
        told = []
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                told.append(self.receive())
            except (TimeoutError, BlockingIOError):
                break
        self.socket.settimeout(PATIENCE)
        return told


# LISTEN_PID has to be the daemon's own: set by what becomes it.
_BECOME = ('import os, sys\n'
           'names, count = sys.argv[1], int(sys.argv[2])\n'
           'for number, inherited in enumerate(map(int, sys.argv[3:3 + count])):\n'
           '    os.dup2(inherited, 3 + number)\n'
           'os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count),'
           ' LISTEN_FDNAMES=names)\n'
           'os.execv(sys.argv[3 + count], sys.argv[3 + count:])\n')


def start_with(place, descriptors, *words, **how):
    """Starts the daemon with descriptors: a list of pairs of name and socket."""
    # Out of the way of the numbers that they are to have.
    numbers = [os.dup(each.fileno()) for _, each in descriptors]
    high = []
    for number in numbers:
        copy = 100 + len(high)
        os.dup2(number, copy, inheritable=True)
        os.close(number)
        high.append(copy)
    daemon = place.spawn(['python3', '-c', _BECOME, ':'.join(name for name, _ in descriptors),
                          str(len(high)), *map(str, high), programs.daemon, *words],
                         pass_fds=high, **how)
    for number in high:
        os.close(number)
    return daemon
