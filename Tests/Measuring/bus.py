#!/usr/bin/env python3
"""Measures the event log against the bare transaction, in a throwaway cluster, and prints medians.

    swift build -c release && Tests/Measuring/bus.py [ROUNDS]

What is compared is run in turns, on one server, because machines have moods. Nothing else should be running.

publish    pgbench with four clients: a row in a transaction, and the same with an event that three listeners get, while they
           get it; both the whole way to the disk.
deliver    events of which 100,000 wait, for three listeners that do nothing, and 40,000 for one that writes a row in 4 lanes;
           from the start of the delivery process, as deliveries per second.
held       the same with a snapshot held open by somebody else from before the events were published.
"""
import json, os, pwd, re, shutil, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKER = f"{ROOT}/.build/release/TestWorker"
BIN = max(f"/usr/lib/postgresql/{v}/bin" for v in os.listdir("/usr/lib/postgresql"))
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
PAUSE = "\\set k random(1, 1000)\nbegin;\ninsert into bus.work (key, number) values ('k' || :k, :k);\n"
SCRIPTS = {
    "bare": PAUSE + "commit;\n",
    "publish": PAUSE + "\\startpipeline\nselect lyceum.publish(array['bus.number.sent'], array[1], array['k' || :k], "
    "array[(:k % 16)::smallint], array['{\"key\":\"k' || :k || '\",\"number\":' || :k || '}'], null, null);\n"
    "commit;\n\\endpipeline\n",
}


class World:
    """A cluster of our own with the plugin `bus` installed in it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="bus-", dir=os.environ.get('BUS_DIR','/tmp'))
        os.chmod(self.dir, 0o755)
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        os.mkdir(f"{self.dir}/pg", 0o700)
        if os.getuid() == 0:
            shutil.chown(f"{self.dir}/pg", self.user, self.user)
        self.owner(f"{BIN}/initdb", "-A", "trust", "-U", "lyceum", "-D", f"{self.dir}/pg")
        with open(f"{self.dir}/pg/postgresql.conf", "a") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{self.dir}/pg'\nshared_buffers = 256MB\n")
        self.owner(f"{BIN}/pg_ctl", "-w", "-D", f"{self.dir}/pg", "-l", f"{self.dir}/pg/log", "start")
        os.environ.update(PGHOST=f"{self.dir}/pg", PGUSER="lyceum", PGDATABASE="bus")
        self.psql("create database bus", database="postgres")
        region = {"id": "bus", "title": "Bus", "currency": "EUR", "databaseName": "bus", "plugins": [{"id": "bus"}]}
        region["database"] = f"host={self.dir}/pg user=lyceum dbname=bus"
        limits = {"threads": 4, "connections": 4, "deliveries": 2}
        generation = {"revision": 1, "development": True, "limits": limits, "regions": [region]}
        with open(f"{self.dir}/generation.json", "w") as file:
            json.dump(generation, file)
        subprocess.run([WORKER, "--generation", self.dir, "--install"], check=True)
        self.psql("create table bus.work (id bigserial, key text, number bigint)")
        for name, text in SCRIPTS.items():
            with open(f"{self.dir}/{name}.sql", "w") as file:
                file.write(text)

    def owner(self, *command):
        become = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if os.getuid() == 0 else []
        subprocess.run([*become, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def psql(self, text, database="bus"):
        done = subprocess.run(["psql", "-tAqc", text, database], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def end(self):
        self.owner(f"{BIN}/pg_ctl", "-m", "immediate", "-D", f"{self.dir}/pg", "stop")
        shutil.rmtree(self.dir)


class Delivery:
    """The delivery process, for as long as a `with` lasts."""

    def __init__(self, world):
        self.command = [WORKER, "--generation", world.dir, "--delivery"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def publish(world, script):
    done = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c", "4", "-j", "1", "-T", "4", "-f", f"{world.dir}/{script}.sql"],
        capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def deliver(world, topic, count, listeners, held=False):
    goal(world)
    with Delivery(world):
        settle(world)
    holder = None
    if held:
        holder = subprocess.Popen(["psql", "-qAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("begin isolation level repeatable read; select count(*) from lyceum.event;\n")
        holder.stdin.flush()
        holder.stdout.readline()
    world.psql(
        f"""select lyceum.publish(array_agg('{topic}'::text), array_agg(1), array_agg('k'||(i%1000)),
            array_agg(((i%1000)%16)::smallint), array_agg('{{"key":"k'||(i%1000)||'","number":'||i||'}}'), null, null)
            from generate_series(1,{count}) as i group by i/500""")
    goal(world)
    begin = time.monotonic()
    with Delivery(world):
        settle(world)
        took = time.monotonic() - begin
    if holder:
        holder.stdin.close()
        holder.wait()
    return count * listeners / took


def goal(world):
    """Notes the last event that there is for each cursor."""
    world.psql(
        """drop table if exists bus.goal;
           create table bus.goal as
               select c.listener, c.lane, max(e.id) as last from lyceum.cursor as c
               join lyceum.event as e on e.topic = c.topic and e.lane % c.lanes = c.lane group by c.listener, c.lane""")


def settle(world):
    """Waits until every cursor is past the last event noted for it."""
    while world.psql(
        """select exists (
               select from lyceum.cursor as c join bus.goal as g using (listener, lane)
               where not (case when c.target is null then c.done_head >= g.last else c.position >= g.last end))""") == "t":
        time.sleep(0.02)


def main():
    world = World()
    try:
        measure(world)
    finally:
        world.end()


def measure(world):
    table = {}

    def note(name, value):
        table.setdefault(name, []).append(value)

    for turn in range(ROUNDS):
        print(f"round {turn + 1} of {ROUNDS} ...", file=sys.stderr, flush=True)
        rates = {}
        with Delivery(world):
            for script in ("bare", "publish") if turn % 2 == 0 else ("publish", "bare"):
                rates[script] = publish(world, script)
                note(f"{script}, transactions/s", rates[script])
        note("publish : bare", rates["publish"] / rates["bare"])
        for name, topic, count, listeners in (
            ("no effect", "bus.number.sent", 100_000, 3), ("a row", "bus.row.sent", 40_000, 1)):
            free = held = 0
            for hold in (False, True) if turn % 2 == 0 else (True, False):
                rate = deliver(world, topic, count, listeners, hold)
                note(f"{name}, {'snapshot held' if hold else 'deliveries'}/s", rate)
                free, held = (free, rate) if hold else (rate, held)
            note(f"{name}, held : free", held / free)
    for name, values in sorted(table.items()):
        low, middle, high = min(values), statistics.median(values), max(values)
        digits = 2 if ":" in name else 0
        print(f"{name:28} {middle:>10.{digits}f}   ({low:.{digits}f} to {high:.{digits}f})")


main()
