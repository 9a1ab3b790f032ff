"""The survival curves of reply gaps, by lifelines: what `cargo xtask oracle` holds the desk's own against.

Reads sets of gaps on standard input, one gap a line, and prints them again, each set with the steps of its curve:
    set NAME
    gap LENGTH reply|censored
    step LENGTH AT_RISK EVENTS SURVIVAL
"""

import sys

from lifelines import KaplanMeierFitter


def read(lines):
    sets = []
    for line in lines:
        words = line.split()
        if not words or words[0] in ("#", "step"):
            continue
        if words[0] == "set":
            sets.append((words[1], []))
        elif words[0] == "gap":
            sets[-1][1].append((int(words[1]), words[2] == "reply"))
        else:
            raise SystemExit(f"not a line of this form: {line!r}")
    return sets


def main():
    for name, gaps in read(sys.stdin):
        print("set", name)
        for length, replied in gaps:
            print("gap", length, "reply" if replied else "censored")
        fitter = KaplanMeierFitter().fit([length for length, _ in gaps], [replied for _, replied in gaps])
        survival = fitter.survival_function_["KM_estimate"]
        for length, row in fitter.event_table.iterrows():
            if row["observed"] > 0:
                print("step", int(length), int(row["at_risk"]), int(row["observed"]), repr(float(survival.loc[length])))


main()
