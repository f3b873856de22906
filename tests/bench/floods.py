"""What ./dev bench --flood measures: how long a quiet user waits while noisy ones do their worst.

Service, noise and the quiet client share the cores. All noise is made at nice 19, so that the quiet
client does not wait for a core that the noise takes: what is measured is the service, not the lack
of another core. Requests of the quiet client are due at fixed times, and counted from then.
"""

import dataclasses
import json
import operator
import os
import signal
import statistics
import time

from figures import Figure, aligned, median, number
from meter import Meter, Peak
from scene import NOISY, NOISY_CROWD, QUIET, Failure
from steps import Scenario

CORES = os.cpu_count()
SLOW_WORKERS = max(1, CORES - 1)  # of the software provider; generations run there
KEPT = Scenario('kept', 'kept', 'ping,sign-p256', 4, 4)
CONNECTING = Scenario('connecting', 'connecting', 'ping,sign-p256', 16)
TASKS = {'ping': 'Ping', 'sign-p256': 'P-256 sign'}
RATE = 800  # a second for each of kept and connecting, half of it for each task
PIPELINED = 'sign-p256,sign-rsa2048,hash-1m,aead-1m'
TARGET = '≤ max(10 × alone, 1.5 × echo + 300 µs)'
SETTLED = 0.05  # of a core
LONG = 3600  # seconds; noise ends when it is told to


@dataclasses.dataclass(frozen=True)
class Flood:
    """`busy` workers it keeps at work: as many hogs stand beside the echo that it is compared
    with. `noise` gives (program, uid, options) for each of its processes."""
    name: str
    busy: int
    noise: tuple


def load(uid=NOISY, **options):
    return 'load', uid, {'target': 'service', 'seconds': LONG} | options


def flood(uid=NOISY, **options):
    return 'flood', uid, options


