"""What ./dev bench measures, and how: each scenario against the service and against its floor by
turns, several rounds of them."""

import dataclasses
import json
import statistics

from meter import Meter, Peak, SystemCalls


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A load, the same for the service and for the echo server."""
    name: str
    mode: str
    mix: str
    clients: int = 1
    depth: int = 1

    def options(self, seconds):
        return {'mode': self.mode, 'mix': self.mix, 'clients': self.clients, 'depth': self.depth,
                'seconds': seconds, 'warm_up': seconds / 5}


PING_KEPT = Scenario('Ping, kept', 'kept', 'ping')
PING_CONNECTING = Scenario('Ping, connecting', 'connecting', 'ping')
P256_KEPT = Scenario('P-256 sign, kept, 8×8', 'kept', 'sign-p256', 8, 8)
P256_CONNECTING = Scenario('P-256 sign, 8 connecting', 'connecting', 'sign-p256', 8)
RSA = Scenario('RSA-2048 sign, kept, 8×8', 'kept', 'sign-rsa2048', 8, 8)
HASH = Scenario('SHA-256 of 1 MiB, kept, 4×2', 'kept', 'hash-1m', 4, 2)
AEAD = Scenario('AES-256-GCM of 1 MiB, kept, 4×2', 'kept', 'aead-1m', 4, 2)
SCENARIOS = (PING_KEPT, PING_CONNECTING, P256_KEPT, P256_CONNECTING, RSA, HASH, AEAD)
COUNTED = (PING_KEPT, PING_CONNECTING, P256_KEPT)  # whose system calls are counted

STARTS = 5


class Measurement:
    """Everything that was measured, as it goes into the JSON file."""

    def __init__(self, scene, options, say):
        self.scene, self.options, self.say = scene, options, say
        self.crypto = []  # of each round
        self.runs = {scenario.name: {'service': [], 'floor': []} for scenario in SCENARIOS}
        self.memory = {}
        self.starts = {}

    def run(self):
        self.scene.start_echo()
        self.scene.new_place()
        self.measure_starts('0 keys')
        self.measure_idle_memory()
        self.scene.prepare_keys()
        self.say('warming up')
        self.measure_rounds()
        self.count_system_calls()
        self.scene.stop_daemon()
        self.measure_keys()

    def measure_starts(self, name):
        """The first start makes what the others find."""
        self.start()
        taken = []
        for _ in range(STARTS if self.options.rounds > 1 else 1):
            self.scene.stop_daemon()
            taken.append(self.start())
        self.starts[name] = {'ms': statistics.median(taken) * 1000, 'all_ms': [
            seconds * 1000 for seconds in taken]}

    def start(self):
        pid, seconds = self.scene.start_daemon()
        self.daemon = Meter(pid)
        return seconds

    def measure_idle_memory(self):
        self.memory['idle_kib'] = self.daemon.anonymous_kib()

    def measure_rounds(self):
        self.peak = Peak(self.daemon)
        for number in range(1, self.options.rounds + 1):
            self.say(f'round {number} of {self.options.rounds}')
            words = ['--seconds', self.options.seconds / 4]
            self.crypto.append(json.loads(self.scene.run_tool('crypto_floor', *words)))
            for scenario in SCENARIOS:
                for target in ('floor', 'service'):
                    self.runs[scenario.name][target].append(self.measure(scenario, target))
        self.memory['peak_kib'] = self.peak.anonymous_kib
        self.memory['after_kib'] = self.daemon.anonymous_kib()

    def meter_of(self, target):
        return self.daemon if target == 'service' else Meter(self.scene.echo.pid)

    def measure(self, scenario, target):
        meter = self.meter_of(target)
        cpu, switches = meter.reading()
        look = self.peak.look if target == 'service' else meter.anonymous_kib
        seen = self.scene.load(target, meanwhile=look, **scenario.options(self.options.seconds))
        cpu_after, switches_after = meter.reading()
        answered = max(seen['answered'], 1)
        seen['cpu_us'] = (cpu_after - cpu) / answered
        seen['switches'] = (switches_after - switches) / answered
        return seen

    def count_system_calls(self):
        self.system_calls = {}
        for scenario in COUNTED:
            for target in ('floor', 'service'):
                calls = SystemCalls(self.meter_of(target).pid, self.scene.folder)
                seen = self.scene.load(target, **scenario.options(self.options.seconds / 4))
                counted = calls.count()
                self.system_calls[scenario.name, target] = counted and {
                    name: number / max(seen['answered'], 1) for name, number in counted.items()}

    def measure_keys(self):
        """How long a start takes over many keys, and what each of them takes of memory. Over keys
        that a start found, because those just made may still be in a cache."""
        self.say(f'making {self.options.keys} keys')
        self.start()
        few = self.daemon.anonymous_kib()
        made = self.scene.load('service', mode='connecting', mix='generate-p256', clients=32,
                               count=self.options.keys, seconds=600)
        self.memory['keys'] = made['statuses'].get('0', 0)
        self.memory['with_keys_just_made_kib'] = self.daemon.anonymous_kib()
        self.scene.stop_daemon()
        self.measure_starts(f'{self.options.keys} keys')
        self.memory['with_few_keys_kib'] = few
        self.memory['with_keys_kib'] = self.daemon.anonymous_kib()
        self.scene.stop_daemon()

    def as_json(self):
        return {'crypto': self.crypto, 'runs': self.runs, 'memory': self.memory,
                'starts': self.starts, 'system_calls': {
                    f'{scenario}: {target}': calls
                    for (scenario, target), calls in self.system_calls.items()}}
