"""What a process costs, read from /proc while it runs. What the kernel does not show is None: the
memory of a daemon that cannot be dumped is for root to see."""

import contextlib
import os
import re
import signal
import subprocess
import time


class Meter:
    def __init__(self, pid):
        self.pid = pid

    def of_each_thread(self, name):
        for thread in os.listdir(f'/proc/{self.pid}/task'):
            with contextlib.suppress(OSError):  # it may have ended since
                yield self.read(f'task/{thread}/{name}')

    def cpu_us(self):
        """CPU time of all threads that there are, in µs; proc(5), schedstat."""
        return sum(int(text.split()[0]) / 1000 for text in self.of_each_thread('schedstat'))

    def switches(self):
        """Context switches of all threads: those that waited and those that were put off."""
        return sum(int(count) for text in self.of_each_thread('status')
                   for count in re.findall(r'ctxt_switches:\s+(\d+)', text))

    def reading(self):
        return self.cpu_us(), self.switches()

    def anonymous_kib(self):
        """Memory of its own, its part of what is shared included."""
        try:
            return int(re.search(r'^Pss_Anon:\s+(\d+)', self.read('smaps_rollup'), re.M)[1])
        except (OSError, TypeError):
            return None

    def descriptors(self):
        try:
            return len(os.listdir(f'/proc/{self.pid}/fd'))
        except OSError:
            return None

    def read(self, name):
        with open(f'/proc/{self.pid}/{name}', encoding='ascii') as file:
            return file.read()


class Peak:
    """The highest of readings that are taken now and then."""

    def __init__(self, meter):
        self.meter = meter
        self.anonymous_kib = self.descriptors = None

    def look(self):
        self.anonymous_kib = highest(self.anonymous_kib, self.meter.anonymous_kib())
        self.descriptors = highest(self.descriptors, self.meter.descriptors())


def highest(*values):
    return max((value for value in values if value is not None), default=None)


class SystemCalls:
    """Counts a process's system calls between construction and count(). Slows it down: a step of
    its own. Gives None where strace may not attach."""

    def __init__(self, pid, folder):
        self.path = os.path.join(folder, 'strace')
        self.process = subprocess.Popen(['strace', '-f', '-c', '-U', 'calls,name', '-o', self.path,
                                         '-p', str(pid)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.3)  # until it has attached to each thread

    def count(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        try:
            with open(self.path, encoding='utf-8') as table:
                calls = dict(reversed(line.split()) for line in table
                             if re.match(r'\s*\d+ \w+$', line))
        except OSError:
            return None
        calls.pop('total', None)
        return {name: int(number) for name, number in calls.items()} or None
