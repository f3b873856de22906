"""The installed units under a real systemd."""

import atexit
import functools
import os
import re
import shutil
import time

import contract
import runner
import wire
from booted import Machine, may_raise_limits, why_not
from daemon import ALICE, BOB, PATIENCE, Case
from staged import Staged

CONFIGURATION = '/etc/strongroom/strongroom.toml'
DROP_INS = '/run/systemd/system/strongroom.service.d'
SOCKET = '/run/strongroom/strongroom.sock'
UNITS = ('strongroom.service', 'strongroom.socket', 'strongroom-admin.socket',
         'strongroom-parsec.socket')


@functools.cache
def booted():
    """One for all cases."""
    staged = Staged()
    atexit.register(staged.remove)
    machine = Machine(staged)
    atexit.register(machine.stop)
    return staged, machine


class Booted(Case):
    @classmethod
    def setUpClass(cls):
        cls.reason = why_not()
        if cls.reason:
            return
        cls.staged, cls.machine = booted()
        cls.machine.run_ok('ldconfig')
        cls.machine.run_ok('systemd-sysusers')
        cls.machine.run_ok('systemd-tmpfiles', '--create', 'strongroom.conf')
        cls.shipped = cls.staged.read(cls.staged.below(CONFIGURATION))
        if not may_raise_limits():
            # LimitMEMLOCK= then has no effect.
            cls.shipped = cls.shipped.replace('require_locked_memory = true',
                                              'require_locked_memory = false')
        cls.clients = int(cls.machine.run_ok('getent', 'group', 'strongroom-clients').split(':')[2])

    def setUp(self):
        if self.reason:
            self.skipTest(self.reason)
        self.machine.write(CONFIGURATION, self.shipped)
        self.machine.shell(f'rm -rf {DROP_INS}; rm -f /etc/strongroom/conf.d/*; '
                           'systemctl daemon-reload')
        self.machine.run('systemctl', 'stop', *UNITS)
        self.machine.run('systemctl', 'reset-failed', *UNITS)
        self.machine.shell('rm -rf /var/lib/strongroom/* /etc/credstore')
        self.machine.run_ok('systemctl', 'enable', '--now', 'strongroom.socket',
                            'strongroom-admin.socket')

    def what_the_daemon_said(self):
        return self.machine.journal()

    def configure(self, before, after):
        text = self.machine.run_ok('cat', CONFIGURATION)
        self.assertIn(before, text)
        self.machine.write(CONFIGURATION, text.replace(before, after))

    def drop_in(self, text):
        self.machine.write(f'{DROP_INS}/test.conf', f'[Service]\n{text}\n')
        self.machine.run_ok('systemctl', 'daemon-reload')

    def start(self):
        self.machine.run_ok('systemctl', 'start', 'strongroom.service')
        return self.pid()

    def pid(self):
        return int(self.machine.show('MainPID'))

    def as_client(self, *words, uid=ALICE):
        """`strongroom WORDS` of a member of strongroom-clients."""
        return self.machine.run('strongroom', '--socket', SOCKET, *words, uid=uid,
                                groups=(self.clients,))

    def ping(self):
        code, _, said = self.as_client('ping')
        self.assertEqual((code, said), (0, ''))


