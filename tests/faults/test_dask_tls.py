"""A Dask cluster over TLS, as Dask's own configuration says; nobody without a certificate gets in."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time

import pytest

from costcheck import cli

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here to make certificates with"),
]
PATIENCE = 120
PREFIX = "DASK_DISTRIBUTED__COMM__"


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=PATIENCE)


def authority(folder, name):
    """Make an authority, and a certificate of it: ``name-ca.pem``, ``name.pem``, ``name-key.pem``."""
    new = ("-newkey", "rsa:2048", "-nodes", "-subj")
    files = ("-keyout", f"{name}-ca-key.pem", "-out", f"{name}-ca.pem")
    openssl(folder, "req", "-x509", "-days", "2", *new, f"/CN=authority of {name}", *files)
    openssl(folder, "req", *new, f"/CN={name}", "-keyout", f"{name}-key.pem", "-out", f"{name}.req")
    ca = ("-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca-key.pem", "-CAcreateserial")
    openssl(folder, "x509", "-req", "-days", "2", *ca, "-in", f"{name}.req", "-out", f"{name}.pem")


def configured(folder, ca, own):
    """The variables that give all roles a certificate, and the authority that the others' must be of."""
    tls = {f"{PREFIX}TLS__CA_FILE": str(folder / f"{ca}-ca.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        tls[f"{PREFIX}TLS__{role}__CERT"] = str(folder / f"{own}.pem")
        tls[f"{PREFIX}TLS__{role}__KEY"] = str(folder / f"{own}-key.pem")
    return tls


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ours", "theirs"):
        authority(folder, name)
    return folder


@pytest.fixture(scope="module")
def cluster(certificates, tmp_path_factory):
    """A scheduler and a worker that talk TLS; the address."""
    folder = tmp_path_factory.mktemp("cluster")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tls://127.0.0.1:{free.getsockname()[1]}"
    roles = {
        "scheduler": ["--host", "tls://127.0.0.1", "--port", address.rsplit(":")[-1]],
        "worker": [address, "--nthreads", "1", "--no-nanny"],
    }
    started = []
    try:
        for role, arguments in roles.items():
            with (folder / f"{role}.log").open("wb") as log:
                command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *arguments, "--no-dashboard"]
                env = os.environ | configured(certificates, "ours", "ours")
                started.append(subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log))
        until = time.monotonic() + PATIENCE
        while b"Registered to" not in (folder / "worker.log").read_bytes() and time.monotonic() < until:
            time.sleep(0.1)
        assert b"Registered to" in (folder / "worker.log").read_bytes(), (folder / "worker.log").read_text()
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(address, out, environment):
    command = [sys.executable, "-m", "costcheck", "run", "7", "--fresh", "--dask", address, "--out", str(out)]
    return subprocess.run(
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=out.parent,
    )


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.fault("a Dask cluster that is reached by TLS")
def test_over_tls_the_results_are_those_of_this_machine_byte_for_byte(cluster, certificates, tmp_path):
    ended = run(cluster, tmp_path / "dask", configured(certificates, "ours", "ours"))
    assert ended.returncode == 0, ended.stderr
    assert "encrypted" not in ended.stderr
    assert cli.main(["run", "7", "--fresh", "--quiet", "--out", str(tmp_path / "here")]) == cli.DONE
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "here") != {}


@pytest.mark.fault("a Dask cluster that is reached by TLS")
@pytest.mark.parametrize(
    ("ca", "own"),
    [
        pytest.param("ours", "theirs", id="a certificate that the scheduler does not trust"),
        pytest.param("theirs", "theirs", id="a scheduler that we do not trust"),
    ],
)
def test_who_has_no_certificate_of_the_cluster_is_told_so_in_one_line(
    ca, own, cluster, certificates, tmp_path
):
    ended = run(cluster, tmp_path / "out", configured(certificates, ca, own))
    assert ended.returncode == cli.NOT_EXECUTED, ended.stderr
    assert ended.stderr.startswith(
        f"costcheck: --dask {cluster}: the scheduler's certificate and ours do not go together ("
    )
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.fault("a Dask cluster that is reached by TLS")
@pytest.mark.parametrize(
    ("address", "configuration", "said"),
    [
        pytest.param("tls://127.0.0.1:1", {}, "Dask's configuration names no certificates; set", id="none"),
        pytest.param("tls://127.0.0.1:1", {"tls.ca-file": "/nowhere.pem"}, "No such file", id="no such file"),
        pytest.param("tls://127.0.0.1:1", {"tls.ca-file": __file__}, "cannot be read", id="no certificate"),
        pytest.param("tls://127.0.0.1:1", {"tls.min-version": 9}, "is not supported", id="no such version"),
        pytest.param(
            "tcp://127.0.0.1:1",
            {"require-encryption": True},
            "that begins with tls://",
            id="encryption required",
        ),
    ],
)
def test_what_is_amiss_with_dasks_configuration_is_said_before_anything_is_connected(
    address, configuration, said, certificates, capsys
):
    import dask
    import distributed  # noqa: F401  its defaults have to be there: what is set before them is lost with them

    configuration = {f"distributed.comm.{key}": value for key, value in configuration.items()}
    if any("ca-file" in key for key in configuration):
        for kind in ("cert", "key"):
            configuration[f"distributed.comm.tls.client.{kind}"] = str(certificates / "ours.pem")
    with dask.config.set(configuration):
        assert cli.main(["run", "7", "--dask", address]) == cli.WRONG_INPUT
    told = capsys.readouterr().err
    assert said in told
    assert told.startswith(f"costcheck: --dask {address}: ")
    assert (told.count("\n"), told.count(f"--dask {address}: ")) == (1, 1)


@pytest.mark.fault("a Dask cluster that is reached by TLS")
@pytest.mark.parametrize(
    ("host", "noted"),
    [
        ("127.0.0.1", False),
        ("localhost", False),
        ("[::1]", False),
        ("192.0.2.1", True),
        ("cluster.example", True),
    ],
)
def test_an_address_beyond_this_machine_without_tls_is_noted(host, noted, capsys, monkeypatch):
    import distributed

    def nobody(*arguments, **options):
        raise OSError

    monkeypatch.setattr(distributed, "Client", nobody)
    assert cli.main(["run", "7", "--dask", f"tcp://{host}:8786"]) == cli.NOT_EXECUTED
    told = capsys.readouterr().err
    assert ("nothing is encrypted" in told) == noted
    assert told.count("\n") == 1 + noted
