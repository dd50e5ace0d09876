#!/usr/bin/env python3
"""Compare supervisors: every contestant in turn, round after round, for each number of workers.

Run by ./lab, which makes the surroundings. README.md says what the figures mean."""

import argparse
import pathlib
import resource
import sys
import time

import contestants
import plot
import scenarios
from results import Results, machine, table
from session import become_subreaper


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--sizes", default="1 100 1000", help="numbers of workers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scenarios", default=" ".join(scenarios.ALL))
    parser.add_argument("--contestants", default="", help="names, separated by commas; else all")
    parser.add_argument("--full", action="store_true", help="longer windows, more samples")
    parser.add_argument("--quickest", action="store_true", help="to see that it works at all")
    parser.add_argument("--output", type=pathlib.Path, help="default: BUILD/bench")
    parser.add_argument("--peers", type=pathlib.Path, help="default: BUILD/bench/peers")
    return parser.parse_args()


def taking_part(args, build):
    every = contestants.all_of(build, args.peers or build / "bench/peers")
    wanted = args.contestants.split(",") if args.contestants else [c.name for c in every]
    unknown = set(wanted) - {c.name for c in every}
    if unknown:
        sys.exit(f"bench: unknown contestants: {', '.join(sorted(unknown))}")
    chosen = [c for c in every if c.name in wanted]
    found = [c for c in chosen if c.find()]
    missing = [c.name for c in chosen if c not in found]
    if missing:
        print(f"not installed or not possible here (tests/bench/install-peers): "
              f"{', '.join(missing)}")
    return found


def measure(scenario, contestant, worker, n, round_, effort, results):
    try:
        for metric, value in scenarios.ALL[scenario](contestant, worker, n, effort):
            results.add(metric, n, contestant.name, round_, value)
    except (OSError, RuntimeError, TimeoutError) as error:
        results.fail(scenario, n, contestant.name, round_, str(error))
        return False
    return True


def run(args, found, build, results):
    worker = build / "tests/bench/bench-worker"
    effort = scenarios.Effort(args.full, args.quickest)
    for n in map(int, args.sizes.split()):
        for scenario in args.scenarios.split():
            begin, able = time.monotonic(), [c for c in found if n <= c.limit]
            for round_ in range(args.rounds):
                able = [c for c in able
                        if measure(scenario, c, worker, n, round_, effort, results)]
            print(f"{scenario} of {n:,}: {time.monotonic() - begin:.0f} s", file=sys.stderr)


def main():
    args = arguments()
    build = args.build.resolve()
    output = (args.output or build / "bench").resolve()
    output.mkdir(parents=True, exist_ok=True)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    become_subreaper()

    found = taking_part(args, build)
    results = Results(output / "results.jsonl", machine(found))
    run(args, found, build, results)
    results.close()
    names = [c.name for c in found]
    sizes = [int(n) for n in args.sizes.split()]
    print("\n".join(table(results, sizes, names)))
    plot.write_all(results, sizes, names, output)
    for scenario, n, name, why in results.failures:
        print(f"failed: {scenario} of {n:,} under {name}: {why}")
    print(f"\n{output}/results.jsonl and a plot for each metric beside it")


if __name__ == "__main__":
    main()
