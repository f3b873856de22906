"""strongroomd and its configuration files: what it says of broken ones, and how several add up."""

import os
import shutil

import broken
import runner
from daemon import ALICE, Case

PONG = b'\x08\x01'


class FragmentCase(Case):
    def write_fragment(self, name, text):
        folder = os.path.join(self.place.root, 'conf.d')
        if not os.path.isdir(folder):
            self.place.make_directory('conf.d', os.geteuid())
        return self.place.write(os.path.join('conf.d', name), text, uid=os.geteuid())


class Checking(FragmentCase):
    def check(self, path):
        code, out, said = self.place.run_daemon('--config', path, '--check-config')
        return code, out, broken.without_defaults(said.splitlines())

    def test_tells_all_that_is_wrong_with_each_broken_configuration(self):
        self.assertGreaterEqual(len(broken.configurations()), 50)
        for number, name in enumerate(broken.configurations()):
            with self.subTest(name):
                directory = self.place.make_directory(str(number), os.geteuid())
                path = broken.install(name, directory)
                self.assertEqual(self.check(path), (78, '', broken.problems(directory)))
                shutil.rmtree(directory)

    def test_checks_fragments_too(self):
        path = self.place.configuration()
        self.write_fragment('10-log.toml', '[log]\nlevel = "debug"\n')
        self.assertEqual(self.check(path), (0, 'no problem found\n', []))
        fragment = self.write_fragment('20-log.toml', '[log]\nlevel = "debug"\n')
        self.assertEqual(self.check(path), (78, '', [
            f"{fragment}:2:1: 'level' is given already, at {self.place.root}/conf.d/10-log.toml"
            ':2:1']))

    def test_does_not_start_what_it_refuses(self):
        path = self.place.configuration(rest='[limits]\nconections = 1\n')
        code, out, said = self.place.run_daemon('--config', path)
        self.assertEqual((code, out), (78, ''))
        self.assertIn("unknown key 'conections' in [limits]; did you mean 'connections'?", said)
        self.assertEqual(os.listdir(self.place.state), [])


class Fragments(FragmentCase):
    def test_add_sockets(self):
        second = os.path.join(self.place.state, 'second.sock')
        path = self.place.configuration()
        self.write_fragment('second.toml', f'[[socket]]\npath = "{second}"\nmode = "0666"\n')
        self.place.start('--config', path)
        for served in (self.place.socket, second):
            self.assertEqual(self.succeed(ALICE, (1, b''), socket=served), PONG)


if __name__ == '__main__':
    runner.main()