def crowd(connections, each, **options):
    """As many users as it takes when none may hold more than `each`."""
    return tuple(flood(uid, connections=each, **options)
                 for uid in NOISY_CROWD[:connections // each])


FLOODS = (
    Flood('64 connections of RSA-4096 generation', SLOW_WORKERS,
          (load(mode='connecting', clients=64, mix='generate-rsa4096'),)),
    Flood('64 connections pipelining P-256 signatures', CORES,
          (load(mode='kept', clients=64, depth=8, mix='sign-p256'),)),
    Flood('64 connections pipelining all kinds', CORES,
          (load(mode='kept', clients=64, depth=8, mix=PIPELINED),)),
    Flood('1,000 half-sent headers, renewed', 0, crowd(1000, 250, send=18)),
    Flood('200 bodies of 1 MiB, a byte at a time', 0,
          (flood(connections=200, task='hash-1m', send=36, drip_every=20),)),
    Flood('10,000 connects a second', 0, (flood(rate=10000, send=0, then='hang-up'),)),
    Flood('3,000 idle connections', 0, crowd(3000, 250, send=0)),
    Flood('abandoned RSA-4096 generations', SLOW_WORKERS,
          (flood(rate=200, task='generate-rsa4096', then='hang-up'),)),
)


class FloodMeasurement:
    def __init__(self, scene, options, say):
        self.scene, self.options, self.say = scene, options, say
        self.modes = [KEPT, CONNECTING]
        # Of each round what load saw, by mode: 'alone', with the 'echo' floor, 'beside' the flood;
        # and what the flood took.
        self.rounds = {flood.name: [] for flood in FLOODS}

    def run(self):
        self.scene.start_echo()
        self.scene.new_place()
        pid, _ = self.scene.start_daemon()
        self.meter = Meter(pid)
        for uid in (QUIET, NOISY):
            self.scene.prepare_keys(uid)
        self.leave_out_what_is_not_kept()
        for number in range(1, self.options.rounds + 1):
            self.say(f'round {number} of {self.options.rounds}')
            self.measure_round()

    def leave_out_what_is_not_kept(self):
        probe = self.scene.load('service', uid=QUIET, mode='kept', mix='ping', seconds=0.05)
        self.is_kept = probe['kept']
        if not self.is_kept:
            self.modes.remove(KEPT)

    def measure_round(self):
        for flood in FLOODS:
            self.say(f'  {flood.name}')
            brief = self.options.seconds / 2
            seen = {'alone': self.measure_quiet('service', brief)}
            hogs = self.scene.start_hogs(flood.busy)
            seen['echo'] = self.measure_quiet('floor', brief)
            self.scene.end_children(hogs)
            self.rounds[flood.name].append(seen | self.measure_beside(flood))

    def measure_quiet(self, target, seconds, meanwhile=None):
        """Kept and connecting at a time, each at its rate."""
        loads = {mode.name: self.scene.start_load(
            target, uid=QUIET, rate=RATE, patience=5, **mode.options(seconds))
                 for mode in self.modes}
        return {name: self.scene.outcome(load, meanwhile) for name, load in loads.items()}

    def measure_beside(self, flood):
        before = self.state()
        peak = Peak(self.meter)
        cpu = self.meter.cpu_us()
        began = time.monotonic()
        noise = [self.start_noise(*process) for process in flood.noise]
        time.sleep(self.options.seconds / 4)
        seen = self.measure_quiet('service', self.options.seconds, peak.look)
        passed = time.monotonic() - began
        made = self.end_noise(noise)
        used = (self.meter.cpu_us() - cpu) / 1e6 / passed
        settled = self.settle()
        return {'beside': seen, 'noise': made, 'seconds': passed, 'cores': used, 'before': before,
                'peak': {'kib': peak.anonymous_kib, 'descriptors': peak.descriptors},
                'after': self.state(), 'settled_s': settled}

    def state(self):
        if self.scene.daemon.poll() is not None:
            raise Failure(f'the daemon ended: {self.scene.place.read_log()[-4000:]}')
        return {'kib': self.meter.anonymous_kib(), 'descriptors': self.meter.descriptors()}

    def start_noise(self, program, uid, options):
        if not self.is_kept and options.get('mode') == 'kept':
            options = options | {'mode': 'connecting'}
        words = ['--socket', self.scene.place.socket]
        for name, value in options.items():
            words += ['--' + name.replace('_', '-'), value]
        return self.scene.spawn(program, *words, uid=uid, nice=19)

    def end_noise(self, noise):
        """Summed up over its processes."""
        total = {}
        for child in noise:
            child.terminate()
        for child in noise:
            out, said = child.communicate(timeout=60)
            self.scene.children.remove(child)
            # One that never got as far as to catch the signal has made none.
            if not out and child.returncode != -signal.SIGTERM:
                raise Failure(f'the noise ended by itself: {said.strip()}')
            for name, count in counts_of(json.loads(out or '{}')).items():
                total[name] = total.get(name, 0) + count
        return total

    def settle(self):
        """Until the daemon has nothing more to do; gives the seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < 30:
            cpu = self.meter.cpu_us()
            time.sleep(0.2)
            if self.meter.cpu_us() - cpu < SETTLED * 0.2e6:
                break
        return time.monotonic() - began

    def as_json(self):
        return {'floods': self.rounds}


def counts_of(seen):
    """Of what load or flood printed: numbers to add up."""
    if 'statuses' not in seen:
        return seen
    served = seen['statuses'].get('0', 0)
    return {'served': served, 'refused': seen['answered'] - served, 'lost': seen['lost'],
            'unconnected': seen['unconnected'], 'wrong': seen['wrong']}


def p99_of(seen, mode, task, key='p99'):
    return seen[mode]['latency'].get(task, {}).get(key)


def failed(seen):
    return (seen['answered'] - seen['statuses'].get('0', 0) + seen['lost'] + seen['unanswered'] +
            seen['unconnected'] + seen['wrong'] + seen['checks'].get('wrong', 0))


@dataclasses.dataclass
class Wait(Figure):
    """How long a quiet user waited beside a flood. Value is p99, floor the most it may be."""
    p999: float | None = None
    alone: float | None = None  # p99 on the quiet machine
    echo: float | None = None   # p99 of the echo server beside hogs
    failed: int = 0             # requests; one is enough to miss the target


def all_figures(measurement):
    for flood in FLOODS:
        for mode in measurement.modes:
            for task, words in TASKS.items():
                yield wait(measurement, flood, mode.name, task,
                           f'{flood.name}: {words}, {mode.name}')


def wait(measurement, flood, mode, task, name):
    """The ratio is the median of the rounds', each to what was the most in that round."""
    rounds = measurement.rounds[flood.name]
    values, alone, echo = ([p99_of(seen[what], mode, task) for seen in rounds]
                           for what in ('beside', 'alone', 'echo'))
    bounds = [most(*pair) for pair in zip(alone, echo)]
    figure = Wait(name, 'µs', median(values), median(bounds), target=TARGET, alone=median(alone),
                  echo=median(echo), reached=False,
                  failed=sum(failed(seen['beside'][mode]) for seen in rounds),
                  p999=median(p99_of(seen['beside'], mode, task, 'p999') for seen in rounds))
    if None not in values + bounds:
        figure.ratio = statistics.median(map(operator.truediv, values, bounds))
        figure.reached = figure.ratio <= 1 and figure.failed == 0
    return figure


def table(figures):
    rows = [('', 'p99', 'p99.9', 'p99 alone', 'p99 of echo', 'p99 at most', 'ratio', 'failed', '')]
    for figure in figures:
        times = (figure.value, figure.p999, figure.alone, figure.echo, figure.floor)
        rows.append((figure.name, *(number(time, 'µs') for time in times),
                     '' if figure.ratio is None else f'{figure.ratio:.2f}',
                     str(figure.failed), figure.verdict))
    return aligned(rows)


def most(quiet, echo):
    if quiet is None or echo is None:  # a machine that did not get round to it
        return None
    return max(10 * quiet, 1.5 * echo + 300)


def states(measurement):
    """A table of what each flood took: the last round's, for people."""
    yield ('', 'memory KiB before/peak/after', 'descriptors before/peak/after', 'cores',
           'settled after', 'noise')
    for flood in FLOODS:
        seen = measurement.rounds[flood.name][-1]
        spans = ['/'.join(str(seen[when][what]) for when in ('before', 'peak', 'after'))
                 for what in ('kib', 'descriptors')]
        noise = ', '.join(f'{count} {name}' for name, count in seen['noise'].items() if count)
        yield (flood.name, *spans, f'{seen["cores"]:.2f}', f'{seen["settled_s"]:.1f} s',
               noise)


def curves(measurement, mode, task):
    """(name, curves, is_floor) for a picture: alone, echo beside hogs, and beside each flood."""
    def curves_of(what, rounds):
        return [seen[what][mode]['latency'].get(task, {}).get('curve') for seen in rounds]
    every = [seen for rounds in measurement.rounds.values() for seen in rounds]
    yield 'echo beside hogs', curves_of('echo', every), True
    yield 'alone', curves_of('alone', every), False
    for flood in FLOODS:
        yield flood.name, curves_of('beside', measurement.rounds[flood.name]), False
