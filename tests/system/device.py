"""Cases with a device beside their daemon, which this user administers; and what watches how requests
fare while something happens to it."""

import contextlib
import json
import os
import re
import threading
import time

import contract
import daemon
import json_schema
import wire

SOON = 15  # seconds until keys work again, on a busy machine
DOWN = 1147
LATE = 1145
BUSY = 1141


class Case(daemon.Case):
    """Of a subclass: PROVIDER, the provider's id; NAME, its name; make_device()."""

    PROVIDER = None
    NAME = None

    def setUp(self):
        super().setUp()
        self.device = self.make_device()
        self.addCleanup(self.device.remove)

    def configure(self, rest='', service='', providers=None):
        """`rest` goes on with the device's table; `providers` come in the place of all tables."""
        path, admin = self.place.socket, self.place.admin_socket
        if providers is None:
            providers = self.device.provider(rest)
        return self.place.configuration(
            service=service,
            sockets=f'[[socket]]\npath = "{path}"\nmode = "0666"\n'
                    f'[[socket]]\npath = "{admin}"\nmode = "0660"\nadmin = true\n',
            rest=f'[admin]\nuids = [{os.geteuid()}]\ngroups = []\n{providers}')

    def start(self, rest='', service='', is_looked_at=True):
        """A daemon with both providers, once it has looked at the device: on a busy machine it
        serves before."""
        self.configuration = self.configure(rest, service)
        before = len(self.place.read_log()) if os.path.exists(self.place.log) else 0
        self.daemon = self.place.start('--config', self.configuration,
                                       environment=self.device.environment())
        if is_looked_at:
            self.wait_until_the_log_has(r"provider '[^']*' is (up|down)", since=before)
        return self.daemon

    def ask_device(self, request):
        return self.ask(daemon.ALICE, request, provider=self.PROVIDER)

    def succeed_device(self, request):
        answer = self.ask_device(request)
        self.assertEqual(answer.status, wire.SUCCESS, request)
        return answer.body

    def make_key(self, name):
        """One that is not exported, which not every device makes."""
        deadline = time.monotonic() + daemon.PATIENCE
        # A start does not wait for long for a device, which on a busy machine may come later.
        while (status := self.ask_device(contract.generate(name, contract.KEPT_KEY)).status) == DOWN:
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)
        self.assertEqual(status, wire.SUCCESS, self.place.read_log())

    def signs(self):
        return self.ask_device(contract.sign_hash('web')).status == wire.SUCCESS

    def wait_until_the_log_has(self, pattern, since=0):
        deadline = time.monotonic() + SOON
        while not re.search(pattern, self.place.read_log()[since:]):
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)

    def wait_until_it_does_not_sign(self):
        deadline = time.monotonic() + SOON
        while self.signs():
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)

    def wait_until_it_signs(self, within=SOON):
        begun = time.monotonic()
        while (status := self.ask_device(contract.sign_hash('web')).status) != wire.SUCCESS:
            self.assertLess(time.monotonic() - begun, within, self.place.read_log())
            self.assertIn(status, (DOWN, LATE, BUSY))
            time.sleep(0.05)


class OperatorCase(Case):
    """What an operator sees of the device, and says to it."""

    def setUp(self):
        super().setUp()
        self.operator = self.session(os.geteuid(), 'operator')

    def run_as_operator(self, *words):
        return self.operator.run(*words, socket=self.place.admin_socket)

    def shown(self):
        """Exit code, and what the status says of the device."""
        code, out, said = self.run_as_operator('status', '--json')
        self.assertEqual(json_schema.problems_of('status', out), [])
        status = json.loads(out)
        self.assertEqual(status['degraded'], code == 11, said)
        self.assertEqual([each['name'] for each in status['providers']], ['software', self.NAME])
        self.assertEqual(status['providers'][0]['state'], 'up')
        return code, status['providers'][1]

    def wait_until(self, state):
        deadline = time.monotonic() + SOON
        while (seen := self.shown()[1])['state'] != state:
            self.assertLess(time.monotonic(), deadline, seen)
            time.sleep(0.05)
        return seen

    def accept(self):
        return self.run_as_operator('provider', 'accept-root', self.NAME, '--yes', '--json')

    def unlock(self):
        return self.run_as_operator('provider', 'unlock', self.NAME)

    def told(self, text):
        return self.place.read_log().count(text)

    def write_secret(self, name, secret, mode=0o600):
        """A file of the daemon's; gives its path."""
        path = os.path.join(self.place.state, name)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        with open(descriptor, 'w', encoding='ascii') as file:
            file.write(secret)
        os.chown(path, os.stat(self.place.state).st_uid, -1)
        os.chmod(path, mode)
        return path


class Traffic:
    """Signs with one key over one kept connection until it is told to end."""

    def __init__(self, place, provider):
        self.answers = []  # (status, seconds it took)
        self.request = wire.frame(*contract.sign_hash('web'), provider=provider, flags=wire.KEEP,
                                  session=1)
        self.connection = wire.Connection(place.socket, timeout=daemon.PATIENCE)
        self.is_over = False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.is_over:
            begun = time.monotonic()
            self.connection.send(self.request)
            status = self.connection.next_response().status
            self.answers.append((status, time.monotonic() - begun))
            time.sleep(0.001)

    def statuses(self):
        return {status for status, _ in self.answers}

    def end(self):
        self.is_over = True
        self.thread.join(daemon.PATIENCE)
        self.connection.socket.close()

    def percentile(self, share):
        times = sorted(seconds for _, seconds in self.answers)
        return times[int((len(times) - 1) * share)]


class RecoveryCase(Case):
    """With a key called 'web' in the device, and one in software."""

    def setUp(self):
        super().setUp()
        self.start()
        self.make_key('web')
        self.succeed(daemon.ALICE, contract.generate('web'))

    @contextlib.contextmanager
    def traffic(self):
        """Signatures of two clients with the device's key, and of one with software's."""
        with daemon.acting_as(daemon.ALICE):
            there = [Traffic(self.place, self.PROVIDER) for _ in range(2)]
            beside = Traffic(self.place, wire.SOFTWARE)
        for each in (*there, beside):
            each.thread.start()
        try:
            time.sleep(0.3)
            yield there, beside
            self.wait_for_answers([beside])
        finally:
            for each in (*there, beside):
                each.end()

    def wait_for_answers(self, clients, count=100):
        deadline = time.monotonic() + SOON
        while min(len(each.answers) for each in clients) <= count:
            self.assertLess(time.monotonic(), deadline, self.place.read_log())
            time.sleep(0.05)

    def assert_unharmed(self, there, beside):
        for each in there:
            self.assertLessEqual(each.statuses(), {wire.SUCCESS, DOWN, LATE, BUSY})
            self.assertEqual(each.answers[-1][0], wire.SUCCESS)
        self.assertEqual(beside.statuses(), {wire.SUCCESS})
        self.assertLess(beside.percentile(0.99), 0.5)
