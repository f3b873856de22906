"""`meson install` into an empty root, and what the service manager's own tools say of it."""

import json
import os
import shutil
import stat
import subprocess
import tempfile

import runner
from daemon import ALICE, IS_ROOT, PATIENCE, Case, Session, needs_root
from staged import Staged, build_directory, meson, options

SOCKETS = {'strongroom': ('/run/strongroom/strongroom.sock', 'strongroom-clients'),
           'strongroom-admin': ('/run/strongroom/admin.sock', 'strongroom-admin'),
           'strongroom-parsec': ('/run/parsec/parsec.sock', 'strongroom-clients')}
NAMES = {'strongroom': 'strongroom', 'strongroom-admin': 'admin', 'strongroom-parsec': 'parsec'}
UNITS = ['strongroom.service', *(f'{name}.socket' for name in SOCKETS)]


class StagedCase(Case):
    @classmethod
    def setUpClass(cls):
        cls.staged = Staged()
        cls.addClassCleanup(cls.staged.remove)

    def tool(self, *command):
        """Runs one of systemd's tools; gives what it says, once it has succeeded."""
        if not shutil.which(command[0]):
            self.skipTest(f'needs {command[0]}')
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr


class Installed(StagedCase):
    def test_has_everything_in_its_place(self):
        documents = os.path.join(self.staged.options['datadir'], 'doc', 'strongroom')
        for path in (('sbindir', 'strongroomd'), ('bindir', 'strongroom'),
                     ('sysconfdir', 'strongroom/strongroom.toml'),
                     ('prefix', 'lib/sysusers.d/strongroom.conf'),
                     ('prefix', 'lib/tmpfiles.d/strongroom.conf')):
            self.assertTrue(os.path.isfile(self.staged.installed(*path)), path)
        for name in ('installation.md', 'strongroom.toml', 'drop-ins/store-key.conf'):
            self.assertTrue(os.path.isfile(self.staged.below(os.path.join(documents, name))), name)
        self.assertEqual(os.listdir(self.staged.installed('sysconfdir', 'strongroom/conf.d')), [])
        for unit in UNITS:
            self.staged.find(unit)

    def test_programs_can_be_run_and_files_not_be_written_by_others(self):
        for folder, _, files in os.walk(self.staged.root):
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o022, 0, name)
        for path in (('sbindir', 'strongroomd'), ('bindir', 'strongroom')):
            self.assertTrue(os.access(self.staged.installed(*path), os.X_OK))

    def test_leaves_no_mark_of_the_template(self):
        for unit in UNITS:
            self.assertNotIn('@', self.staged.unit(unit).replace(' @', ' ').replace('=@', '=')
                             .replace('=~@', '='), unit)

    def test_again_keeps_the_configuration_that_is_there(self):
        staged = Staged()
        self.addCleanup(staged.remove)
        path = staged.installed('sysconfdir', 'strongroom/strongroom.toml')
        with open(path, 'a', encoding='utf-8') as file:
            file.write('# ours\n')
        edited = staged.read(path)
        meson('install', '-C', build_directory(), '--no-rebuild',
              env=os.environ | {'DESTDIR': staged.root})
        self.assertEqual(staged.read(path), edited)

    def test_under_usr_uses_etc(self):
        self.installs_to('/usr', '/usr/sbin/strongroomd')

    def test_under_usr_local_uses_etc_too(self):
        self.installs_to('/usr/local', '/usr/local/sbin/strongroomd')

    def installs_to(self, prefix, program):
        source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with tempfile.TemporaryDirectory() as directory:
            meson('setup', directory, source, f'--prefix={prefix}', '-Dtests=disabled')
            found = options(directory)
            with open(os.path.join(directory, 'systemd', 'strongroom.service'),
                      encoding='utf-8') as unit:
                self.assertIn(f'ExecStart={program} --config /etc/strongroom/strongroom.toml\n',
                              unit.read())
            plan = json.loads(meson('introspect', '--installed', directory))
        self.assertEqual((found['sysconfdir'], found['localstatedir']), ('/etc', '/var'))
        self.assertIn(program, plan.values())
        units = {path for path in plan.values() if path.endswith('strongroom.service')}
        allowed = {'/usr': {'/lib/systemd/system', '/usr/lib/systemd/system'},
                   '/usr/local': {'/usr/local/lib/systemd/system'}}[prefix]
        self.assertLessEqual({os.path.dirname(path) for path in units}, allowed)


