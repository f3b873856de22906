# shellcheck shell=bash
# Keys in a TPM from end to end, with a TPM in software in place of the machine's. Sourced by ../dev.

source "$top/dev.d/demo.sh"

write_tpm_configuration() {
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
type = "tpm"
tcti = "swtpm:path=$place/tpm/socket"
TEXT
  ! is_root || chown $daemon_uid:$daemon_uid "$place/state/strongroom.toml"
  chmod 0600 "$place/state/strongroom.toml"
}

start_with_tpm() {
  shown "strongroomd --config ${place}/state/strongroom.toml"
  start_daemon "$place/state/strongroom.sock" --config "$place/state/strongroom.toml"
}

# tpm_is STATE: waits until the service says so of the TPM.
tpm_is() {
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    # It exits with 11 while the TPM is away.
    [[ $(client_of "$place/state/strongroom.sock" status 2>/dev/null || true) != *"tpm:"*" $1"* ]] ||
      break
    sleep 0.1
  done
  shown 'strongroom status'
  { client_of "$place/state/strongroom.sock" status 2>/dev/null || true; } | grep '^tpm:' | indented
  [[ $tries -lt 100 ]] || fail "the TPM is not said to be '$1'"
}

refused_signature() {
  shown 'strongroom sign demo letter.txt'
  local refusal status=0
  refusal=$(client_of "$place/state/strongroom.sock" sign demo letter.txt --force 2>&1) || status=$?
  [[ $status -ne 0 ]] || fail 'there is no TPM, and yet a signature'
  head -n 1 <<<"$refusal" | indented
  say "  exit code $status"
}

demo_tpm() {
  step '1. Packages: what the build needs, and swtpm, a TPM 2.0 in software.'
  need "${build_packages[@]}" "${tpm_packages[@]}"
  say '  installed'

  step '2. Build: daemon and command line client, a few minutes the first time.'
  configure build
  compile build "$daemon_program" "$client_program"
  say '  built in build/'

  make_place
  cd "$place/client" || fail 'the directory is gone'
  echo 'Dear bank, please move everything to the vault.' >letter.txt

  step '3. A TPM, and a daemon whose only provider it is. With tcti = "device:/dev/tpmrm0" it would be
   the one of this machine.'
  start_tpm first
  write_tpm_configuration
  sed -n '/^\[\[provider/,$p' "$place/state/strongroom.toml" | indented
  start_with_tpm
  strongroom providers

  step '4. A P-256 key: made by the TPM, which wraps it; the store keeps what only this TPM can read.'
  strongroom key generate demo --type ecc-p256
  strongroom key show demo
  shown 'strongroom key export-public demo > demo.pem'
  client_of "$place/state/strongroom.sock" key export-public demo >demo.pem

  step '5. A file signed by the TPM; openssl verifies the signature.'
  sign_and_verify

  step '6. The TPM pulled out: requests are refused at once, and the service says what is wrong.'
  stop_tpm
  refused_signature
  tpm_is down

  step '7. And put back: the daemon finds out by itself, and the key works as before.'
  start_tpm first
  tpm_is up
  sign_and_verify

  step '8. Another TPM in its place: it is refused, because its storage root is not the one noted.'
  stop_tpm
  start_tpm another
  refused_signature
  tpm_is down

  step '9. The first one again, and a restart of the daemon.'
  stop_tpm
  start_tpm first
  stop_and_tell
  start_with_tpm
  sign_and_verify

  step '10. The daemon and the TPM stopped, their directory removed.'
  stop_and_tell
  stop_tpm
  printf '\n%sDone.%s Next: strongroom.toml(5), "[[provider]]".\n' "$green" "$plain"
}
