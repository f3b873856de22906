"""The instrument of ./dev bench stays whole: it runs to its end, its answers were right, and what
it writes can be read. How fast anything was is not asked here."""

import contextlib
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

import daemon
import runner
import softhsm
import swtpm
import wire

BENCH = pathlib.Path(__file__).resolve().parent.parent / 'bench'
sys.path.append(str(BENCH))

import scene  # noqa: E402


class Bench(unittest.TestCase):
    def setUp(self):
        self.out = tempfile.mkdtemp(prefix='strongroom-test-')
        os.chmod(self.out, 0o755)
        self.addCleanup(shutil.rmtree, self.out)

    def start_bench(self, *words):
        return subprocess.Popen(
            [sys.executable, '-B', BENCH / 'bench.py', '--daemon', daemon.programs.daemon,
             '--programs', os.environ['BENCH_PROGRAMS'], '--out', self.out, '--rounds', '1',
             '--keys', '20', *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {'TMPDIR': self.out})

    def run_bench(self, *words):
        with self.start_bench(*words) as bench:
            out, said = bench.communicate(timeout=900)
        return subprocess.CompletedProcess(words, bench.returncode, out, said)

    def results(self, name):
        with open(os.path.join(self.out, name + '.json'), encoding='utf-8') as file:
            return json.load(file)

    def assert_nothing_is_left(self):
        self.assertEqual(glob.glob(os.path.join(self.out, 'strongroom-*')), [])

    def processes_in_the_folder(self):
        found = []
        for link in glob.glob('/proc/[0-9]*/exe'):
            with contextlib.suppress(OSError):
                if os.readlink(link).startswith(self.out):
                    found.append(link)
        return found

    def test_measures_each_scenario_against_its_floor(self):
        done = self.run_bench('--seconds', '0.1')
        self.assertEqual(done.returncode, 0, done.stderr)
        results = self.results('bench')
        names = {figure['name']: figure for figure in results['figures']}
        self.assertIn('Ping, connecting: p50', names)
        for figure in results['figures']:
            self.assertIn(figure['name'], done.stdout)
            self.assertIn(figure['verdict'], ('', 'reached', 'MISSED', 'not measured'))
        for scenario, runs in results['runs'].items():
            self.assertGreater(runs['floor'][0]['answered'], 0, scenario)
            self.assertEqual(runs['floor'][0]['wrong'], 0, scenario)
            self.assertEqual(runs['service'][0]['checks']['wrong'], 0, scenario)
        self.assertEqual(results['memory']['keys'], 20)
        xml.etree.ElementTree.parse(os.path.join(self.out, 'bench.svg'))
        self.assert_nothing_is_left()

    @daemon.needs_root
    def test_measures_a_quiet_user_beside_each_flood(self):
        done = self.run_bench('--flood', '--seconds', '0.2')
        self.assertEqual(done.returncode, 0, done.stderr)
        results = self.results('flood')
        for name, rounds in results['floods'].items():
            self.assertIn(name, done.stdout)
            for seen in rounds[0]['beside'].values():
                self.assertEqual((seen['wrong'], seen['checks']['wrong']), (0, 0), name)
        xml.etree.ElementTree.parse(os.path.join(self.out, 'flood.svg'))
        self.assert_nothing_is_left()

    @swtpm.needs_swtpm
    def test_measures_keys_in_a_tpm(self):
        done = self.run_bench('--tpm', '--seconds', '0.2')
        self.assertEqual(done.returncode, 0, done.stderr)
        for figure in self.results('tpm')['figures']:
            self.assertIn(figure['name'], done.stdout)
            self.assertGreater(figure['value'], 0)
        self.assert_nothing_is_left()

    @softhsm.needs_softhsm
    def test_measures_keys_in_a_token(self):
        done = self.run_bench('--pkcs11', '--seconds', '0.2')
        self.assertEqual(done.returncode, 0, done.stderr)
        for figure in self.results('pkcs11')['figures']:
            self.assertIn(figure['name'], done.stdout)
            self.assertGreater(figure['value'], 0)
        self.assert_nothing_is_left()

    @unittest.skipIf(daemon.IS_ROOT, 'root has users of its own')
    def test_floods_need_root(self):
        done = self.run_bench('--flood')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('needs root', done.stderr)

    def test_a_daemon_that_does_not_start_ends_the_run(self):
        done = self.run_bench('--daemon', '/bin/false')
        self.assertEqual(done.returncode, 1)
        self.assertIn('bench: the daemon does not answer', done.stderr)
        self.assert_nothing_is_left()

    def test_a_run_that_is_ended_leaves_nothing_behind(self):
        with self.start_bench('--seconds', '30') as bench:
            self.wait_for(lambda: len(self.processes_in_the_folder()) >= 3)  # echo, daemon, load
            bench.terminate()
            self.assertEqual(bench.wait(daemon.PATIENCE), 143)
        self.assertEqual(self.processes_in_the_folder(), [])
        self.assert_nothing_is_left()

    def wait_for(self, condition):
        deadline = time.monotonic() + daemon.PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)


class Load(unittest.TestCase):
    """The load generator against the echo server, without a daemon."""

    def setUp(self):
        self.scene = scene.Scene(daemon.programs.daemon, os.environ['BENCH_PROGRAMS'])
        self.addCleanup(self.scene.close)
        self.echo = self.scene.start_echo()

    def test_a_stall_is_charged_to_all_who_waited(self):
        load = self.scene.start_load('floor', mode='kept', mix='ping', rate=200, seconds=1)
        time.sleep(0.2)
        os.kill(self.echo, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(self.echo, signal.SIGCONT)
        seen = self.scene.outcome(load)
        # A closed loop would have one slow request among thousands.
        self.assertGreater(seen['latency']['ping']['p90'], 200_000)
        self.assertGreater(seen['answered'], 150)

    def test_an_answer_that_only_looks_right_is_noticed(self):
        # The echo server answers with zeros of the right length.
        words = ['--socket', self.scene.echo_socket, '--mode', 'connecting', '--mix', 'ping',
                 '--seconds', '0.2']
        seen = json.loads(self.scene.run_tool('load', *words))
        self.assertEqual(seen['wrong'], 0)
        self.assertGreater(seen['checks']['wrong'], 0)
        self.assertEqual(seen['checks']['wrong'], seen['checks']['looked_at'])

    def test_a_server_that_does_not_keep_connections_is_told_from_one_that_fails(self):
        path = os.path.join(self.scene.folder, 'once.sock')
        with socket.create_server(path, family=socket.AF_UNIX) as listener:
            os.chmod(path, 0o666)
            load = self.scene.spawn('load', '--socket', path, '--mode', 'kept', '--mix', 'ping')
            connection, _ = listener.accept()
            with connection:
                (*start, _, provider, session, content, accept, _, _, _, opcode, status,
                 reserved) = wire.HEADER.unpack(connection.recv(4096)[:wire.HEADER.size])
                connection.send(wire.HEADER.pack(*start, 0, provider, session, content, accept, 0,
                                                 2, 0, opcode, status, reserved) + b'\x08\x01')
            seen = self.scene.outcome(load)
        self.assertEqual((load.returncode, seen['answered'], seen['kept']),
                         (scene.NOT_KEPT, 1, False))

    def test_refuses_what_it_does_not_know(self):
        for words in (['--mode', 'kept'], ['--socket', 'x', '--mode', 'kept', '--mix', 'juggle'],
                      ['--juggle', '1'], ['--socket']):
            load = self.scene.spawn('load', *words)
            self.assertEqual(load.wait(daemon.PATIENCE), 2, words)


if __name__ == '__main__':
    runner.main()
