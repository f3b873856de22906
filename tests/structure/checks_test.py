"""Each check finds what it is there for, and nothing else."""

import unittest

import arrows
import extensions
import one_definition
import paths
import secrets_in_text
import sizes
import threat_model
import try_usage
import words
from tree import Tree


def violations(check, **files):
    """Files by name; in a name '__' is '/' and a last '_' followed by letters is the suffix."""
    named = {'.'.join(k.replace('__', '/').rsplit('_', 1)): v for k, v in files.items()}
    return list(check(Tree(named)))


class OneDefinition(unittest.TestCase):
    def test_a_name_is_defined_once_in_a_namespace(self):
        text = 'namespace strongroom {\nstruct Seat {\n};\n}  // namespace strongroom\n'
        self.assertFalse(violations(one_definition.check, base__a_h=text))
        self.assertTrue(violations(one_definition.check, base__a_h=text, service__b_cc=text))

    def test_other_namespaces_and_declarations_are_no_second_one(self):
        text = 'namespace strongroom {\nstruct Seat {\n};\n}  // namespace strongroom\n'
        for other in (
            text.replace('strongroom', 'strongroom::cli'),
            text.replace('struct Seat {', 'namespace {\nstruct Seat {').replace(
                '}  // namespace s', '}  // namespace\n}  // namespace s'),
            'namespace strongroom {\nstruct Seat;\n}  // namespace strongroom\n',
        ):
            self.assertFalse(violations(one_definition.check, base__a_h=text, service__b_cc=other))


class Arrows(unittest.TestCase):
    def judge(self, path, line):
        violations = arrows.check(Tree({path: line}))
        return [v for v in violations if not v.startswith(arrows.PICTURE)]

    def test_the_picture_says_what_the_table_says(self):
        table = {room: set(places) - {'base'} for room, places in arrows.ARROWS.items()}
        lines = [f"{room} ─► {', '.join(places)}   a word" for room, places in table.items() if places]
        self.assertFalse(list(arrows.compare_with_picture('\n'.join(lines))))
        lines.append('client ─► service/auth')
        self.assertTrue(list(arrows.compare_with_picture('\n'.join(lines))))

    def test_rooms_include_along_the_arrows(self):
        self.assertFalse(self.judge('service/dispatch/x.cc', '#include "service/store/store.h"'))
        self.assertFalse(self.judge('base/error.h', '#include "base/status.h"'))
        self.assertFalse(self.judge('service/main.cc', '#include "providers/software/p.h"'))
        self.assertFalse(self.judge('client/cli/x.cc', '#include "strongroom/client.h"'))
        self.assertFalse(self.judge('tests/unit/x.cc', '#include "service/loop/loop.h"'))

    def test_nothing_includes_upwards(self):
        self.assertTrue(self.judge('base/x.h', '#include "protocol/frame.h"'))
        self.assertTrue(self.judge('client/x.cc', '#include "service/auth/authenticator.h"'))
        self.assertTrue(self.judge('service/store/x.cc', '#include "providers/provider.h"'))
        self.assertTrue(self.judge('service/dispatch/x.cc', '#include "service/store/seal.h"'))
        self.assertTrue(self.judge('providers/provider.h', '#include "providers/software/p.h"'))

    def test_includes_are_written_from_the_root(self):
        self.assertTrue(self.judge('base/error.h', '#include "status.h"'))

    def test_libraries_stay_in_their_rooms(self):
        self.assertFalse(self.judge('providers/software/x.cc', '#include <openssl/evp.h>'))
        self.assertFalse(self.judge('service/main.cc', '#include <openssl/crypto.h>'))
        self.assertTrue(self.judge('service/auth/x.cc', '#include <openssl/evp.h>'))
        self.assertTrue(self.judge('base/bytes.cc', '#include <openssl/evp.h>'))
        self.assertTrue(self.judge('service/policy/x.cc', '#include "psa_sign_hash.pb.h"'))

    def test_every_source_stands_in_a_room(self):
        self.assertTrue(self.judge('util/x.cc', ''))


class TryUsage(unittest.TestCase):
    def judge(self, code):
        return list(try_usage.check(Tree({'x.cc': 'void f() {\n' + code + '\n}\n'})))

    def test_allowed_forms(self):
        for code in (
            'auto x = TRY(f(a, g(b)));',
            'const auto x =\n    TRY(f());',
            'std::vector<int> x = TRY(f());',
            'TRY(check(x));',
            'if (x > 1) TRY(check(x));',
            'if (a(b)) {\n} else {\n  return TRY(f());\n}',
            'std::ignore = TRY(f());',
            'case Opcode::Ping: return TRY(f());',
            'for (int i = 0; i < 3; ++i) TRY(f(i));',
            'for (bool more = TRY(step()); more; more = TRY(step())) g();',
            'g([] { return TRY(f()); });',
            'key_->size = TRY(f([] { return 1; }));',
            '// x(TRY(f())) in words\n',
        ):
            self.assertFalse(self.judge(code), code)

    def test_refused_forms(self):
        for code in (
            'return Key{.a = 1, .b = TRY(f())};',
            'return Key{TRY(f())};',
            'g(TRY(f()));',
            'auto x = TRY(g(TRY(f())));',
            'if (TRY(f())) return;',
            'for (auto& x : TRY(f())) g(x);',
            'auto x = a + TRY(f());',
        ):
            self.assertTrue(self.judge(code), code)