class Units(StagedCase):
    def analyze(self, *words):
        return self.tool('systemd-analyze', '--no-pager', *words)

    def test_expose_next_to_nothing(self):
        unit = self.staged.find('strongroom.service')
        self.analyze('security', '--offline=true', '--threshold=10', unit)

    def test_leave_open_only_what_is_said_to_be_open(self):
        told = json.loads(self.analyze('security', '--offline=true', '--json=short',
                                       self.staged.find('strongroom.service')))
        # What the checks call bad, and why it stays: see the unit's comments.
        is_open = {row['json_field'] for row in told
                   if row['set'] is False and float(row['exposure'] or 0) > 0}
        self.assertEqual(is_open, {
            'DeviceAllow',  # ProtectClock= lets the clock be read
            'PrivateUsers', 'ProcSubset', 'ProtectProc', 'RestrictAddressFamilies_AF_UNIX',
            'RootDirectoryOrRootImage', 'SystemCallFilter_resources'})

    def test_are_free_of_mistakes(self):
        # With the programs where they are now.
        with tempfile.TemporaryDirectory() as directory:
            for unit in UNITS:
                text = self.staged.unit(unit).replace(self.staged.options['sbindir'],
                                                      self.staged.installed('sbindir'))
                with open(os.path.join(directory, unit), 'w', encoding='utf-8') as file:
                    file.write(text)
            said = self.analyze('verify', '--man=no',
                                *(os.path.join(directory, unit) for unit in UNITS))
        self.assertEqual([line for line in said.splitlines() if 'strongroom' in line], [])

    def test_make_the_sockets_that_the_configuration_names(self):
        configuration = self.staged.read(
            self.staged.installed('sysconfdir', 'strongroom/strongroom.toml'))
        for name, (path, group) in SOCKETS.items():
            unit = f'{name}.socket'
            self.assertEqual(self.staged.setting(unit, 'ListenStream'), [path])
            self.assertEqual(self.staged.setting(unit, 'SocketGroup'), [group])
            self.assertEqual(self.staged.setting(unit, 'SocketMode'), ['0660'])
            self.assertEqual(self.staged.setting(unit, 'Service'), ['strongroom.service'])
            self.assertEqual(self.staged.setting(unit, 'FileDescriptorName'), [NAMES[name]])
            self.assertIn(f'path = "{path}"', configuration)
            self.assertIn(f'fd_name = "{NAMES[name]}"', configuration)

    def test_the_service_takes_no_socket_away(self):
        # A RuntimeDirectory= that holds the sockets is removed when the daemon stops, and given to
        # the daemon with all that is in it when another made it.
        self.assertEqual(self.staged.setting('strongroom.service', 'RuntimeDirectory'),
                         ['strongroom/daemon'])

    def test_have_room_for_the_connections_of_the_defaults(self):
        limit = int(self.staged.setting('strongroom.service', 'LimitNOFILE')[0])
        self.assertGreaterEqual(limit, 2 * 4096 + 192)

    def test_wait_longer_than_a_stop_may_last(self):
        self.assertGreater(int(self.staged.setting('strongroom.service', 'TimeoutStopSec')[0]), 10)

    def test_start_nothing_again_that_is_refused_again(self):
        self.assertEqual(self.staged.setting('strongroom.service', 'RestartPreventExitStatus'),
                         ['2 78'])


class Accounts(StagedCase):
    @needs_root
    def test_and_directories_are_made(self):
        staged = Staged()
        self.addCleanup(staged.remove)
        self.tool('systemd-sysusers', f'--root={staged.root}')
        groups = dict(line.split(':')[::2] for line in
                      staged.read(staged.below('/etc/group')).splitlines())
        self.assertEqual({name for name in groups if name.startswith('strongroom')},
                         {'strongroom', 'strongroom-clients', 'strongroom-admin'})
        users = {line.split(':')[0]: line.split(':') for line in
                 staged.read(staged.below('/etc/passwd')).splitlines()}
        uid = int(users['strongroom'][2])
        self.assertEqual(users['strongroom'][5:], ['/var/lib/strongroom', '/usr/sbin/nologin'])
        self.tool('systemd-tmpfiles', f'--root={staged.root}', '--create', 'strongroom.conf')
        for path, owner, mode in (('/run/strongroom', uid, 0o755),
                                  ('/var/lib/strongroom', uid, 0o700),
                                  ('/var/log/strongroom', uid, 0o700),
                                  ('/etc/strongroom', 0, 0o755),
                                  ('/etc/strongroom/conf.d', 0, 0o755)):
            status = os.stat(staged.below(path))
            self.assertEqual((path, status.st_uid, stat.S_IMODE(status.st_mode)),
                             (path, owner, mode))


class FromTheStagedTree(StagedCase):
    def configuration(self):
        """The shipped one, with its places below the case's own and without groups of the system."""
        text = self.staged.read(self.staged.installed('sysconfdir', 'strongroom/strongroom.toml'))
        for before, after in (('/run/strongroom', self.place.state),
                              ('/var/lib/strongroom', self.place.state),
                              ('groups = ["strongroom-admin"]', 'groups = []'),
                              ('group = "strongroom-', '# group = "strongroom-'),
                              ('require_locked_memory = true', 'require_locked_memory = false')):
            self.assertIn(before, text)
            text = text.replace(before, after)
        text = text.replace('mode = "0660"', 'mode = "0666"', 1)  # for applications
        return self.place.write('strongroom.toml', text)

    def test_the_shipped_configuration_is_right(self):
        done = subprocess.run([self.staged.installed('sbindir', 'strongroomd'), '--check-config',
                               '--config', self.configuration()], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, 'no problem found\n', ''))

    def test_the_daemon_serves_the_client(self):
        daemon = self.place.spawn([self.staged.installed('sbindir', 'strongroomd'), '--config',
                                   self.configuration()])
        daemon.wait_until_it_listens(self.place.socket)
        alice = Session(self.place, ALICE, 'alice')
        alice.environment['LD_LIBRARY_PATH'] = os.path.dirname(
            self.staged.find('libstrongroom.so.0'))
        command = [self.staged.installed('bindir', 'strongroom'), '--socket', self.place.socket,
                   *(['--insecure-socket'] if IS_ROOT else [])]
        for words in (('ping',), ('key', 'generate', 'web', '--type', 'ecc-p256'),
                      ('key', 'show', 'web')):
            code, _, said = alice.execute(*command, *words)
            self.assertEqual((code, said), (0, ''), words)
        self.assertEqual(daemon.stop(), 0)


if __name__ == '__main__':
    runner.main()
