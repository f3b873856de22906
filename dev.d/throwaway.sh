# shellcheck shell=bash
# A daemon to throw away: without root, in a directory of its own, ended and removed whatever
# happens. As root it runs as a uid that nothing else has; that uid cannot enter a clone in root's
# home, so the programs are copied. Sourced by ../dev.

readonly daemon_uid=64000 client_uid=64001

place=       # the directory; set by make_place
daemon_pid=  # while it runs
as_daemon=() # prefixes that give up root
as_client=()
if is_root; then
  as_daemon=(setpriv "--reuid=$daemon_uid" "--regid=$daemon_uid" --clear-groups)
  as_client=(setpriv "--reuid=$client_uid" "--regid=$client_uid" --clear-groups)
fi

# state/ is the daemon's, client/ the client's, bin/ has the programs.
make_place() {
  place=$(mktemp -d "${TMPDIR:-/tmp}/strongroom.XXXXXX")
  trap end_throwaway EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  mkdir "$place/bin" "$place/state" "$place/client"
  cp "$top/build/$daemon_program" "$top/build/$client_program" "$place/bin"
  # The library, in case the client program is linked to it dynamically.
  find "$top/build/client" -maxdepth 1 -name 'libstrongroom.so*' -type f,l \
    -exec cp -P -t "$place/bin" {} +
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
  cat "$place/log" >&2
  fail 'the daemon does not answer; its log is above'
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

end_throwaway() {
  stop_daemon || true
  [[ -z $place ]] || rm -rf "$place"
}

# client_of SOCKET ARGUMENT…: runs the command line client. As root the daemon's uid is one that a
# client has no reason to trust, hence the option.
client_of() {
  local socket=$1 trust=()
  shift
  ! is_root || trust=(--insecure-socket)
  LD_LIBRARY_PATH=$place/bin "${as_client[@]}" "$place/bin/strongroom" --socket "$socket" \
    "${trust[@]}" "$@"
}

# run_in_foreground [DIRECTORY]: until it is interrupted.
run_in_foreground() {
  make_place
  local state=${1:-$place/state}
  mkdir -p "$state"
  [[ -z ${1:-} ]] || ! is_root || chown $daemon_uid:$daemon_uid "$state"
  say "the daemon listens at $state/strongroom.sock; Ctrl-C ends it"
  say "try: ${as_client[*]} $place/bin/strongroom --socket $state/strongroom.sock providers"
  (cd / && exec "${as_daemon[@]}" "$place/bin/strongroomd" --standalone "$(realpath "$state")") &
  daemon_pid=$!
  wait "$daemon_pid"
}