class BootedService(Booted):
    def test_is_started_by_the_first_request(self):
        self.assertEqual(self.machine.show('ActiveState'), 'inactive')
        self.ping()
        self.assertEqual(self.machine.show('ActiveState'), 'active')
        self.assertRegex(self.machine.show('StatusText'),
                         r'^serving 2 sockets, \d+ keys; configuration generation 1$')

    def test_has_its_sandbox_around_it(self):
        pid = self.start()
        status = dict(line.split(':\t') for line in
                      self.machine.run_ok('cat', f'/proc/{pid}/status').splitlines())
        self.assertEqual(status['Seccomp'], '2')
        self.assertEqual(status['NoNewPrivs'], '1')
        for which in ('CapEff', 'CapPrm', 'CapBnd', 'CapAmb', 'CapInh'):
            self.assertEqual(int(status[which], 16), 0, which)
        limits = self.machine.run_ok('cat', f'/proc/{pid}/limits')
        self.assertRegex(limits, r'Max core file size +0 +0 ')
        network = self.machine.run_ok('cat', f'/proc/{pid}/net/dev')
        self.assertEqual([line.split(':')[0].strip() for line in network.splitlines()[2:]], ['lo'])

    def test_writes_to_its_own_directories_alone(self):
        pid = self.start()

        def write(place):
            path = os.path.join(place, 'strongroom-test')
            with open(path, 'w', encoding='ascii'):
                os.remove(path)

        for place in ('/', '/etc', '/etc/strongroom', '/usr', '/run', '/run/strongroom', '/home',
                      '/var', '/dev/shm'):
            self.assertFalse(self.machine.try_inside(pid, lambda p=place: write(p)), place)
        for place in ('/var/lib/strongroom', '/var/log/strongroom', '/run/strongroom/daemon',
                      '/tmp'):
            self.assertTrue(self.machine.try_inside(pid, lambda p=place: write(p)), place)

    def test_executes_itself_alone(self):
        elsewhere = ['/usr/lib/strongroom-test/true', '/usr/local/lib/strongroom-test']
        for path in elsewhere:
            self.machine.run_ok('install', '-D', '/bin/true', path)
            self.machine.run_ok(path)
        pid = self.start()
        for place in ('/var/lib/strongroom', '/var/log/strongroom', '/run/strongroom/daemon', '/tmp',
                      '/var/tmp'):
            elsewhere.append(f'{place}/true')
            self.assertTrue(self.machine.try_inside(
                pid, lambda path=elsewhere[-1]: shutil.copy('/bin/true', path)), place)
        daemon = os.path.join(self.staged.options['sbindir'], 'strongroomd')
        for words, may in (([daemon, '--version'], True), (['/bin/sh', '-c', 'true'], False),
                           (['/usr/bin/env'], False),
                           *(([path], False) for path in elsewhere)):
            self.assertEqual(self.machine.try_inside(
                pid, lambda w=words: os.execv(w[0], w)), may, words)

    def test_calls_nothing_that_the_filter_would_refuse(self):
        # Instead of EPERM, which a library may take for an answer.
        self.drop_in('SystemCallErrorNumber=kill')
        pid = self.start()
        sockets = self.machine.from_outside('/run/strongroom')
        for name, key in (('ec', contract.SIGNING_KEY), ('rsa', contract.RSA_KEY),
                          ('aes', contract.AES_KEY), ('ecdh', contract.AGREEMENT_KEY)):
            self.succeed(0, contract.generate(name, key), socket=f'{sockets}/strongroom.sock')
            done = [request[0] for request in contract.every_operation(name)
                    if request[0] != contract.DESTROY and
                    self.status(0, request, socket=f'{sockets}/strongroom.sock') == wire.SUCCESS]
            self.assertGreater(len(done), 8, name)
            self.succeed(0, contract.named(contract.DESTROY, name),
                         socket=f'{sockets}/strongroom.sock')
        for _ in range(2):
            self.assertEqual(self.as_client('key', 'generate', 'kept', '--type', 'ecc-p256')[0], 0)
            self.assertEqual(self.as_client('key', 'delete', 'kept')[0], 0)
        status = self.ask(0, (0x8000, b''), provider=wire.CORE, socket=f'{sockets}/admin.sock')
        self.assertEqual(status.status, wire.SUCCESS)
        self.configure('workers = 0', 'workers = 5')
        self.machine.run_ok('systemctl', 'reload', 'strongroom.service')
        self.assertEqual(self.pid(), pid, self.machine.journal())
        self.machine.run_ok('systemctl', 'stop', 'strongroom.service')
        self.assertEqual(self.machine.show('Result'), 'success')

    def test_sees_who_its_clients_are(self):
        self.start()
        code, _, said = self.as_client('key', 'generate', 'web', '--type', 'ecc-p256')
        self.assertEqual((code, said), (0, ''))
        self.assertIn('web', self.as_client('key', 'list')[1])
        self.assertNotIn('web', self.as_client('key', 'list', uid=BOB)[1])

    def test_lets_only_its_group_connect(self):
        self.start()
        code, _, said = self.machine.run('strongroom', '--socket', SOCKET, 'ping', uid=BOB)
        self.assertEqual(code, 3)
        self.assertIn('strongroom-clients', said)

    def test_is_started_again_after_it_was_killed(self):
        pid = self.start()
        self.as_client('key', 'generate', 'survivor', '--type', 'ecc-p256')
        self.machine.run_ok('kill', '-9', str(pid))
        self.machine.wait_until(lambda: self.pid() not in (0, pid), 'it is not started again')
        self.assertIn('survivor', self.as_client('key', 'list')[1])

    def test_a_restart_turns_nobody_away(self):
        self.start()
        inode = self.machine.run_ok('stat', '--format=%i', SOCKET)
        self.machine.write('/run/pings', 'while [ ! -e /run/enough ]; do\n'
                                         '  strongroom ping >/dev/null || echo lost\ndone\n')
        self.machine.shell('rm -f /run/enough; sh /run/pings >/run/lost 2>&1 &')
        for _ in range(3):
            self.machine.run_ok('systemctl', 'restart', 'strongroom.service')
            time.sleep(0.5)
        self.machine.shell('touch /run/enough; sleep 0.3')
        self.assertEqual(self.machine.run_ok('cat', '/run/lost'), '')
        self.assertEqual(self.machine.run_ok('stat', '--format=%i', SOCKET), inode)

    def test_that_hangs_is_replaced(self):
        self.drop_in('WatchdogSec=3\nTimeoutAbortSec=1')
        pid = self.start()
        time.sleep(4)
        self.assertEqual(self.pid(), pid)  # well, and not disturbed
        self.machine.run_ok('kill', '-STOP', str(pid))
        self.machine.wait_until(lambda: self.pid() not in (0, pid), 'it is not replaced')
        self.ping()
        self.assertIn('watchdog', self.machine.run_ok('journalctl', '--no-pager', '--lines=60')
                      .lower())

    def test_with_a_refused_configuration_is_not_started_again_and_again(self):
        self.configure('connections = 4096', 'conections = 4096')
        self.assertEqual(self.machine.run('systemctl', 'start', 'strongroom.service')[0], 1)
        self.assertEqual([self.machine.show(key) for key in ('ExecMainStatus', 'NRestarts')],
                         ['78', '0'])
        self.assertIn("did you mean 'connections'?", self.machine.journal())

    def test_leaves_its_sockets_when_it_stops(self):
        self.start()
        self.machine.run_ok('systemctl', 'stop', 'strongroom.service')
        listed = self.machine.run_ok('stat', '--format=%n %U %G %a', SOCKET,
                                     '/run/strongroom/admin.sock', '/run/strongroom')
        self.assertEqual(listed.splitlines(),
                         [f'{SOCKET} strongroom strongroom-clients 660',
                          '/run/strongroom/admin.sock strongroom strongroom-admin 660',
                          '/run/strongroom strongroom strongroom 755'])

    def test_sockets_keep_their_groups_in_a_directory_that_systemd_made(self):
        self.machine.shell('systemctl stop strongroom.socket strongroom-admin.socket\n'
                           'rm -r /run/strongroom\n'
                           'systemctl start strongroom.socket strongroom-admin.socket')
        self.start()
        self.assertEqual(self.machine.run_ok('stat', '--format=%G', SOCKET).strip(),
                         'strongroom-clients')
        self.ping()


