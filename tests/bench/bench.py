"""Measures the daemon against its floors; ./dev bench runs it, docs/performance.md explains it."""

import argparse
import json
import os
import platform
import signal
import sys
import time

import figures
import floods
import plot
import steps
from scene import IS_ROOT, Failure, Scene

for folder in ('pkcs11', 'tpm'):
    sys.path.append(os.path.join(os.path.dirname(__file__), folder))

import token_rows  # noqa: E402
import tpm_rows  # noqa: E402

RESULTS = os.path.normpath(os.path.join(os.path.dirname(__file__), '../../bench-results'))


NOT_KEPT = 'this daemon ends connections that asked to be kept: nothing kept was measured'


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(prog='./dev bench', description=__doc__)
    parser.add_argument('--programs', required=True, help=argparse.SUPPRESS)
    parser.add_argument('--daemon', required=True, help=argparse.SUPPRESS)
    parser.add_argument('--flood', action='store_true',
                        help='quiet users beside floods of noisy ones (root)')
    parser.add_argument('--tpm', action='store_true', help='keys in a TPM (swtpm), and no others')
    parser.add_argument('--pkcs11', action='store_true',
                        help='keys in a PKCS#11 token (SoftHSM), and no others')
    parser.add_argument('--quick', action='store_true', help='a smoke run: one short round')
    parser.add_argument('--rounds', type=int, help='default 5, floods 3')
    parser.add_argument('--seconds', type=float, help='of each step; default 2, floods 6')
    parser.add_argument('--keys', type=int, help='to measure start and memory with; default 10000')
    parser.add_argument('--out', default=RESULTS, help='directory; default %(default)s')
    options = parser.parse_args()
    if options.flood and not IS_ROOT:
        sys.exit('bench: --flood needs root: noisy and quiet users have uids of their own')
    usual = 3 if options.flood else 5
    options.rounds = options.rounds or (1 if options.quick else usual)
    usual = 6 if options.flood else 2
    options.seconds = options.seconds or (usual / 8 if options.quick else usual)
    options.keys = options.keys or (500 if options.quick else 10000)
    return options


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as cpuinfo:
        model = next((line.split(': ')[1].strip() for line in cpuinfo if 'model name' in line), '')
    return {'time': time.strftime('%Y-%m-%dT%H:%M:%S'), 'cores': os.cpu_count(), 'processor': model,
            'kernel': platform.release(), 'load_before': os.getloadavg(), 'root': IS_ROOT}


def write(options, name, about, measured, rows, panels):
    os.makedirs(options.out, exist_ok=True)
    path = os.path.join(options.out, name)
    with open(path + '.json', 'w', encoding='utf-8') as file:
        json.dump({'machine': about, 'rounds': options.rounds, 'seconds': options.seconds,
                   'figures': rows} | measured, file, indent=1)
    with open(path + '.svg', 'w', encoding='utf-8') as file:
        file.write(plot.picture(panels))
    say(f'written: {path}.json, {path}.svg')


def panels_of(measurement):
    for scenario in steps.SCENARIOS:
        runs = measurement.runs[scenario.name]
        yield plot.Panel(scenario.name, [
            (label, plot.middle_curve(seen['latency'].get(scenario.mix, {}).get('curve')
                                      for seen in runs[target]), target == 'floor')
            for target, label in (('floor', 'echo'), ('service', 'strongroomd'))])


def bench(options):
    about = machine()
    with Scene(options.daemon, options.programs) as scene:
        measurement = steps.Measurement(scene, options, say)
        measurement.run()
    rows = list(figures.all_figures(measurement))
    print('\n'.join(figures.table(rows)))
    if not figures.was_kept(measurement, steps.PING_KEPT):
        print(NOT_KEPT)
    report_mistakes(measurement)
    write(options, 'bench', about, measurement.as_json(), figures.as_json(rows),
          panels_of(measurement))


def flood(options):
    about = machine()
    with Scene(options.daemon, options.programs) as scene:
        measurement = floods.FloodMeasurement(scene, options, say)
        measurement.run()
    rows = list(floods.all_figures(measurement))
    print('\n'.join(floods.table(rows)))
    print(f'\nA p99 is to be {floods.TARGET}.\n')
    print('\n'.join(figures.aligned(list(floods.states(measurement)))))
    print('\nAll noise was made at nice 19, on the cores that the daemon and the quiet user share.')
    if not measurement.is_kept:
        print(NOT_KEPT)
    panels = [plot.Panel(f'{words}, {mode.name}', [
        (name, plot.middle_curve(seen), is_floor)
        for name, seen, is_floor in floods.curves(measurement, mode.name, task)])
              for mode in measurement.modes for task, words in floods.TASKS.items()]
    write(options, 'flood', about, measurement.as_json(), figures.as_json(rows), panels)


def tpm(options):
    of_device(options, 'tpm', tpm_rows.TpmScene, tpm_rows.TpmMeasurement, tpm_rows.all_figures)


def token(options):
    of_device(options, 'pkcs11', token_rows.TokenScene, token_rows.TokenMeasurement,
              token_rows.all_figures)


def of_device(options, name, scene_of, measurement_of, figures_of):
    about = machine()
    with scene_of(options.daemon, options.programs) as scene:
        measurement = measurement_of(scene, options, say)
        measurement.run()
    rows = list(figures_of(measurement))
    print('\n'.join(figures.table(rows)))
    report_mistakes(measurement)
    write(options, name, about, measurement.as_json(), figures.as_json(rows), [])


def report_mistakes(measurement):
    """Answers that were none: figures about them mean nothing."""
    for name, runs in measurement.runs.items():
        for target, seen in ((target, seen) for target in runs for seen in runs[target]):
            refused = sum(count for status, count in seen['statuses'].items() if status != '0')
            bad = seen['wrong'] + seen['checks'].get('wrong', 0)
            if seen['kept'] and (refused or bad or seen['lost'] or seen['unanswered']):
                raise Failure(f'{name} ({target}): {refused} refused, {bad} wrong, '
                              f'{seen["lost"]} lost, {seen["unanswered"]} unanswered')


def main():
    options = parse_arguments()
    # Ends what runs: contexts are left in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    try:
        chosen = [run for run, is_chosen in ((flood, options.flood), (tpm, options.tpm),
                                             (token, options.pkcs11)) if is_chosen]
        (chosen or [bench])[0](options)
    except Failure as failure:
        sys.exit(f'bench: {failure}')
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == '__main__':
    main()
