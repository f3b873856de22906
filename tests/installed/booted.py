"""A systemd of its own as process 1 of a container, with Strongroom installed in it.

Its files are those of this machine with what `meson install` makes above them; what it writes goes
with it. It has processes, mounts, devices, a network, names and control groups of its own, may not
change the kernel's settings or clock, and starts nothing but its journal.
"""

import ctypes
import os
import resource
import shutil
import subprocess
import tempfile
import time

from daemon import IS_ROOT, PATIENCE

SCRIPT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$PLACE"
mkdir "$PLACE/upper" "$PLACE/work" "$PLACE/root"
root=$PLACE/root
mount -t overlay -o "lowerdir=/,upperdir=$PLACE/upper,workdir=$PLACE/work" overlay "$root"
tar -C "$STAGED" -c . | tar -C "$root" -x --keep-directory-symlink
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
while read -r name major minor; do
  mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done <<NODES
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
touch "$root/dev/console"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
rm -f "$root/etc/machine-id"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
cat >"$root/etc/systemd/system/strongroom-test.target" <<UNIT
[Unit]
Requires=systemd-journald.service
After=systemd-journald.service
UNIT
cd "$root"
pivot_root . mnt
umount --lazy /mnt
mount --make-rshared /
exec setpriv --inh-caps=-all \
  --bounding-set=-sys_time,-sys_module,-sys_boot,-sys_rawio,-syslog \
  env -i container=test "PATH=$PATH" /lib/systemd/systemd --system \
  --unit=strongroom-test.target --show-status=0
"""

APART = ['unshare', '--pid', '--fork', '--mount', '--cgroup', '--net', '--ipc', '--uts',
         '--kill-child']
PROBE = ('mount --make-rprivate / && mount -t tmpfs tmpfs "$PLACE" && mkdir "$PLACE/u" "$PLACE/w"'
         ' "$PLACE/r" && mount -t overlay -o lowerdir=/,upperdir="$PLACE/u",workdir="$PLACE/w" o'
         ' "$PLACE/r" && mount -t proc p "$PLACE/r/proc" && mount -t sysfs s "$PLACE/r/sys" &&'
         ' mount -t cgroup2 c "$PLACE/r/sys/fs/cgroup" && mknod "$PLACE/null" c 1 3')


def control_groups():
    """Where control groups of version 2 are mounted, if anywhere."""
    with open('/proc/self/mountinfo', encoding='utf-8') as mounts:
        for line in mounts:
            fields, _, kind = line.partition(' - ')
            if kind.startswith('cgroup2 ') and ',ro' not in ',' + fields.split()[5]:
                return fields.split()[4]
    return None


def why_not():
    """What is missing for a systemd of our own; None when nothing is."""
    if not IS_ROOT:
        return 'needs root'
    if not os.path.exists('/lib/systemd/systemd') or control_groups() is None:
        return 'needs systemd and control groups of version 2'
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([*APART, 'sh', '-c', PROBE], env=os.environ | {'PLACE': place},
                              capture_output=True, check=False, timeout=PATIENCE)
    return 'needs namespaces' if done.returncode else None


def may_raise_limits():
    with open('/proc/self/status', encoding='ascii') as status:
        effective = next(int(line.split()[1], 16) for line in status
                         if line.startswith('CapEff'))
    sys_resource = 24
    return (bool(effective >> sys_resource & 1) or
            resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] == resource.RLIM_INFINITY)


class Machine:
    """Runs from its making until stop()."""

    def __init__(self, staged):
        self.place = tempfile.mkdtemp(prefix='strongroom-machine-')
        self.group = os.path.join(control_groups(), f'strongroom-test-{os.getpid()}')
        os.mkdir(self.group)
        environment = {'PLACE': self.place, 'STAGED': staged.root, 'PATH': os.environ['PATH']}
        self.log = tempfile.TemporaryFile('w+', encoding='utf-8')
        self.process = subprocess.Popen(
            [*APART, 'bash', '-c', SCRIPT], env=environment, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, start_new_session=True, preexec_fn=self.enter_group)
        self.wait_until(lambda: self.run('systemctl', 'is-active', 'strongroom-test.target')[0] == 0,
                        'it does not boot')

    def enter_group(self):
        with open(os.path.join(self.group, 'cgroup.procs'), 'w', encoding='ascii') as members:
            members.write(str(os.getpid()))

    def first_process(self):
        path = f'/proc/{self.process.pid}/task/{self.process.pid}/children'
        try:
            with open(path, encoding='ascii') as children:
                return children.read().strip()
        except OSError:
            return ''

    def run(self, *command, uid=0, groups=(), stdin=''):
        """Runs it in there; gives exit code, standard output and standard error."""
        first = self.first_process()
        if not first:
            return 1, '', 'nothing runs there'
        if uid:
            joined = ','.join(map(str, groups))
            command = ['setpriv', f'--reuid={uid}', f'--regid={uid}', '--inh-caps=-all',
                       f'--groups={joined}' if joined else '--clear-groups', *command]
        done = subprocess.run(['nsenter', f'--target={first}', '--pid', '--mount', '--net', '--ipc',
                               '--uts', '--cgroup', '--root', '--wd', *command], input=stdin,
                              capture_output=True, text=True, check=False, timeout=PATIENCE,
                              env={'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8'})
        return done.returncode, done.stdout, done.stderr

    def run_ok(self, *command, **how):
        code, out, said = self.run(*command, **how)
        if code:
            raise AssertionError(f'{command}: {code} {out}{said}')
        return out

    def shell(self, script, **how):
        return self.run_ok('sh', '-ec', script, **how)

    def try_inside(self, pid, attempt):
        """Whether `attempt()` succeeds as root among the files of a process in there."""
        files = f'/proc/{self.first_process()}/root/proc/{pid}/ns/mnt'
        child = os.fork()
        if child == 0:
            code = 1
            quiet = os.open('/dev/null', os.O_RDWR)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            try:
                with open(files, 'rb') as namespace:
                    if ctypes.CDLL(None).setns(namespace.fileno(), 0) == 0:
                        attempt()
                        code = 0
                    else:
                        code = 2
            except OSError:
                pass
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code not in (0, 1):
            raise AssertionError(f'cannot go among the files of process {pid}: {code}')
        return code == 0

    def from_outside(self, path):
        """Where we find one of its files."""
        return f'/proc/{self.first_process()}/root{path}'

    def write(self, path, text):
        self.run_ok('sh', '-c', 'mkdir -p "$(dirname "$1")" && cat >"$1"', 'sh', path, stdin=text)

    def show(self, key, unit='strongroom.service'):
        return self.run_ok('systemctl', 'show', '--property', key, '--value', unit).strip()

    def journal(self):
        return self.run('journalctl', '--no-pager', '--unit=strongroom.service', '--lines=15',
                        '--output=cat')[1]

    def wait_until(self, is_so, otherwise):
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.log.seek(0)
                raise AssertionError(f'{otherwise}: {self.log.read()}{self.journal()}')
            time.sleep(0.05)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                for folder, _, _ in os.walk(self.group, topdown=False):
                    os.rmdir(folder)
                break
            except OSError:
                time.sleep(0.05)
        shutil.rmtree(self.place, ignore_errors=True)
