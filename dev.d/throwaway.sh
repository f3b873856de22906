# shellcheck shell=bash
# A daemon to throw away: without root, in a directory of its own, ended and removed whatever
# happens. As root it runs as a uid that nothing else has; that uid cannot enter a clone in root's
# home, so the programs are copied. Sourced by ../dev.

readonly daemon_uid=64000 client_uid=64001

place=            # the directory; set by make_place
client_command=() # set by make_place
daemon_pid=       # while it runs
tpm_pid=          # likewise, of swtpm
as_daemon=()      # prefixes that give up root
as_client=()
client_trust=()
if is_root; then
  # The daemon's uid is one that a client has no reason to trust.
  client_trust=(--insecure-socket)
  as_daemon=(setpriv "--reuid=$daemon_uid" "--regid=$daemon_uid" --clear-groups)
  as_client=(setpriv "--reuid=$client_uid" "--regid=$client_uid" --clear-groups)
fi

# state/ is the daemon's, client/ the client's, bin/ has the programs.
make_place() {
  place=$(mktemp -d "${TMPDIR:-/tmp}/strongroom.XXXXXX")
  trap end_throwaway EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  mkdir -m 0755 "$place/bin" "$place/state" "$place/client"
  cp "$top/build/$daemon_program" "$top/build/$client_program" "$place/bin"
  # It looks for it beside itself, if a token is wanted.
  [[ ! -e $top/build/$worker_program ]] || cp "$top/build/$worker_program" "$place/bin"
  # The library, in case the client program is linked to it dynamically.
  find "$top/build/client" -maxdepth 1 -name 'libstrongroom.so*' -type f,l \
    -exec cp -P -t "$place/bin" {} +
  client_command=("${as_client[@]}" env "LD_LIBRARY_PATH=$place/bin" "$place/bin/strongroom")
  is_root || return 0
  chmod 0755 "$place"
  chown $daemon_uid:$daemon_uid "$place/state"
  chown $client_uid:$client_uid "$place/client"
}

# start_daemon SOCKET OPTION…: it answers when this returns.
start_daemon() {
  local socket=$1 tries
  shift
  (cd / && exec "${as_daemon[@]}" "$place/bin/strongroomd" "$@") >>"$place/log" 2>&1 &
  daemon_pid=$!
  for ((tries = 0; tries < 100; ++tries)); do
    ! client_of "$socket" ping >/dev/null 2>&1 || return 0
    kill -0 "$daemon_pid" 2>/dev/null || break
    sleep 0.1
  done
  fail 'the daemon does not answer'
}

# stop_daemon: ends it as a service manager would; the status is its exit code.
stop_daemon() {
  local pid=$daemon_pid tries
  [[ -n $pid ]] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 100; ++tries)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  daemon_pid=
  wait "$pid"
}

# start_tpm STATE: a TPM of the daemon's user at $place/tpm, with the state of that name; another name
# is another TPM. Its socket is there when this returns.
start_tpm() {
  local state=$place/tpm-$1 tries
  mkdir -p -m 0700 "$state" "$place/tpm"
  ! is_root || chown $daemon_uid:$daemon_uid "$state" "$place/tpm"
  rm -f "$place/tpm/socket" "$place/tpm/socket.ctrl"
  (cd / && exec "${as_daemon[@]}" swtpm socket --tpm2 --tpmstate "dir=$state" \
    --server "type=unixio,path=$place/tpm/socket" --ctrl "type=unixio,path=$place/tpm/socket.ctrl" \
    --flags not-need-init,startup-clear) >>"$place/tpm.log" 2>&1 &
  tpm_pid=$!
  for ((tries = 0; tries < 100; ++tries)); do
    [[ ! -S $place/tpm/socket.ctrl ]] || return 0
    kill -0 "$tpm_pid" 2>/dev/null || break
    sleep 0.1
  done
  fail "swtpm does not start: $(tail -n 3 "$place/tpm.log")"
}

# stop_tpm: as if it was pulled out.
stop_tpm() {
  [[ -n $tpm_pid ]] || return 0
  kill -KILL "$tpm_pid" 2>/dev/null || true
  wait "$tpm_pid" 2>/dev/null || true
  tpm_pid=
}

# The module of SoftHSM; empty when it is not installed.
softhsm_module=
for path in /usr/lib/softhsm /usr/lib64/pkcs11 /usr/local/lib/softhsm; do
  [[ ! -e $path/libsofthsm2.so ]] || softhsm_module=$path/libsofthsm2.so
done

# make_token: a token 'keys' of the daemon's user below $place/token, with its PIN beside it; for
# daemons that are started from now on.
make_token() {
  mkdir -p -m 0700 "$place/token" "$place/token/tokens" "$place/token/away"
  printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$place/token/tokens" \
    >"$place/token/softhsm2.conf"
  (umask 077 && echo 271828 >"$place/token/pin")
  ! is_root || chown -R $daemon_uid:$daemon_uid "$place/token"
  export SOFTHSM2_CONF=$place/token/softhsm2.conf
  add_token keys
}

# add_token LABEL
add_token() {
  (cd / && "${as_daemon[@]}" softhsm2-util --init-token --free --label "$1" --so-pin 31415926 \
    --pin 271828) >>"$place/token.log" 2>&1 || fail "no token: $(tail -n 3 "$place/token.log")"
}

# At exit, whatever the reason; after a failure the daemon's log may tell it.
end_throwaway() {
  local status=$?
  stop_daemon || true
  stop_tpm
  if [[ $status -ne 0 && $status -lt 128 && -s $place/log ]]; then
    printf '\nthe log of the daemon:\n' >&2
    tail -n 40 "$place/log" >&2
  fi
  [[ -z $place ]] || rm -rf "$place"
}

# client_of SOCKET ARGUMENT…: runs the command line client.
client_of() {
  local socket=$1
  shift
  "${client_command[@]}" --socket "$socket" "${client_trust[@]}" "$@"
}

# run_in_foreground [DIRECTORY]: until it is interrupted.
run_in_foreground() {
  make_place
  local state=${1:-$place/state}
  mkdir -p -m 0755 "$state"
  [[ -z ${1:-} ]] || ! is_root || chown $daemon_uid:$daemon_uid "$state"
  state=$(realpath "$state")
  start_daemon "$state/strongroom.sock" --standalone "$state"
  say "the daemon listens at $state/strongroom.sock; Ctrl-C ends it. Try:"
  say "  ${client_command[*]} --socket $state/strongroom.sock ${client_trust[*]} providers"
  tail -f "$place/log" --pid "$daemon_pid" &
  wait "$daemon_pid"
}
