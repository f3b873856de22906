# shellcheck shell=bash
# What demonstrations with a device have in common. Sourced by them.

source "$top/dev.d/demo.sh"

# write_configuration SETTINGS: of the only provider.
write_configuration() {
  cat >"$place/state/strongroom.toml" <<TEXT
[service]
strict = false  # for a user who administers over a socket that everybody may open
require_locked_memory = false

[[socket]]
path = "$place/state/strongroom.sock"
mode = "0666"
admin = true

[admin]
uids = [$(is_root && echo $client_uid || id -u)]
groups = []

[store]
path = "$place/state/keys.db"
key_source = "file:$place/state/store.key"

[[provider]]
$1
TEXT
  ! is_root || chown $daemon_uid:$daemon_uid "$place/state/strongroom.toml"
  chmod 0600 "$place/state/strongroom.toml"
}

start_configured() {
  shown "strongroomd --config ${place}/state/strongroom.toml"
  start_daemon "$place/state/strongroom.sock" --config "$place/state/strongroom.toml"
}

# device_is PROVIDER STATE: waits until the service says so of it.
device_is() {
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    # It exits with 11 while the device is away.
    ! { client_of "$place/state/strongroom.sock" status 2>/dev/null || true; } |
      grep -qE "^$1: +$2(:| |$)" || break
    sleep 0.1
  done
  shown 'strongroom status'
  { client_of "$place/state/strongroom.sock" status 2>/dev/null || true; } | grep "^$1:" | indented
  [[ $tries -lt 100 ]] || fail "$1 is not said to be '$2'"
}

refused_signature() {
  shown 'strongroom sign demo letter.txt'
  local refusal status=0
  refusal=$(client_of "$place/state/strongroom.sock" sign demo letter.txt --force 2>&1) || status=$?
  [[ $status -ne 0 ]] || fail 'there is no device, and yet a signature'
  head -n 1 <<<"$refusal" | indented
  say "  exit code $status"
}

device_programs=() # beside daemon and client

# prepare_device_demo DEVICE PACKAGE…: the first two steps, and a letter to be signed.
prepare_device_demo() {
  step "1. Packages: what the build needs, and $1."
  need "${build_packages[@]}" "${@:2}"
  say '  installed'

  step '2. Build: daemon and command line client, a few minutes the first time.'
  configure build
  compile build "$daemon_program" "$client_program" "${device_programs[@]}"
  say '  built in build/'

  make_place
  cd "$place/client" || fail 'the directory is gone'
  echo 'Dear bank, please move everything to the vault.' >letter.txt
}

make_and_show_key() {
  strongroom key generate demo --type ecc-p256
  strongroom key show demo
  shown 'strongroom key export-public demo > demo.pem'
  client_of "$place/state/strongroom.sock" key export-public demo >demo.pem
}