class Documents(unittest.TestCase):
    def test_paths_of_the_architecture_exist(self):
        text = 'See `base/`, [x](base/x.h), `/etc/x/y`, `x.*` and `base/*.h`.'
        tree = {'base/x.h': '', 'ARCHITECTURE.md': text}
        self.assertFalse(list(paths.check(Tree(tree))))
        tree['ARCHITECTURE.md'] = '`base/y.h` [y](gone.md)'
        self.assertEqual(len(list(paths.check(Tree(tree)))), 2)

    def test_links_lead_somewhere(self):
        tree = {'ARCHITECTURE.md': 'x', 'README.md': '# One\n\n## What it `does`, then\n',
                'docs/a.md': '[r](../README.md#what-it-does-then) [f](../docs/) [w](https://x.y/z)'}
        self.assertFalse(list(paths.check(Tree(tree))))
        tree['docs/a.md'] = '[r](README.md) [h](../README.md#two) [own](#none)'
        self.assertEqual(len(list(paths.check(Tree(tree)))), 3)

    def test_words(self):
        self.assertTrue(violations(words.check, a_md='later: TODO'))
        self.assertFalse(violations(words.check, a_md='a stubborn todo list'))


class ThreatModel(unittest.TestCase):
    def model(self, status):
        rows = ''.join(f'| {i} | what |\n' for i in threat_model.STATEMENTS)
        rows += ''.join(f'| {i} | what | {status} |\n' for i in threat_model.THREATS)
        return Tree({'threat-model/a.md': rows, 'tests/x_test.cc': 'TEST_F(Store, Seals) {'})

    def test_a_mitigated_row_names_tests_that_exist(self):
        self.assertFalse(list(threat_model.check(self.model('mitigated: `Store.Seals`'))))
        self.assertFalse(list(threat_model.check(self.model('open: the whole of it'))))
        for status in ('mitigated', 'mitigated: `Store.Opens`', 'done'):
            self.assertTrue(list(threat_model.check(self.model(status))), status)

    def test_system_tests_have_names_too(self):
        tree = self.model('mitigated: `Log.test_tells_nothing`')
        self.assertTrue(list(threat_model.check(tree)))
        tree.files['tests/system/log_test.py'] = (
            'class Log(Case):\n    def test_tells_nothing(self):\n        pass\n')
        self.assertFalse(list(threat_model.check(tree)))

    def test_every_id_has_one_row(self):
        tree = self.model('open: all')
        tree.files['threat-model/b.md'] = '| R1 | again | open |\n'
        self.assertEqual(len(list(threat_model.check(tree))), 1)
        del tree.files['threat-model/a.md']
        self.assertGreater(len(list(threat_model.check(tree))), 50)


class Extensions(unittest.TestCase):
    def judge(self, page):
        files = {extensions.PAGE: page, extensions.OPCODES: '  Ping = 1,\n  Status = 0x8000,\n'}
        files |= dict.fromkeys(extensions.CONTRACTS, '  bool wrap = 1000;\n  bool derive = 10;\n')
        return list(extensions.check(Tree(files)))

    def test_the_page_tells_numbers_as_the_sources_do(self):
        good = '| 0x8000 | Status | how it is |\n`wrap` = 1000\n'
        self.assertFalse(self.judge(good))
        for bad in (good.replace('8000', '8001'), good.replace('Status', 'State'),
                    good.replace('1000', '1001'), good.replace('`wrap` = 1000', ''),
                    good + '| 0x8002 | KeyInfo | more |\n'):
            self.assertTrue(self.judge(bad))


class Sources(unittest.TestCase):
    def test_sizes(self):
        self.assertTrue(violations(sizes.check, base__a_h='x\n' * 201))
        self.assertFalse(violations(sizes.check, base__a_cc='x\n' * 400))
        many = {f'base__a{n}_txt': '' for n in range(26)}
        self.assertTrue(violations(sizes.check, **many))

    def test_secrets_are_not_formatted(self):
        check = secrets_in_text.check
        self.assertTrue(violations(check, a_cc='log::info("x", "{}", to_hex(key.reveal()));'))
        self.assertTrue(violations(check, a_cc='in_context(f(), "{}", key.reveal());'))
        self.assertFalse(violations(check, a_cc='in_context(f(key.reveal(), 1), "opening");'))
        self.assertFalse(violations(check, a_cc='copy(key.reveal());'))


if __name__ == '__main__':
    unittest.main()
