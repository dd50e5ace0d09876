"""Do the manifests, the Dockerfile and the configuration in the image fit together? A grace period
that is too short, or a probe of the wrong file, shows only when it is too late."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import yaml

KUBERNETES = pathlib.Path("packaging/kubernetes")
DOCKERFILE = pathlib.Path("packaging/container/Dockerfile")
CONFIG = "conf/examples/container.conf"


def manifest(kind):
    found = [m for path in sorted(KUBERNETES.glob("*.yaml"))
             for m in yaml.safe_load_all(path.read_text()) if m["kind"] == kind]
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]


def pod():
    return manifest("Deployment")["spec"]["template"]


def container():
    containers = pod()["spec"]["containers"]
    assert len(containers) == 1
    return containers[0]


def supervisord(*arguments, **environment):
    done = subprocess.run([os.environ["SUPERVISORD"], "-c", CONFIG, *arguments],
                          env=dict(os.environ, **environment), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def effective():
    return json.loads(supervisord("--dump-config=json"))


def dockerfile():
    """Its instructions by stage, each a list of words; "" is what comes before the first stage."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.M).replace("\\\n", " ")
    stages = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        words = line.split(None, 1)
        if words[0] == "FROM":
            stage = stages.setdefault(line.split()[-1], [])
        stage.append(words)
    return stages


# ---------------------------------------------------------------- what has to hold


def each_manifest_is_complete_and_listed():
    listed = manifest("Kustomization")["resources"]
    others = sorted(p.name for p in KUBERNETES.glob("*.yaml") if p.name != "kustomization.yaml")
    assert sorted(listed) == others, f"{listed} are listed, {others} are there"
    for name in listed:
        for m in yaml.safe_load_all((KUBERNETES / name).read_text()):
            assert m["apiVersion"] and m["kind"] and m["metadata"]["name"], name


def the_grace_period_covers_the_longest_stop():
    grace = pod()["spec"]["terminationGracePeriodSeconds"]
    told = [e["value"] for e in container()["env"] if e["name"] == "TERMINATION_GRACE_PERIOD"]
    assert told == [str(grace)], f"the container is told {told} and has {grace}"
    plan = supervisord("-t", "--strict", TERMINATION_GRACE_PERIOD=str(grace))
    assert "Stopping takes at most: " in plan and "Warning" not in plan, plan
    # What is left is for the kubelet and for us to end.
    plan = supervisord("-t", TERMINATION_GRACE_PERIOD=str(grace - 3))
    assert "Warning" not in plan, f"less than 3 s are left:\n{plan}"


def a_grace_period_that_is_too_short_is_warned_of():
    worst = effective()["supervisord"]["shutdown_timeout"]
    plan = supervisord("-t", TERMINATION_GRACE_PERIOD=str(worst - 1))
    assert "Warning: stopping may take" in plan, plan


def the_probe_looks_at_the_readiness_file_and_in_time():
    daemon = effective()["supervisord"]
    probe = container()["readinessProbe"]
    assert probe["exec"]["command"] == ["test", "-e", daemon["readiness_file"]], probe
    seconds = probe["periodSeconds"] * probe["failureThreshold"]
    assert seconds < daemon["drain_delay"], f"it takes {seconds} s to see that the end has begun"


def what_is_written_can_be_written():
    assert container()["securityContext"]["readOnlyRootFilesystem"]
    mounts = [m["mountPath"] for m in container()["volumeMounts"]]
    volumes = {v["name"] for v in pod()["spec"]["volumes"]}
    assert {m["name"] for m in container()["volumeMounts"]} <= volumes
    daemon = effective()["supervisord"]
    for path in (daemon["pidfile"], daemon["readiness_file"]):
        assert str(pathlib.Path(path).parent) in mounts, f"{path} is in none of {mounts}"
    assert daemon["logfile"] == "/dev/null"


def the_service_finds_the_pods():
    labels = pod()["metadata"]["labels"].items()
    selectors = [manifest("Service")["spec"]["selector"],
                 manifest("Deployment")["spec"]["selector"]["matchLabels"],
                 manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]]
    for selector in selectors:
        assert selector and selector.items() <= labels, selector
    ports = {p["name"]: p["containerPort"] for p in container()["ports"]}
    target = ports[manifest("Service")["spec"]["ports"][0]["targetPort"]]
    web = next(p for p in effective()["processes"] if p["name"] == "web")
    assert str(target) in web["argv"], f"{web['argv']} does not listen on {target}"


def the_image_holds_what_it_starts():
    stages = dockerfile()
    copies = {}
    for stage, instructions in stages.items():
        for word, rest in instructions:
            words = rest.split()
            if word != "COPY" or words[0].startswith("--from="):
                continue
            assert pathlib.Path(words[0]).exists(), f"there is no {words[0]} to copy"
            copies[stage, words[0]] = words[1]
    config = copies["example", CONFIG]
    entry = next(json.loads(rest) for word, rest in stages["supervisord"] if word == "ENTRYPOINT")
    assert entry == ["supervisord", "-n", "-c", config], entry
    programs = copies["example", "conf/examples/container"]
    assert programs == os.path.join(os.path.dirname(config), "container"), programs
    for process in effective()["processes"]:
        script = next(word for word in process["argv"] if "/container/" in word)
        assert pathlib.Path(script).exists(), script


def the_image_has_the_libraries_that_are_linked():
    daemon = pathlib.Path(os.environ["SUPERVISORD"])
    needed = subprocess.run(["ldd", daemon, daemon.with_name("supervisorctl")], check=True,
                            capture_output=True, text=True).stdout
    installed = " ".join(rest for word, rest in dockerfile()["supervisord"] if word == "RUN")
    packages = {"libsystemd.so.0": "libsystemd0", "libinih.so.1": "libinih1",
                "libedit.so.2": "libedit2"}
    for library, package in packages.items():
        if library in needed:
            assert package in shlex.split(installed.replace("&&", " ")), f"{package} is missing"


TESTS = (each_manifest_is_complete_and_listed, the_grace_period_covers_the_longest_stop,
         a_grace_period_that_is_too_short_is_warned_of,
         the_probe_looks_at_the_readiness_file_and_in_time, what_is_written_can_be_written,
         the_service_finds_the_pods, the_image_holds_what_it_starts,
         the_image_has_the_libraries_that_are_linked)


def main():
    failed = 0
    for test in TESTS:
        try:
            test()
            print(f"ok    packaging::{test.__name__}")
        except (AssertionError, KeyError, StopIteration) as error:
            text = repr(error).replace("\\n", "\n      | ")
            print(f"FAIL  packaging::{test.__name__}\n      | {text}")
            failed += 1
    print(f"{len(TESTS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
