"""Ratios, verdicts and pictures say what was measured."""

import types
import unittest
import xml.etree.ElementTree

import figures
import floods
import plot
import steps


class OneScenario:
    """A measurement of P-256 signatures alone; each argument has a value a round."""

    def __init__(self, service, floor, raw, kept=True):
        self.runs = {steps.P256_KEPT.name: {
            'service': [{'kept': kept, 'cpu_us': value} for value in service],
            'floor': [{'kept': True, 'cpu_us': value} for value in floor]}}
        self.crypto = [{'sign-p256': {'cpu_us': value}} for value in raw]

    def overhead(self):
        return figures.Rounds(self, steps.P256_KEPT).figure(
            'overhead', 'µs', lambda seen, crypto: seen['cpu_us'] - crypto['sign-p256']['cpu_us'],
            floor=lambda echo, _: echo['cpu_us'], most=lambda floor: floor + 5, target='≤ 6')


class Figures(unittest.TestCase):
    def test_a_ratio_is_the_median_of_the_rounds(self):
        # The second round was slow as a whole: its ratio is like that of the others.
        figure = OneScenario([30, 300, 33], [1, 25, 1], [27, 270, 27]).overhead()
        self.assertEqual((figure.value, figure.floor, figure.ratio, figure.verdict),
                         (6, 1, 1, 'reached'))

    def test_more_than_the_target_is_missed(self):
        figure = OneScenario([34] * 3, [1] * 3, [27] * 3).overhead()
        self.assertEqual(figure.verdict, 'MISSED')

    def test_what_could_not_be_measured_is_neither(self):
        figure = OneScenario([34] * 3, [1] * 3, [27] * 3, kept=False).overhead()
        self.assertEqual((figure.value, figure.verdict), (None, 'not measured'))
        hidden = figures.bounded('memory', 'KiB', None, 6144, '≤ 6 MiB')
        self.assertEqual(hidden.verdict, 'not measured')

    def test_a_bound_is_reached_at_its_value(self):
        for value, verdict in ((6144, 'reached'), (6145, 'MISSED')):
            figure = figures.bounded('memory', 'KiB', value, 6144, '≤ 6 MiB')
            self.assertEqual(figure.verdict, verdict)

    def test_the_table_has_a_line_for_each_figure(self):
        lines = list(figures.table([figures.bounded('memory', 'KiB', 1536, 6144, '≤ 6 MiB')]))
        self.assertEqual(lines[1].split('  '),
                         ['memory', '1,536 KiB', '6,144', ' 0.25', '≤ 6 MiB', 'reached'])


class Floods(unittest.TestCase):
    def test_the_most_is_the_greater_of_both_bounds(self):
        self.assertEqual(floods.most(quiet=100, echo=200), 1000)
        self.assertEqual(floods.most(quiet=40, echo=200), 600)

    def test_a_quiet_request_that_failed_misses_the_target(self):
        for lost, verdict in ((0, 'reached'), (1, 'MISSED')):
            self.assertEqual(self.wait(p99=900, lost=lost).verdict, verdict)
        self.assertEqual(self.wait(p99=1100, lost=0).verdict, 'MISSED')

    def wait(self, p99, lost):
        def seen(p99, lost=0):
            return {'kept': {'latency': {'ping': {'p99': p99, 'p999': p99}}, 'answered': 5,
                             'statuses': {'0': 5}, 'lost': lost, 'unanswered': 0,
                             'unconnected': 0, 'wrong': 0, 'checks': {}}}
        flood = floods.FLOODS[0]
        measurement = types.SimpleNamespace(
            rounds={flood.name: [{'alone': seen(100), 'echo': seen(20),
                                  'beside': seen(p99, lost)}]})
        return floods.wait(measurement, flood, 'kept', 'ping', 'Ping')

    def test_counts_of_noise_add_up(self):
        seen = {'answered': 7, 'statuses': {'0': 5, '1141': 2}, 'lost': 1, 'unconnected': 0,
                'wrong': 0}
        self.assertEqual(floods.counts_of(seen), {'served': 5, 'refused': 2, 'lost': 1,
                                                  'unconnected': 0, 'wrong': 0})
        self.assertEqual(floods.counts_of({'opened': 3}), {'opened': 3})

    def test_each_user_of_a_crowd_stays_below_the_limit(self):
        crowd = floods.crowd(1000, 250, send=18)
        self.assertEqual(len({uid for _, uid, _ in crowd}), 4)
        self.assertEqual(sum(options['connections'] for *_, options in crowd), 1000)

    def test_an_answer_that_failed_is_counted(self):
        mode = {'answered': 5, 'statuses': {'0': 4, '1141': 1}, 'lost': 2, 'unanswered': 0,
                'unconnected': 0, 'wrong': 0, 'checks': {'looked_at': 1, 'wrong': 1}}
        self.assertEqual(floods.failed(mode), 4)


class Picture(unittest.TestCase):
    def test_a_curve_rises_to_the_right(self):
        panel = plot.Panel('Ping', [('echo', [[0, 10], [0.5, 20], [0.99, 900]], True)])
        root = xml.etree.ElementTree.fromstring(plot.picture([panel]))
        points = root.find('.//{*}polyline').get('points').split()
        x, y = zip(*(map(float, point.split(',')) for point in points))
        self.assertEqual((sorted(x), sorted(y, reverse=True)), (list(x), list(y)))

    def test_nothing_measured_is_an_empty_picture(self):
        xml.etree.ElementTree.fromstring(plot.picture([plot.Panel('Ping', [('echo', [], True)])]))

    def test_the_middle_curve_leaves_out_one_bad_round(self):
        curves = [[[0.5, 10]], [[0.5, 900]], [[0.5, 11]], None]
        self.assertEqual(plot.middle_curve(curves), [[0.5, 11]])


if __name__ == '__main__':
    unittest.main()
