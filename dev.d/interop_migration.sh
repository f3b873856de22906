# shellcheck shell=bash
# The service of the Parsec project, of Debian trixie, makes keys in a token and a TPM and is
# stopped; its keys become the daemon's. Sourced by interop.sh.

readonly parsec_port=$((20000 + $$ % 20000)) # of its TPM, and the next one
readonly parsec_home=/srv/strongroom-migration

# add_parsec: the service and SoftHSM in the root; once, too.
add_parsec() {
  [[ ! -x $interop_root/usr/bin/parsec || ! -e $interop_root/usr/lib/softhsm/libsofthsm2.so ]] ||
    return 0
  DEBIAN_FRONTEND=noninteractive chroot "$interop_root" \
    apt-get -qq -y install --no-install-recommends parsec-service softhsm2 >>"$interop_root.log"
}

in_root() { chroot "--userspec=$daemon_uid:$daemon_uid" --groups= "$interop_root" "$@"; }

# parsec_configuration MANAGER: SQLite or OnDisk; the paths are those inside of the root.
parsec_configuration() {
  cat <<TEXT
[core_settings]
[listener]
listener_type = "DomainSocket"
timeout = 3000
[authenticator]
auth_type = "UnixPeerCredentials"
[[key_manager]]
name = "mappings"
manager_type = "$1"
sqlite_db_path = "$parsec_home/mappings/kim.sqlite3"
store_path = "$parsec_home/mappings"
[[provider]]
provider_type = "MbedCrypto"
key_info_manager = "mappings"
[[provider]]
provider_type = "Pkcs11"
key_info_manager = "mappings"
library_path = "/usr/lib/softhsm/libsofthsm2.so"
user_pin = "271828"
[[provider]]
provider_type = "Tpm"
key_info_manager = "mappings"
tcti = "swtpm:host=127.0.0.1,port=$parsec_port"
owner_hierarchy_auth = ""
TEXT
}

# start_parsec MANAGER: answers when this returns. It stands for the daemon: stop_daemon ends it.
start_parsec() {
  local tries
  local home=$interop_root$parsec_home
  rm -rf "$home" "$interop_root/run/parsec/parsec.sock"
  install -d -m 0755 -o $daemon_uid -g $daemon_uid "$home" \
    "$home/mappings" "$home/tokens" "$home/keys" "$place/tpm-$1"
  printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$parsec_home/tokens" \
    >"$home/softhsm2.conf"
  parsec_configuration "$1" >"$home/config.toml"
  in_root env SOFTHSM2_CONF="$parsec_home/softhsm2.conf" softhsm2-util --init-token --free \
    --label parsec --so-pin 31415926 --pin 271828 >>"$place/token.log" 2>&1 || fail 'no token'
  (cd / && exec "${as_daemon[@]}" swtpm socket --tpm2 --tpmstate "dir=$place/tpm-$1" \
    --server "type=tcp,port=$parsec_port,bindaddr=127.0.0.1" \
    --ctrl "type=tcp,port=$((parsec_port + 1)),bindaddr=127.0.0.1" \
    --flags not-need-init,startup-clear) >>"$place/tpm.log" 2>&1 &
  tpm_pid=$!
  sleep 1
  (exec chroot "--userspec=$daemon_uid:$daemon_uid" --groups= "$interop_root" sh -c \
    "cd $parsec_home/keys && SOFTHSM2_CONF=$parsec_home/softhsm2.conf exec parsec -c ../config.toml") \
    >>"$place/log" 2>&1 &
  daemon_pid=$!
  for ((tries = 0; tries < 100; ++tries)); do
    ! chroot "--userspec=$client_uid:$client_uid" --groups= "$interop_root" parsec-tool ping \
      >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  fail "Parsec's service does not answer"
}

# migrate_parsec OPTION…: by root, as an administrator does it, by a configuration that is root's.
# The paths in Parsec's are made those of outside.
migrate_parsec() {
  install -m 0600 "$place/state/strongroom.toml" "$place/strongroom.toml"
  sed "s|$parsec_home|$interop_root$parsec_home|" "$interop_root$parsec_home/config.toml" \
    >"$place/parsec.toml"
  "$place/bin/strongroomd" --config "$place/strongroom.toml" \
    --migrate-parsec "$place/parsec.toml" \
    --mbed-crypto-keys "$interop_root$parsec_home/keys" "$@"
}

# All but what a login changes in a token of SoftHSM's.
what_parsec_keeps() {
  find "$interop_root$parsec_home" -type f ! -name token.object -exec sha256sum {} + | sort
}

# migration MANAGER: from its store to one of our own. Each has a TPM of its own: one that was cut
# off while a key of Parsec's was in use counts that as an attempt to guess, and locks after a few.
migration() {
  local keys status=0 before
  keys=$(mktemp -d "$place/keys.XXXXXX")
  chmod 0755 "$keys"
  start_parsec "$1"
  "$top/tests/interop/migrate_parsec.sh" "$interop_root" make "$keys" || status=$?
  stop_daemon || status=$?
  stop_tpm
  rm -f "$place/state/keys.db"* "$place/state/store.key"
  start_tpm "$1"
  printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$interop_root$parsec_home/tokens" \
    >"$place/token/softhsm2.conf"
  before=$(what_parsec_keeps)
  migrate_parsec --dry-run || status=$?
  [[ ! -e $place/state/keys.db ]] || fail 'a dry run made a store'
  migrate_parsec || status=$?
  [[ $(what_parsec_keeps) == "$before" ]] || fail "Parsec's files were changed"
  start_daemon "$interop_root/run/parsec/parsec.sock" --config "$place/state/strongroom.toml"
  "$top/tests/interop/migrate_parsec.sh" "$interop_root" use "$keys" || status=$?
  stop_daemon || fail "the daemon ended with exit code $?"
  stop_tpm
  return $status
}
