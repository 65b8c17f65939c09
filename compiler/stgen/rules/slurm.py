"""What sbatch takes in a line `#SBATCH --option=value`: its options, and those that aren't the spec's to say.

From the table of options in Slurm's source (src/common/slurm_opt.c of 26.11, those with a function for sbatch), which the manual
lists too: https://slurm.schedmd.com/sbatch.html
"""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
VALUED: frozenset[str] = frozenset([
    "account", "acctg-freq", "array", "batch", "bb", "bbf", "begin", "chdir", "cluster", "cluster-constraint", "clusters", "comment",
    "constraint", "container", "container-id", "context", "core-spec", "cores-per-socket", "cpu-freq", "cpus-per-gpu", "cpus-per-task",
    "deadline", "delay-boot", "dependency", "distribution", "error", "exclude", "export", "export-file", "extra", "extra-node-info", "gid",
    "gpu-bind", "gpu-freq", "gpus", "gpus-per-node", "gpus-per-socket", "gpus-per-task", "gres", "gres-flags", "hint", "input", "job-name",
    "kill-on-invalid-dep", "licenses", "mail-type", "mail-user", "mcs-label", "mem", "mem-bind", "mem-per-cpu", "mem-per-gpu", "mem-update",
    "mincpus", "network", "nodefile", "nodelist", "nodes", "ntasks", "ntasks-per-core", "ntasks-per-gpu", "ntasks-per-node",
    "ntasks-per-socket", "ntasks-per-tres", "open-mode", "output", "partition", "prefer", "priority", "profile", "qos", "reservation", "resources",
    "runtime", "segment", "signal", "sockets-per-node", "switches", "tasks-per-node", "thread-spec", "threads-per-core", "time", "time-min",
    "tmp", "tres-bind", "tres-per-task", "uid", "wait-all-nodes", "wckey", "wrap"
])
"""Options that need a value."""

EITHER: frozenset[str] = frozenset(["exclusive", "nice", "no-kill", "oom-kill-step", "propagate", "requeue", "resv-ports"])
"""Options that may have one."""

BARE: frozenset[str] = frozenset([
    "consolidate-segments", "contiguous", "external", "get-user-env", "help", "hold", "ignore-pbs", "no-requeue", "overcommit", "oversubscribe",
    "parsable", "quiet", "reboot", "spread-job", "spread-segments", "stepmgr", "test-only", "usage", "use-min-nodes", "verbose", "version",
    "wait"
])
"""Options that sbatch refuses with a value."""

WRITTEN: Mapping[str, str] = {
    "nodes":           "`nodes` under [hardware] says how many machines there are",
    "ntasks":          "each machine has one task, which starts a process for each of its devices",
    "ntasks-per-node": "each machine has one task, which starts a process for each of its devices",
    "tasks-per-node":  "each machine has one task, which starts a process for each of its devices",
    "ntasks-per-gpu":  "each machine has one task, which starts a process for each of its devices",
    "array":           "the jobs of an array would write into the same folder",
    "wrap":            "sbatch takes it in place of a script",
}
"""Options that the script has already, or that would undo it, and why."""
# fmt: on

OPTIONS = VALUED | EITHER | BARE
