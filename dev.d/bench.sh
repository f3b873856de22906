# shellcheck shell=bash
# Builds what a user would run, beside its floors and loads, and measures. Sourced by ../dev.

readonly bench_programs=(crypto_floor echo_server flood load pkcs11_floor tpm_floor)

# bench OPTION…: those of tests/bench/bench.py.
bench() {
  [[ " $* " != *' --flood '* ]] || is_root || fail 'bench --flood needs root: users of its own'
  need "${build_packages[@]}" strace
  configure build-bench -Dbuildtype=debugoptimized
  compile build-bench "$daemon_program" "$worker_program" "${bench_programs[@]/#/tests/bench/}"
  python3 -B "$top/tests/bench/bench.py" --daemon "$top/build-bench/$daemon_program" \
    --programs "$top/build-bench/tests/bench" "$@"
}
