# shellcheck shell=bash
# The main use of Strongroom from end to end, each step explained in a line. Sourced by ../dev.

source "$top/dev.d/throwaway.sh"

bold='' green='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' green=$'\e[32m' plain=$'\e[0m'
fi

step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
shown() { printf '  $ %s\n' "$*"; }
indented() { sed 's/^/  /'; }

# strongroom ARGUMENT…: shows the command and runs it.
strongroom() {
  shown "strongroom $*"
  client_of "$place/state/strongroom.sock" "$@" | indented
}

start_standalone() {
  shown "strongroomd --standalone ${place}/state"
  start_daemon "$place/state/strongroom.sock" --standalone "$place/state"
}

sign_and_verify() {
  shown 'strongroom sign demo letter.txt > letter.sig'
  client_of "$place/state/strongroom.sock" sign demo letter.txt >letter.sig
  shown 'openssl dgst -sha256 -verify demo.pem -signature letter.sig letter.txt'
  openssl dgst -sha256 -verify demo.pem -signature letter.sig letter.txt | indented
}

refuse_export() {
  shown 'strongroom key export demo'
  local refusal status=0
  refusal=$(client_of "$place/state/strongroom.sock" key export demo 2>&1) || status=$?
  [[ $status -ne 0 ]] || fail 'the key could be exported'
  indented <<<"$refusal"
  say "  refused, exit code $status"
}

stop_and_tell() {
  local status=0
  shown 'kill -TERM strongroomd'
  stop_daemon || status=$?
  say "  exit code $status"
  [[ $status -eq 0 ]] || fail 'the daemon did not end well'
}

demo() {
  step '1. Packages: the compiler and libraries that the build needs.'
  need "${build_packages[@]}" openssl
  say '  installed'

  step '2. Build: daemon and command line client, a few minutes the first time.'
  configure build
  compile build "$daemon_program" "$client_program"
  say '  built in build/'

  make_place
  cd "$place/client" || fail 'the directory is gone'
  echo 'Dear bank, please move everything to the vault.' >letter.txt

  step '3. A daemon to throw away: no root, no configuration, its keys sealed in a new directory.'
  start_standalone
  strongroom ping

  step '4. A P-256 key: made in the daemon, where its private half stays.'
  strongroom key generate demo --type ecc-p256
  shown 'strongroom key export-public demo > demo.pem'
  client_of "$place/state/strongroom.sock" key export-public demo >demo.pem

  step '5. A file signed by the daemon; openssl, which knows nothing of it, verifies the signature.'
  sign_and_verify

  step '6. The keys that this user has.'
  strongroom key list

  step '7. The private key asked for: it was not made to be exported, so nobody gets it.'
  refuse_export

  step '8. A restart: the daemon ends, and another one opens the sealed store and signs again.'
  stop_and_tell
  start_standalone
  sign_and_verify

  step '9. The key destroyed: its name is free again, its sealed record gone.'
  strongroom key delete demo
  strongroom key list

  step '10. The daemon stopped, its directory removed.'
  stop_and_tell
  printf '\n%sDone.%s Next: README.md, "First session".\n' "$green" "$plain"
}
