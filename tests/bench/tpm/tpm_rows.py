"""Signatures with keys in a TPM, through the daemon's socket, against the floor: a bare loop over
ESYS with a loaded key and a password session, on a TPM of its own. By turns in each round."""

import json
import statistics

import figures
from scene import NOISY, Scene  # which finds what follows

import daemon
import swtpm

LEAST = 0.8
FLOORS = {'tpm-sign-p256': ('sign-p256', 'P-256'), 'tpm-sign-rsa2048': ('sign-rsa-2048', 'RSA-2048')}
CLIENTS = (1, 8)
# Ways of the floor program to sign, and what they are.
WAYS = {'password': 'password session of ESYS', 'session': 'our session, in a bare loop',
        'esys': 'HMAC session of ESYS'}


class TpmScene(Scene):
    """With a daemon that serves keys in a TPM, and another TPM for the floor."""

    PROGRAMS = ('load', 'tpm_floor')

    def __init__(self, daemon_program, programs_folder):
        self.tpms = []
        super().__init__(daemon_program, programs_folder)
        for _ in range(2):
            self.tpms.append(swtpm.SwTpm())
        self.of_daemon, self.of_floor = self.tpms

    def close(self):
        super().close()
        for tpm in self.tpms:
            tpm.remove()

    def daemon_words(self):
        return ['--config', self.place.configuration(rest=self.of_daemon.provider())]

    def floor(self, seconds):
        words = ['--tcti', self.of_floor.tcti, '--tpm', self.of_floor.process.pid,
                 '--rounds', 1, '--seconds', seconds]
        return json.loads(self.run_tool('tpm_floor', *words, uid=daemon.DAEMON_UID))


class TpmMeasurement:
    def __init__(self, scene, options, say):
        self.scene, self.options, self.say = scene, options, say
        self.floors = []
        self.runs = {(mix, clients): {'service': []} for mix in FLOORS for clients in CLIENTS}

    def run(self):
        self.scene.new_place()
        self.scene.start_daemon()
        self.scene.run_tool('load', '--socket', self.scene.place.socket, '--mode', 'prepare-tpm',
                            uid=NOISY)
        for number in range(1, self.options.rounds + 1):
            self.say(f'round {number} of {self.options.rounds}')
            self.floors.append(self.scene.floor(self.options.seconds / 2))
            for (mix, clients), seen in self.runs.items():
                seen['service'].append(self.scene.load(
                    'service', mode='kept', mix=mix, clients=clients,
                    seconds=self.options.seconds, warm_up=self.options.seconds / 5))
        self.scene.stop_daemon()

    def as_json(self):
        return {'floors': self.floors, 'runs': {f'{mix}, {clients} clients': seen
                                                for (mix, clients), seen in self.runs.items()}}


def all_figures(measurement):
    for (mix, clients), runs in measurement.runs.items():
        task, name = FLOORS[mix]
        floors = [floor[task]['password']['rate'] for floor in measurement.floors]
        rates = [seen['rate'] for seen in runs['service']]
        ratio = statistics.median(rate / floor for rate, floor in zip(rates, floors))
        plural = 'client' if clients == 1 else 'clients'
        yield figures.Figure(f'TPM {name} sign, {clients} {plural}', '/s', figures.median(rates),
                             figures.median(floors), ratio, f'≥ {LEAST} × ESYS', ratio >= LEAST)
    for task, name in FLOORS.values():
        for way, words in WAYS.items():
            for key, whose in (('cpu_us', 'CPU of the process'), ('tpm_us', 'CPU of the TPM')):
                yield figures.Figure(f'TPM {name}, {words}: {whose}', 'µs', figures.median(
                    floor[task][way][key] for floor in measurement.floors))
