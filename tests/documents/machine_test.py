"""What documents show for an installed service, under a real systemd."""

import os
import pathlib

import blocks
import runner
from boot_test import Booted

SOURCE = pathlib.Path(os.environ['STRONGROOM_SOURCE'])

# What is asked of it here, by root: sudo COMMAND…, and sudo -u USER -g GROUP COMMAND….
SUDO = '''
sudo() {
  if [ "$1" = -u ]; then
    setpriv --reuid="$2" --regid="$4" --clear-groups -- "${@:5}"
  else
    "$@"
  fi
}
'''


class BootedTutorial(Booted):
    def follow(self, document):
        """As root, who needs no sudo: up to the last block that needs a machine."""
        text = (SOURCE / document).read_text(encoding='utf-8')
        shown = [block for block in blocks.in_markdown(document, text)
                 if block.kind == 'sh' and block.not_run is None and not block.until]
        last = max(i for i, block in enumerate(shown) if block.needs_machine)
        script = 'set -e\nexport HOME=/root\n' + SUDO
        script += '\n'.join(block.text for block in shown[:last + 1])
        return self.machine.run_ok('bash', '-c', script)

    def test_a_service_of_ones_own_signs_at_start(self):
        said = self.follow('docs/tutorial.md')
        self.assertEqual(said.count('Verified OK\n'), 2)
        self.assertIn('active (exited)', said)
        self.assertRegex(said, '(?m)^letterhead +ecc-p256')


if __name__ == '__main__':
    runner.main()
