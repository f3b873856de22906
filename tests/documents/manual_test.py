"""The manual pages say what the programs do: their options, exit codes and configuration."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import page
import runner
from daemon import ALICE, Case, become, programs

MANUAL = pathlib.Path(os.environ['STRONGROOM_MANUAL'])
SOURCE = pathlib.Path(os.environ['STRONGROOM_SOURCE'])

_OPTION = re.compile(r'(?<![\w-])--[a-z][a-z-]*')
# "duration from 100ms to 1h", in parentheses at the end of a key's text.
_FACTS = re.compile(r'\((\w+)(?: from (\S+) to ([^,;)]+))?, (required|.* by default)'
                    r'(; a change needs a restart)?\)$')


def pages():
    return sorted(p for p in MANUAL.iterdir() if re.fullmatch(r'.*\.[1358]', p.name))


def read(name):
    return page.parse((MANUAL / name).read_text(encoding='utf-8'))


def known_module():
    """One that p11-kit finds by its name, where it has any."""
    known = pathlib.Path('/usr/share/p11-kit/modules').glob('*.module')
    return min((path.stem for path in known), default='module')


def said_by(program, *words):
    environment = os.environ | {'LD_LIBRARY_PATH': programs.folder}
    return subprocess.run([program, *words], env=environment, capture_output=True, text=True,
                          timeout=60, check=True).stdout


def options_in(help_text):
    """The options that a text of --help lists, each with what its value is called."""
    return re.findall(r'^  (--[\w-]+(?: [A-Z][\w|-]*)?)(?=  |$)', help_text, re.MULTILINE)


def keys_of_configuration():
    """{(section, key): its facts} from strongroom.toml(5)."""
    keys = {}
    for heading, entries in read('strongroom.toml.5').sections.items():
        for term, text in entries:
            if heading.startswith('SECTIONS/'):
                keys[heading.removeprefix('SECTIONS/'), term] = _FACTS.search(text)
    return keys


def toml(kind, text):
    return text if kind == 'number' else f'"{text}"'


class Pages(unittest.TestCase):
    @unittest.skipUnless(shutil.which('groff'), 'needs groff')
    def test_are_set_without_a_warning(self):
        self.assertEqual(len(pages()), len(list((SOURCE / 'docs/man').glob('*.in'))))
        for path in pages():
            done = subprocess.run(['groff', '-man', '-Tutf8', '-K', 'utf8', '-ww', str(path)],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ''), path.name)
            self.assertNotIn('@', path.read_text(encoding='utf-8').replace('@example.org', ''))

    def test_refer_to_each_other_by_names_that_exist(self):
        names = {re.sub(r'\.(\d)$', r'(\1)', path.name) for path in pages()}
        for path in pages():
            named = set(re.findall(r'(?:lib)?strongroom[\w.]*\(\d\)', read(path.name).prose))
            self.assertGreater(len(named), 0)
            self.assertEqual(named - names, set(), path.name)

    def test_are_installed_in_their_sections(self):
        build = MANUAL.parent.parent
        said = subprocess.run(['meson', 'introspect', '--installed', str(build)], check=True,
                              capture_output=True, text=True).stdout
        installed = json.loads(said)
        for path in pages():
            place = f'/man{path.name[-1]}/{path.name}'
            self.assertTrue(installed.get(str(path), '').endswith(place), path.name)

    def test_are_not_made_without_their_tables(self):
        prose = (SOURCE / 'docs/man/strongroom.1.in').read_text(encoding='utf-8')
        with tempfile.TemporaryDirectory() as folder:
            for broken, said in ((prose.replace('@commands@\n', ''), "'commands' is left out"),
                                 (prose + '@options@\n', "there is no table 'options'")):
                path = pathlib.Path(folder, 'strongroom.1.in')
                path.write_text(broken, encoding='utf-8')
                done = subprocess.run([MANUAL / 'client-pages', path], capture_output=True,
                                      text=True, check=False)
                self.assertEqual((done.returncode, done.stdout), (1, ''))
                self.assertIn(said, done.stderr)

    def test_are_named_by_help(self):
        for program in (programs.client, programs.daemon):
            for name in ('strongroom(1)', 'strongroomd(8)', 'strongroom.toml(5)'):
                self.assertIn(name, said_by(program, '--help'))


class Options(unittest.TestCase):
    maxDiff = None

    def terms(self, name, heading):
        return [term for term, _ in read(name).sections.get(heading, [])]

    def test_of_the_daemon(self):
        text = said_by(programs.daemon, '--help')
        self.assertGreater(len(options_in(text)), 5)
        self.assertEqual(self.terms('strongroomd.8', 'OPTIONS'), options_in(text))
        prose = read('strongroomd.8').prose
        synopsis = prose[:prose.index('keeps private and symmetric keys')]
        self.assertEqual(set(_OPTION.findall(synopsis)), set(_OPTION.findall(text)))

    def test_of_the_client_everywhere(self):
        text = said_by(programs.client, '--help').partition('global options')[2]
        self.assertGreater(len(options_in(text)), 5)
        self.assertEqual(self.terms('strongroom.1', 'GLOBAL OPTIONS'), options_in(text))

    def commands(self):
        listed = said_by(programs.client, '--help').partition('commands:')[2]
        listed = listed.partition('global options')[0]
        return re.findall(r'^  ([a-z][a-z-]*(?: [a-z][a-z-]*)*)(?=  |$)', listed, re.MULTILINE)

    def test_of_each_command_of_the_client(self):
        sections = read('strongroom.1').sections
        documented = [h.removeprefix('COMMANDS/') for h in self.headings('strongroom.1')
                      if h.startswith('COMMANDS/')]
        self.assertGreater(len(documented), 10)
        self.assertEqual(documented, self.commands())
        for command in documented:
            text = said_by(programs.client, *command.split(), '--help')
            text = text.partition('global options')[0]
            terms = [t for t, _ in sections.get(f'COMMANDS/{command}', []) if t.startswith('--')]
            self.assertEqual(terms, options_in(text), command)

    def headings(self, name):
        section = ''
        for line in (MANUAL / name).read_text(encoding='utf-8').split('\n'):
            if line.startswith('.SH'):
                section = line[4:]
            elif line.startswith('.SS'):
                yield f'{section}/{page.unescaped(line[4:])}'

    def test_that_prose_mentions_exist(self):
        client = said_by(programs.client, '--help')
        for command in self.commands():
            client += said_by(programs.client, *command.split(), '--help')
        daemon = said_by(programs.daemon, '--help')
        known = {'strongroom.1': client, 'strongroomd.8': daemon, 'strongroom.toml.5': daemon}
        for name, text in known.items():
            mentioned = set(_OPTION.findall(read(name).prose))
            self.assertEqual(mentioned - set(_OPTION.findall(text)), set(), name)


class ExitCodes(unittest.TestCase):
    def codes(self, name):
        return [term for term, _ in read(name).sections['EXIT STATUS']]

    def test_of_the_daemon(self):
        listed = said_by(programs.daemon, '--help').lower().partition('exit status:')[2]
        listed = re.findall(r'^  (\d+) ', listed, re.MULTILINE)
        self.assertEqual(self.codes('strongroomd.8'), listed)
        self.assertGreater(len(self.codes('strongroomd.8')), 3)

    def test_of_the_client(self):
        header = (SOURCE / 'client/cli/exit_code.h').read_text(encoding='utf-8')
        listed = re.findall(r'^  \w+ = (\d+),', header, re.MULTILINE)
        self.assertEqual(self.codes('strongroom.1'), listed)
        for code in listed:
            self.assertRegex(said_by(programs.client, '--help'), rf'\b{code} [a-z]')


class Library(unittest.TestCase):
    """libstrongroom(3) against the library and its headers."""

    maxDiff = None
    HEADERS = SOURCE / 'client/include/strongroom'

    def setUp(self):
        self.text = (MANUAL / 'libstrongroom.3').read_text(encoding='utf-8')

    def functions_below(self, heading):
        """Names in bold before a parenthesis, up to the next heading of its kind."""
        kind = heading[:3]
        part = self.text.partition(f'\n{heading}\n')[2]
        part = re.split(rf'^\{kind} ', part, maxsplit=1, flags=re.MULTILINE)[0]
        return set(re.findall(r'\\fB(\w+)\\fR\(', part))

    def exported(self, *how):
        library = programs.built[2]
        return subprocess.run(['nm', '-D', '--defined-only', *how, library], check=True,
                              capture_output=True, text=True).stdout

    def test_shows_every_function_for_c(self):
        functions = set(re.findall(r' T (strongroom_\w+)', self.exported()))
        self.assertGreater(len(functions), 50)
        self.assertEqual(self.functions_below('.SH C INTERFACE'), functions)

    def test_shows_every_function_for_cpp(self):
        exported = self.exported('-C')
        for name, header in (('Client', 'client.h'), ('AsyncClient', 'async_client.h')):
            text = (self.HEADERS / header).read_text(encoding='utf-8')
            public = re.search(rf'^class [^\n]*\b{name} .*?^ private:', text, re.M | re.S)[0]
            declared = {method for method in re.findall(rf'strongroom::{name}::(\w+)\(', exported)
                        if re.search(rf'\b{method}\(', public)} - {name}
            shown = self.functions_below(f'.SS {name}')
            self.assertGreater(len(shown), 4)
            self.assertEqual(declared - shown, set())
            self.assertEqual({f for f in shown if not re.search(rf'\b{f}\(', public)}, set())
        prepared = set(re.findall(r'strongroom::requests::(\w+)\(', exported))
        self.assertGreater(len(prepared), 20)
        # Of operations in parts and of attestation the page names the headers alone.
        apart = ''.join((self.HEADERS / name).read_text(encoding='utf-8')
                        for name in ('multipart.h', 'key_attestation.h'))
        prepared = {f for f in prepared if not re.search(rf'\b{f}\(', apart)}
        self.assertEqual(prepared - self.functions_below('.SS Client'), set())

    def test_says_what_each_status_and_source_means(self):
        sections = read('libstrongroom.3').sections
        enumerators = (SOURCE / 'base/status.h').read_text(encoding='utf-8')
        statuses = [f'{name} ({number})' for name, number
                    in re.findall(r'^  (\w+) = (\d+),', enumerators, re.MULTILINE)]
        self.assertEqual([term for term, _ in sections['ERRORS/Statuses']], statuses)
        error = (self.HEADERS / 'client_error.h').read_text(encoding='utf-8')
        sources = re.search(r'enum class ErrorSource.*?\{(.*?)\};', error, re.DOTALL)[1]
        self.assertEqual([term for term, _ in sections['ERRORS/Sources']],
                         re.findall(r'^  (\w+),', sources, re.MULTILINE))
        for term, text in sections['ERRORS/Statuses'] + sections['ERRORS/Sources']:
            self.assertGreater(len(text), 8, term)


def keys_of_type(provider):
    """Of [[provider]], those that are for providers of that type alone."""
    grammar = (SOURCE / 'config/provider_keys.h').read_text(encoding='utf-8')
    of = {'tpm': 'ProviderType::Tpm', 'pkcs11': 'ProviderType::Pkcs11'}[provider]
    keys = [key for key in grammar.split('Key<Provider>{')[1:] if f'.of = {of}' in key]
    return {('[[provider]]', re.search(r'"(\w+)"', key)[1]) for key in keys}


def without_keys_of(provider, values):
    return {key: value for key, value in values.items() if key not in keys_of_type(provider)}


class Configuration(Case):
    def check(self, text):
        """Whether --check-config accepts it, and what it says."""
        path = self.place.write('checked.toml', text, uid=ALICE)
        os.chmod(path, 0o644)
        code, out, said = self.place.run_daemon('--check-config', '--config', path, uid=ALICE)
        return code == 0, out + said

    def text(self, values):
        """Of {(section, key): value}, beside what every configuration needs here."""
        of_token = keys_of_type('pkcs11') & values.keys()
        values = {('[[socket]]', 'path'): f'"{self.place.socket}"',
                  ('[admin]', 'groups'): '[]',
                  ('[[provider]]', 'type'): '"pkcs11"' if of_token else '"tpm"'} | values
        if of_token:
            values[('[[provider]]', 'uri')] = f'"pkcs11:token=keys?module-name={known_module()}"'
            values[('[[provider]]', 'pin')] = '"credential:token-pin"'
        lines = []
        for section in dict.fromkeys(section for section, _ in values):
            lines.append(section)
            lines += [f'{k} = {v}' for (s, k), v in values.items() if s == section]
        return '\n'.join(lines) + '\n'

    def test_shows_the_keys_of_the_shipped_file(self):
        shipped, section = set(), ''
        for line in (SOURCE / 'config/strongroom.toml').read_text(encoding='utf-8').split('\n'):
            if line.startswith('['):
                section = line
            elif match := re.match(r'(?:# )?([a-z0-9_]+) = ', line):
                shipped.add((section, match[1]))
        self.assertEqual(set(keys_of_configuration()), shipped)
        self.assertGreater(len(shipped), 30)

    def test_says_what_each_quirk_is(self):
        words = (SOURCE / 'config/values/words.h').read_text(encoding='utf-8')
        table = re.search(r'kTokenQuirks = \{(.*?)\};', words, re.DOTALL)[1]
        known = set(re.findall(r'"([\w-]+)"', table))
        text = (MANUAL / 'strongroom.toml.5').read_text(encoding='utf-8')
        paragraph = re.split(r'^\.(?:PP|SS)', text.partition('\n.BR quirks :\n')[2],
                             maxsplit=1, flags=re.MULTILINE)[0]
        explained = re.findall(r'^\.B (\S+)\n\(', paragraph, re.MULTILINE)
        self.assertGreater(len(known), 5)
        self.assertEqual({page.unescaped(name) for name in explained}, known)

    def test_gives_each_key_facts_and_a_default_that_is_accepted(self):
        defaults = {}
        for key, facts in keys_of_configuration().items():
            self.assertIsNotNone(facts, key)
            value = facts[4].removesuffix(' by default')
            if value not in ('required', 'none') and key != ('[admin]', 'groups'):
                defaults[key] = value
        for other in ('tpm', 'pkcs11'):
            values = without_keys_of(other, defaults)
            self.assertEqual(self.check(self.text(values)), (True, 'no problem found\n'))

    def test_gives_bounds_that_hold(self):
        bounded = {key: facts for key, facts in keys_of_configuration().items() if facts[2]}
        self.assertGreater(len(bounded), 12)
        for group in (2, 3):
            values = {key: toml(facts[1], facts[group]) for key, facts in bounded.items()}
            of_tpms = without_keys_of('pkcs11', values)
            of_tpms[('[store]', 'rollback_counter')] = '"tpm"'
            of_tokens = without_keys_of('tpm', values)
            of_tokens.pop(('[store]', 'rollback_index'), None)
            for chosen in (of_tpms, of_tokens):
                self.assertEqual(self.check(self.text(chosen)), (True, 'no problem found\n'))
        for key, facts in bounded.items():
            beyond = re.sub(r'\d+', lambda m: str(int(m[0]) + 1), facts[3])
            is_accepted, said = self.check(self.text({key: toml(facts[1], beyond)}))
            self.assertFalse(is_accepted, key)
            self.assertIn(key[1], said)
            least = int(re.match(r'\d+', facts[2])[0])
            if least > 0:
                below = facts[2].replace(str(least), str(least - 1), 1)
                self.assertFalse(self.check(self.text({key: toml(facts[1], below)}))[0], key)

    def test_says_what_needs_a_restart(self):
        ours = {('[service]', 'require_locked_memory'): 'false',
                ('[store]', 'path'): f'"{self.place.state}/keys.db"',
                ('[store]', 'key_source'): f'"file:{self.place.state}/store.key"'}
        path = self.place.write('reloaded.toml', self.text(ours))
        daemon = self.place.start('--config', path)
        other = {('[service]', 'strict'): 'false',
                 ('[service]', 'allow_root'): 'true',
                 ('[service]', 'require_locked_memory'): 'true',
                 ('[store]', 'path'): f'"{self.place.state}/other.db"',
                 ('[store]', 'key_source'): '"tpm:tpm"',
                 ('[store]', 'key_pcrs'): '"sha256:7"',
                 ('[store]', 'rollback_counter'): '"tpm"',
                 ('[store]', 'rollback_index'): '0x01800000',
                 ('[[provider]]', 'tcti'): '"device:/dev/tpm0"',
                 ('[[provider]]', 'root'): '"rsa-2048"'}
        self.place.write('reloaded.toml', self.text(ours | other))
        daemon.signal(signal.SIGHUP)
        deadline = time.monotonic() + 30
        while 'needs restart: ' not in self.place.read_log() and time.monotonic() < deadline:
            time.sleep(0.02)
        refused = re.search(r'needs restart: (.*)', self.place.read_log())[1].replace(" 'tpm'", '')
        documented = [f'{section} {key}' for (section, key), facts
                      in keys_of_configuration().items()
                      if facts[5] and (section, key) not in keys_of_type('pkcs11')]
        self.assertEqual(refused.split(', '), documented)


if __name__ == '__main__':
    runner.main()