class BootedDocument(Booted):
    """docs/installation.md, block by block in one shell."""

    # Building is what this run has done already, and nothing may be taken away that others need.
    STAND_IN = '#!/bin/sh\ncase "$*" in %s) exit 0 ;; esac\necho "unexpected: $*" >&2\nexit 1\n'

    def blocks(self):
        path = os.path.join(self.staged.options['datadir'], 'doc/strongroom/installation.md')
        text = self.staged.read(self.staged.below(path))
        documents = os.path.join(self.staged.options['datadir'], 'doc')
        text = text.replace('/usr/share/doc', documents)
        if not may_raise_limits():
            text = text.replace('prlimit --memlock=unlimited ', '')
        return re.findall(r'^```sh\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)

    def test_every_command_of_the_installation_does_what_it_says(self):
        self.machine.run('systemctl', 'disable', '--now', *UNITS)
        self.machine.shell('useradd --create-home alice')
        self.machine.write('/opt/stand-in/meson', self.STAND_IN % (
            '"setup build-release --prefix=/usr --buildtype=release -Dtests=disabled"'
            ' | "compile -C build-release" | "install -C build-release"'))
        self.machine.write('/opt/stand-in/ninja', self.STAND_IN % '"-C build-release uninstall"')
        self.machine.shell('chmod 755 /opt/stand-in/*')
        blocks = self.blocks()
        self.assertGreater(len(blocks), 10)
        script = 'set -eux\nPATH=/opt/stand-in:$PATH\n' + '\n'.join(blocks)
        code, out, said = self.machine.run('bash', '-c', script)
        self.assertEqual(code, 0, out + said)
        # The key is there after the move.
        self.assertIn('records, 1 verified, 0 findings', out)
        self.assertEqual(out.count('-----BEGIN PUBLIC KEY-----'), 1)
        for unit in ('strongroom.service', 'strongroom.socket', 'strongroom-admin.socket'):
            self.assertEqual(self.machine.show('UnitFileState', unit), 'disabled')
            self.assertEqual(self.machine.show('ActiveState', unit), 'inactive')


class BootedReload(Booted):
    def reload(self):
        return self.machine.run('systemctl', 'reload', 'strongroom.service')

    def test_is_over_when_systemctl_returns(self):
        self.start()
        for count in (4000, 3000, 2000):
            self.configure(self.machine.shell(f'grep "^connections =" {CONFIGURATION}').strip(),
                           f'connections = {count}')
            self.assertEqual(self.reload()[0], 0)
            self.assertIn('changed [limits] connections', self.machine.show('StatusText'))

    def test_that_is_refused_fails_and_changes_nothing(self):
        pid = self.start()
        for before, after, why in (
                ('connections = 4096', 'conections = 4096', "did you mean 'connections'?"),
                ('conections = 4096', 'connections = 4096', None),
                ('/keys.db', '/other.db', 'needs restart: [store] path')):
            self.configure(before, after)
            code, _, said = self.reload()
            if why is None:
                self.assertEqual(code, 0, said)
                continue
            self.assertNotEqual(code, 0)
            self.assertIn('failed', said)
            self.assertIn(why, self.machine.show('StatusText'))
            self.assertIn(why, self.machine.journal())
            self.assertEqual((self.machine.show('ActiveState'), self.pid()), ('active', pid))
            self.ping()


class BootedExamples(Booted):
    def document(self, name):
        return self.machine.run_ok(
            'cat', os.path.join(self.staged.options['datadir'], 'doc/strongroom', name))

    def test_the_store_key_from_a_credential(self):
        self.start()
        self.as_client('key', 'generate', 'sealed', '--type', 'ecc-p256')
        text = self.document('drop-ins/store-key.conf')
        commands = [line[4:] for line in text.splitlines() if line.startswith('#   ')]
        setting = next(line for line in commands if line.startswith('key_source'))
        end = commands.index(setting)
        self.machine.shell('\n'.join(commands[:end]))
        self.configure('key_source = "file:/var/lib/strongroom/store.key"', setting)
        self.machine.write(f'{DROP_INS}/store-key.conf', text)
        self.machine.shell('\n'.join(commands[end + 1:]))
        self.assertIn('sealed', self.as_client('key', 'list')[1])
        self.assertNotEqual(self.machine.run('ls', '/var/lib/strongroom/store.key')[0], 0)

    def test_the_store_key_from_a_program(self):
        self.start()
        self.as_client('key', 'generate', 'sealed', '--type', 'ecc-p256')
        text = self.document('drop-ins/store-key-command.conf')
        program = re.search(r'key_source = "command:([^"]+)"', text)[1]
        self.machine.write(program, "#!/bin/sh\nprintf '%s' 0123456789abcdef0123456789abcdef\n")
        self.machine.run_ok('chmod', '755', program)
        self.machine.run('systemctl', 'stop', *UNITS)
        rekey = next(line[4:] for line in text.splitlines() if 'store rekey' in line)
        self.machine.shell(rekey)
        self.configure('key_source = "file:/var/lib/strongroom/store.key"',
                       f'key_source = "command:{program}"')
        self.machine.write(f'{DROP_INS}/store-key-command.conf', text)
        self.machine.shell('systemctl daemon-reload; systemctl start strongroom.socket '
                           'strongroom-admin.socket strongroom.service')
        self.assertIn('sealed', self.as_client('key', 'list')[1])
        self.assertIn('no longer opens it', self.machine.journal())

    def test_the_socket_where_parsecs_clients_look(self):
        text = self.document('drop-ins/parsec.toml')
        self.start()
        self.machine.write('/etc/strongroom/conf.d/parsec.toml', text)
        self.machine.shell('\n'.join(line[4:] for line in text.splitlines()
                                     if line.startswith('#   ')))
        self.assertTrue(self.machine.show('StatusText').startswith('serving 3 sockets'))
        code, _, said = self.machine.run('strongroom', '--socket', '/run/parsec/parsec.sock',
                                         'ping', uid=ALICE, groups=(self.clients,))
        self.assertEqual((code, said), (0, ''))
        self.machine.run_ok('systemctl', 'disable', 'strongroom-parsec.socket')

    def test_keys_in_a_tpm(self):
        if not shutil.which('swtpm'):
            self.skipTest('needs swtpm')
        # In place of the device that the drop-in opens, which there is none of.
        self.machine.shell(
            'getent group tss >/dev/null || groupadd --system tss; '
            'mkdir -p /run/tpm/state && chown -R strongroom /run/tpm && '
            'systemd-run --quiet --unit=tpm --uid=strongroom swtpm socket --tpm2 '
            '--tpmstate dir=/run/tpm/state --server type=unixio,path=/run/tpm/socket '
            '--ctrl type=unixio,path=/run/tpm/socket.ctrl --flags not-need-init,startup-clear; '
            'for i in $(seq 100); do test -S /run/tpm/socket.ctrl && exit; sleep 0.1; done; exit 1')
        self.addCleanup(self.machine.run, 'systemctl', 'stop', 'tpm')
        self.machine.write(f'{DROP_INS}/tpm.conf', self.document('drop-ins/tpm.conf'))
        self.machine.run_ok('systemctl', 'daemon-reload')
        self.configure('\n[log]', '\n[[provider]]\ntype = "tpm"\n'
                       'tcti = "swtpm:path=/run/tpm/socket"\nrequired = true\n\n[log]')
        pid = self.start()
        tss = self.machine.run_ok('getent', 'group', 'tss').split(':')[2]
        status = self.machine.run_ok('cat', f'/proc/{pid}/status')
        self.assertIn(tss, re.search(r'^Groups:\t(.*)$', status, re.MULTILINE)[1].split())
        code, _, said = self.as_client('key', 'generate', 'wrapped', '--type', 'ecc-p256',
                                       '--provider', 'tpm')
        self.assertEqual((code, said), (0, ''))
        self.machine.run_ok('systemctl', 'restart', 'strongroom.service')
        code, out, said = self.as_client('key', 'show', 'wrapped')
        self.assertEqual((code, said), (0, ''))
        self.assertIn('in the TPM', out)

    def test_keys_in_a_token(self):
        module = '/usr/lib/softhsm/libsofthsm2.so'
        if not shutil.which('softhsm2-util') or not os.path.exists(module):
            self.skipTest('needs SoftHSM')
        place = '/var/lib/strongroom-token'
        self.machine.shell(
            f'install -d -o strongroom -g strongroom -m 0700 {place} {place}/tokens; '
            f"echo 'directories.tokendir = {place}/tokens' > {place}/softhsm2.conf; "
            f'runuser -u strongroom -- env SOFTHSM2_CONF={place}/softhsm2.conf softhsm2-util '
            '--init-token --free --label keys --so-pin 31415926 --pin 271828 && '
            'install -d -m 0700 /etc/credstore && '
            "(umask 077; printf '%s' 271828 > /etc/credstore/strongroom.token-pin)")
        text = self.document('drop-ins/token-files.conf')
        self.assertIn('#ReadWritePaths=', text)
        text = text.replace('#ReadWritePaths=', 'ReadWritePaths=')
        self.machine.write(f'{DROP_INS}/token.conf', text + '\nLoadCredential='
                           'token-pin:/etc/credstore/strongroom.token-pin\n')
        self.machine.run_ok('systemctl', 'daemon-reload')
        self.configure('\n[log]', '\n[[provider]]\ntype = "pkcs11"\npin = "credential:token-pin"\n'
                       f'uri = "pkcs11:token=keys?module-path={module}"\n'
                       f'environment = ["SOFTHSM2_CONF={place}/softhsm2.conf"]\n'
                       'required = true\n\n[log]')
        self.start()
        code, _, said = self.as_client('key', 'generate', 'kept', '--type', 'ecc-p256',
                                       '--provider', 'pkcs11')
        self.assertEqual((code, said), (0, ''))
        self.machine.run_ok('systemctl', 'restart', 'strongroom.service')
        code, out, said = self.as_client('key', 'show', 'kept')
        self.assertEqual((code, said), (0, ''))
        self.assertIn('in a PKCS#11 token', out)
        self.assertIn('strongroom-toke', self.machine.run_ok('ps', '-u', 'strongroom', '-o', 'comm'))

    def test_the_limit_for_more_connections(self):
        self.machine.write(f'{DROP_INS}/limits.conf', self.document('drop-ins/limits.conf'))
        self.machine.run_ok('systemctl', 'daemon-reload')
        self.configure('connections = 4096', 'connections = 16000')
        self.start()
        if may_raise_limits():
            self.assertNotIn('RLIMIT_NOFILE', self.machine.journal().split('serves 2')[-2])
        self.ping()


if __name__ == '__main__':
    runner.main()
