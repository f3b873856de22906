"""From what was measured to figures: each with its floor, their ratio, and the target."""

import dataclasses
import statistics

from steps import (AEAD, COUNTED, HASH, P256_CONNECTING, P256_KEPT, PING_CONNECTING, PING_KEPT, RSA)


@dataclasses.dataclass
class Figure:
    """`ratio` is that of `bound`, the most that value may be: at most 1 is reached. Without a bound
    it is that of value to floor, and there is no verdict."""
    name: str
    unit: str
    value: float | None
    floor: float | None = None
    ratio: float | None = None
    target: str = ''
    reached: bool | None = None

    @property
    def verdict(self):
        if self.value is None:
            return 'not measured'
        return {None: '', True: 'reached', False: 'MISSED'}[self.reached]


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def was_kept(measurement, scenario):
    return all(seen['kept'] for seen in measurement.runs[scenario.name]['service'])


class Rounds:
    """The rounds of one scenario: service and floor side by side."""

    def __init__(self, measurement, scenario):
        runs = measurement.runs[scenario.name]
        self.service, self.floor, self.crypto = runs['service'], runs['floor'], measurement.crypto
        self.task = scenario.mix
        self.is_measured = was_kept(measurement, scenario)

    def figure(self, name, unit, of, *, floor, most=None, target=''):
        """`of(service, crypto)` is the value in a round, `floor(echo, crypto)` what it is compared
        with and `most(floor)` what it may be. The ratio is the median of the rounds' ratios: what
        slows a round down slows down both."""
        if not self.is_measured:
            return Figure(name, unit, None, target=target)
        triples = [(of(service, crypto), floor(echo, crypto))
                   for service, echo, crypto in zip(self.service, self.floor, self.crypto)]
        ratio = statistics.median(value / (most or same)(floor_) for value, floor_ in triples)
        return Figure(name, unit, median(value for value, _ in triples),
                      median(floor_ for _, floor_ in triples), ratio, target,
                      None if most is None else ratio <= 1)

    def quantile(self, label, key, most=None, target=''):
        def of(seen, _):
            return seen['latency'][self.task][key]
        return self.figure(label, 'µs', of, floor=of, most=most, target=target)

    def per_request(self, label, key):
        def of(seen, _):
            return seen[key]
        return self.figure(label, '', of, floor=of)


def same(value):
    return value


def all_figures(measurement):
    yield from round_trips(measurement)
    yield from signatures(measurement)
    for scenario in (P256_KEPT, P256_CONNECTING, RSA, HASH, AEAD):
        yield from throughput(measurement, scenario)
    yield from memory(measurement)
    yield from starts(measurement)
    yield from system_calls(measurement)


def round_trips(measurement):
    for scenario in (PING_KEPT, PING_CONNECTING):
        rounds = Rounds(measurement, scenario)
        yield rounds.quantile(f'{scenario.name}: p50', 'p50', lambda floor: 1.5 * floor,
                              '≤ 1.5 × echo')
        yield rounds.quantile(f'{scenario.name}: p99', 'p99')
        yield rounds.figure(f'{scenario.name}: CPU a request', 'µs', lambda seen, _: seen['cpu_us'],
                            floor=lambda echo, _: echo['cpu_us'])
        yield rounds.per_request(f'{scenario.name}: context switches a request', 'switches')


def signatures(measurement):
    rounds = Rounds(measurement, P256_KEPT)
    yield rounds.figure(f'{P256_KEPT.name}: CPU a request − raw signing', 'µs',
                        lambda seen, crypto: seen['cpu_us'] - crypto['sign-p256']['cpu_us'],
                        floor=lambda echo, _: echo['cpu_us'], most=lambda floor: floor + 5,
                        target='≤ echo + 5 µs')
    yield rounds.quantile(f'{P256_KEPT.name}: p50', 'p50')
    yield rounds.quantile(f'{P256_KEPT.name}: p99', 'p99')
    yield rounds.per_request(f'{P256_KEPT.name}: context switches a request', 'switches')


def throughput(measurement, scenario):
    rounds = Rounds(measurement, scenario)
    yield rounds.figure(f'{scenario.name}: rate, against OpenSSL on all cores', '/s',
                        lambda seen, _: seen['rate'],
                        floor=lambda _, crypto: crypto[scenario.mix]['rate'])
    yield rounds.figure(f'{scenario.name}: CPU a request, against OpenSSL + echo', 'µs',
                        lambda seen, _: seen['cpu_us'],
                        floor=lambda echo, crypto: crypto[scenario.mix]['cpu_us'] + echo['cpu_us'])


def bounded(name, unit, value, most, target):
    if value is None:
        return Figure(name, unit, None, target=target)
    return Figure(name, unit, value, most, value / most, target, value <= most)


def memory(measurement):
    seen = measurement.memory
    yield bounded('memory of its own, idle', 'KiB', seen['idle_kib'], 6 * 1024, '≤ 6 MiB')
    yield Figure('memory of its own, most under load', 'KiB', seen['peak_kib'])
    yield Figure('memory of its own, after the load', 'KiB', seen['after_kib'])
    each = None
    if seen['with_keys_kib'] is not None and seen['keys']:
        grown = seen['with_keys_kib'] - seen['with_few_keys_kib']
        each = grown * 1024 / seen['keys']
    yield bounded(f'memory of a key, of {seen["keys"]}', 'bytes', each, 1024, '≤ 1 KiB')


def starts(measurement):
    (_, without), (keys, with_keys) = measurement.starts.items()
    yield Figure('start to first Ping, 0 keys', 'ms', without['ms'])
    yield bounded(f'start to first Ping, {keys}: more than that', 'ms',
                  with_keys['ms'] - without['ms'], 100, '≤ 100 ms more')


def system_calls(measurement):
    for scenario in COUNTED:
        if not was_kept(measurement, scenario):
            continue
        service, floor = (measurement.system_calls[scenario.name, target]
                          for target in ('service', 'floor'))
        value, least = (sum(calls.values()) if calls else None for calls in (service, floor))
        yield Figure(f'{scenario.name}: system calls a request', '', value, least,
                     value / least if value and least else None)


def table(figures):
    """Lines for a terminal."""
    rows = [('', 'measured', 'floor', 'ratio', 'target', '')]
    for figure in figures:
        rows.append((figure.name, number(figure.value, figure.unit), number(figure.floor, ''),
                     '' if figure.ratio is None else f'{figure.ratio:.2f}', figure.target,
                     figure.verdict))
    return aligned(rows)


def aligned(rows):
    """Each column as wide as it has to be; numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [cell.rjust(width) if cell[:1].isdigit() or cell[:1] in '–-' else cell.ljust(width)
                 for cell, width in zip(row[1:], widths[1:])]
        yield '  '.join([row[0].ljust(widths[0]), *cells]).rstrip()


def number(value, unit):
    if value is None:
        return '–'
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f'{value:,.{digits}f} {unit}'.rstrip()


def as_json(figures):
    return [dataclasses.asdict(figure) | {'verdict': figure.verdict} for figure in figures]
