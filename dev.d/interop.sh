# shellcheck shell=bash
# parsec-tool of Debian trixie in a root directory of its own, against a daemon outside that listens
# inside it. Sourced by ../dev, as root.

source "$top/dev.d/throwaway.sh"
source "$top/dev.d/interop_migration.sh"

readonly interop_root=${XDG_CACHE_HOME:-/var/cache}/strongroom-interop/trixie

# Where this machine gets Debian from, as apt has it.
debian_mirror() {
  local release
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$release" '$2 == release && $3 == "main" { print $1; exit }'
}

# make_root: made once; a root that was not finished is made again.
make_root() {
  [[ ! -x $interop_root/usr/bin/parsec-tool ]] || return 0
  local mirror
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || fail 'apt knows no Debian mirror'
  say "making $interop_root from $mirror"
  rm -rf "$interop_root"
  mkdir -p "${interop_root%/*}"
  debootstrap --variant=minbase trixie "$interop_root" "$mirror" >"$interop_root.log" ||
    fail "debootstrap failed, see $interop_root.log"
  chroot "$interop_root" apt-get -qq update
  DEBIAN_FRONTEND=noninteractive chroot "$interop_root" \
    apt-get -qq -y install --no-install-recommends parsec-tool >>"$interop_root.log"
}

# write_configuration TOKEN
write_configuration() {
  cat >"$place/state/strongroom.toml" <<TEXT
[service]
strict = false  # for a socket that everybody may open and administrators use
require_locked_memory = false

# Where every Parsec client looks; here administrators are served too.
[[socket]]
path = "$interop_root/run/parsec/parsec.sock"
mode = "0666"
admin = true

[admin]
uids = [$client_uid]
groups = []

[auth]
order = ["unix-peer-credentials"]

[store]
path = "$place/state/keys.db"
key_source = "file:$place/state/store.key"

[[provider]]
type = "software"
name = "mbed-crypto-provider"

[[provider]]
type = "pkcs11"
name = "pkcs11-provider"
uri = "pkcs11:token=$1?module-path=$softhsm_module"
pin = "file:$place/token/pin"

[[provider]]
type = "tpm"
name = "tpm-provider"
tcti = "swtpm:path=$place/tpm/socket"

[log]
level = "info"
TEXT
  chown $daemon_uid:$daemon_uid "$place/state/strongroom.toml"
  chmod 0600 "$place/state/strongroom.toml"
}

interop() {
  make_root
  make_place
  write_configuration keys
  start_tpm first
  make_token
  install -d -m 0755 -o $daemon_uid -g $daemon_uid "$interop_root/run/parsec"
  start_daemon "$interop_root/run/parsec/parsec.sock" --config "$place/state/strongroom.toml"
  local status=0 manager
  "$top/tests/interop/parsec_tool.sh" "$interop_root" "${client_command[@]}" \
    "${client_trust[@]}" --socket "$interop_root/run/parsec/parsec.sock" || status=$?
  stop_daemon || fail "the daemon ended with exit code $?"
  stop_tpm
  add_parsec
  for manager in SQLite OnDisk; do
    say "keys of Parsec's service, from $manager"
    write_configuration parsec
    migration "$manager" || status=$?
  done
  return $status
}
