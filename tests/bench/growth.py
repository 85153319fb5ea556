# SPDX-License-Identifier: BSD-2-Clause
"""Growth: does the time of check and fix grow as n does?

Measured at n, 2n, 4n and 8n. A constant part hides what a large n costs, so what one more unit
costs is compared too: between 4n and 8n against between n and 4n. That is 1 if growth is linear,
whatever the constant part is, and 2.4 if it is quadratic.
"""

import callgrind
import mail
from filters import BenchError
from measure import Row, Samples, engine, rounds

WORKS = ("check", "fix")
SIZES = (1, 2, 4, 8)
# Times have caches in them; that much more they may bring. --callgrind has none.
LIMIT = 1.7
# CPU time of one measurement.
TURN_NS = 30_000_000


def rules_config(n):
    """n rules before the last, none of which names the sender."""
    rules = "".join(f"[rule r{i}]\nSender = @domain{i}.example\nPolicy = kumomta\n"
                    for i in range(n))
    return ("[mailmend]\n" + rules).encode()


def recipients_config(_):
    return (b"[mailmend]\n[rule r]\nRecipientDomain = a.example, b.example, c.example, d.example\n"
            b"Policy = kumomta\n")


# What grows beside the message: configuration of n, smallest n, recipients of n.
CONFIGS = {
    "rules": (rules_config, 500, lambda n: 1),
    "recipients": (recipients_config, 250, lambda n: n),
}


def subjects(bench):
    """What grows -> (n, path, arguments of engine) for each size."""
    for kind, (make, least) in mail.GROWTH.items():
        yield kind, [(least * k, bench.write(f"{kind}-{k}", make(least * k)), ())
                     for k in SIZES]
    for kind, (make, least, count) in CONFIGS.items():
        found = []
        for k in SIZES:
            config = bench.write(f"{kind}-{k}.conf", make(least * k))
            found.append((least * k, bench.message("founding-5k"),
                          (f"--config={config}", f"--recipients={count(least * k)}")))
        yield kind, found


def steps(values):
    """Of four times: what a unit costs in the second half against the first."""
    return ((values[3] - values[2]) / 4) / ((values[2] - values[0]) / 3)


def measure(found, scale):
    """work -> for each size the samples of its time."""
    loops = {}
    for n, path, args in found:
        got, _ = engine(path, ("fix",), 1, 2, *args)
        loops[n] = max(1, int(TURN_NS * scale["loop"] / got["fix"].values[-1]))

    def turn(n, path, args):
        return lambda: engine(path, WORKS, loops[n], 1, *args)[0]

    got = rounds(max(scale["rounds"], 1), {n: turn(n, path, args) for n, path, args in found})
    return {work: [Samples([r[work].values[0] for r in got[n]]) for n, _, _ in found]
            for work in WORKS}


def rows(bench, scale, facts):
    """The rows of growth; a kind that this version cannot configure is named and left out."""
    for kind, found in subjects(bench):
        try:
            got = measure(found, scale)
        except BenchError as problem:
            facts.append(f"growth in {kind}: NOT MEASURED: {problem}")
            continue
        for work, samples in got.items():
            facts.append(f"growth in {kind}, {work}: " + ", ".join(
                f"n={n}: {s.median / 1000:.1f} us" for (n, _, _), s in zip(found, samples)))
            medians = [s.median for s in samples]
            title = f"growth in {kind}, {work}, n = {found[0][0]} to {found[-1][0]}"
            yield Row(f"{title}: 8n against n", "at most 8.8 x",
                      samples[3] / samples[0], 8.8)
            yield Row(f"{title}: a unit in 4n-8n against n-4n",
                      f"at most {LIMIT} (1: linear, 2.4: quadratic)",
                      Samples([steps(medians)]), LIMIT)


def report(bench):
    """Prints the same as instructions, which are exact."""
    print("\n| growth, instructions a message | n | 2n | 4n | 8n | 8n / n | a unit in 4n-8n / n-4n |\n"
          "|---|---|---|---|---|---|---|")
    for kind, found in subjects(bench):
        for work in WORKS:
            try:
                got = [callgrind.instructions(bench, path, work, 1, 2, *args)
                       for _, path, args in found]
            except BenchError as problem:
                print(f"| {kind}: NOT MEASURED: {problem} |")
                break
            print(f"| {kind} from {found[0][0]}, {work} | " +
                  " | ".join(f"{ir:.0f}" for ir in got) +
                  f" | {got[3] / got[0]:.2f} | {steps(got):.2f} |", flush=True)
