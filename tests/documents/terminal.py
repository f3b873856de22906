"""One shell that a document's blocks are typed into, as the user who reads it."""

import os
import pathlib
import signal
import subprocess
import threading
import time

PATIENCE = 60  # seconds for a block

# Each command that fails, and is not the condition of another, is noted. What a block leaves behind
# (variables, directory, functions) is there for the next one.
_PROLOGUE = r'''
shopt -s expand_aliases
set -o pipefail
STATUS=0
exit_code_is() { return "$1"; }
note_failure() {
  case $2 in
    exit_code_is* | 'return "$1"' | 'source '*) ;;
    *) printf '%s\n' "exit code $1: $2" >>"$FAILURES" ;;
  esac
}
trap 'note_failure $? "$BASH_COMMAND"' ERR
'''


class Terminal:
    def __init__(self, folder, home, environment, preexec):
        """`folder` is for what the terminal itself writes; commands begin in `home`."""
        self.folder = pathlib.Path(folder)
        self.failures = self.folder / 'failures'
        self.count = 0
        reading, self.reports_from_shell = os.pipe()
        self.reports = os.fdopen(reading, encoding='utf-8')
        self.shell = subprocess.Popen(
            ['bash', '--noprofile', '--norc'], stdin=subprocess.PIPE, cwd=home,
            env=environment | {'FAILURES': str(self.failures)}, preexec_fn=preexec,
            pass_fds=[self.reports_from_shell], process_group=0, text=True)
        os.close(self.reports_from_shell)  # the shell has it under the same number
        self.send(_PROLOGUE)

    def send(self, text):
        self.shell.stdin.write(text)
        self.shell.stdin.flush()

    def begin(self, text):
        """Types `text`; gives the path of what it prints."""
        self.count += 1
        self.failures.write_text('')
        self.failures.chmod(0o666)
        script = self.folder / f'block.{self.count}'
        script.write_text(f'exit_code_is $STATUS\n{text}\n')
        printed = self.folder / f'printed.{self.count}'
        printed.write_text('')
        printed.chmod(0o666)
        self.send(f'source {script} </dev/null >>{printed} 2>&1 {self.reports_from_shell}>&-\n'
                  f'STATUS=$?\nprintf "%s\\n" done >&{self.reports_from_shell}\n')
        return printed

    def run(self, text):
        """Types `text` and waits for its end; gives what it printed, and which commands failed."""
        printed = self.begin(text)
        timer = threading.Timer(PATIENCE, self.end)
        timer.start()
        said = self.reports.readline()
        timer.cancel()
        failures = self.failures.read_text().splitlines()
        if said != 'done\n':
            failures.append('the shell did not get to the end')
        return printed.read_text(errors='replace'), failures

    def run_until(self, text, words):
        """Types `text` and waits until it has printed `words`, while it goes on."""
        printed = self.begin(text)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if words in printed.read_text(errors='replace'):
                return True, printed
            time.sleep(0.05)
        return False, printed

    def end(self):
        """As when the window is closed."""
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.shell.pid, number)
            except ProcessLookupError:
                break
            time.sleep(0.2)
        self.shell.wait()

    def close(self):
        self.end()
        self.shell.stdin.close()
        self.reports.close()
