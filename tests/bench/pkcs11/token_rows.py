"""Signatures with keys in a token, through the daemon's socket, against the floor: a bare loop over
C_Sign in one process, with as many threads as are best, on a token of its own. By turns in each
round."""

import json
import os
import shutil
import statistics

import figures
from scene import NOISY, Scene  # which finds what follows

import daemon
import softhsm

TASK = 'token-sign-p256'
WORKERS = 2
LEAST = 0.9
THREADS = (1, 2, 4)
BEYOND = 10  # microseconds, on top of a signature and two round trips


class TokenScene(Scene):
    """With a daemon that serves keys in a token, and another token for the floor."""

    PROGRAMS = ('echo_server', 'load', 'pkcs11_floor')

    def __init__(self, daemon_program, programs_folder):
        self.tokens = []
        super().__init__(daemon_program, programs_folder)
        # The daemon looks for it beside itself.
        shutil.copy(os.path.join(os.path.dirname(daemon_program), 'strongroom-token-worker'), self.folder)
        self.token = softhsm.SoftHsm()
        self.tokens.append(self.token)

    def close(self):
        super().close()
        for token in self.tokens:
            token.remove()

    def daemon_words(self):
        rest = self.token.provider(f'workers = {WORKERS}')
        return ['--config', self.place.configuration(rest=rest)]

    def start_daemon(self):
        os.environ.update(self.token.environment())
        return super().start_daemon()

    def floor(self, seconds):
        words = ['--rounds', 1, '--seconds', seconds]
        return json.loads(self.run_tool('pkcs11_floor', *words, uid=daemon.DAEMON_UID))


class TokenMeasurement:
    def __init__(self, scene, options, say):
        self.scene, self.options, self.say = scene, options, say
        self.floors = []
        self.runs = {clients: {'service': [], 'floor': []} for clients in (1, 8)}

    def run(self):
        self.scene.start_echo()
        self.scene.new_place()
        self.scene.start_daemon()
        self.scene.run_tool('load', '--socket', self.scene.place.socket, '--mode', 'prepare-token',
                            uid=NOISY)
        for number in range(1, self.options.rounds + 1):
            self.say(f'round {number} of {self.options.rounds}')
            self.floors.append(self.scene.floor(self.options.seconds / 4))
            for clients, seen in self.runs.items():
                for target in ('floor', 'service'):
                    seen[target].append(self.scene.load(
                        target, mode='kept', mix=TASK, clients=clients,
                        seconds=self.options.seconds, warm_up=self.options.seconds / 5))
        self.scene.stop_daemon()

    def as_json(self):
        return {'floors': self.floors,
                'runs': {f'{TASK}, {clients} clients': seen for clients, seen in self.runs.items()}}


def best(floor):
    return max(floor[f'threads-{threads}']['bare'] for threads in THREADS)


def all_figures(measurement):
    yield throughput(measurement)
    yield latency(measurement)
    for threads in THREADS:
        for way, words in (('bare', 'bare C_Sign'), ('provider', 'the provider, in process')):
            yield figures.Figure(
                f'token P-256, {words}, {threads} threads', '/s',
                figures.median(floor[f'threads-{threads}'][way] for floor in measurement.floors))


def throughput(measurement):
    floors = [best(floor) for floor in measurement.floors]
    rates = [seen['rate'] for seen in measurement.runs[8]['service']]
    ratio = statistics.median(rate / floor for rate, floor in zip(rates, floors))
    return figures.Figure(f'token P-256 sign, 8 clients, {WORKERS} workers', '/s',
                          figures.median(rates), figures.median(floors), ratio,
                          f'≥ {LEAST} × C_Sign', ratio >= LEAST)


def latency(measurement):
    runs = measurement.runs[1]
    times, bounds = [], []
    for service, echo, floor in zip(runs['service'], runs['floor'], measurement.floors):
        times.append(service['latency'][TASK]['p50'])
        bounds.append(floor['p50_us'] + 2 * echo['latency'][TASK]['p50'] + BEYOND)
    ratio = statistics.median(time / bound for time, bound in zip(times, bounds))
    return figures.Figure('token P-256 sign, 1 client: p50', 'µs', figures.median(times),
                          figures.median(floor['p50_us'] for floor in measurement.floors), ratio,
                          f'≤ C_Sign + 2 × echo + {BEYOND} µs', ratio <= 1)
