"""The corpus of bad scenarios: (id, text, what the error must say, the line it must name).

The line is that of the mark `#!` in the text.
"""

from __future__ import annotations

Case = tuple[str, str, str, int]

TOP = """\
horizon: 8h
{extra}
queues:
  - name: support
    arrivals: {{rate: 1/min}}
    service_time: 3min
agents:
  - {{name: tier1, count: 3}}
"""
QUEUE = """\
horizon: 8h
queues:
  - name: support
{extra}
agents:
  - {{name: tier1, count: 3}}
"""
AGENT = """\
horizon: 8h
start: 2026-11-23 09:00
queues:
  - {{name: support, arrivals: {{rate: 1/min}}, service_time: 3min}}
agents:
  - name: tier1
{extra}
"""

INITIAL = """\
horizon: 8h
initial: {{{body}}} #!
queues:
  - {{name: support, arrivals: {{rate: 1/min}}, service_time: 3min}}
  - name: limited
    arrivals: {{rate: 1/min}}
    service_time: 3min
    tags: [vip]
    wait_timeout: 60s
    patience: {{distribution: uniform, low: 5s, high: 30s}}
  - name: passing
    arrivals: {{rate: 1/min}}
    service_time: 3min
    overflow: {{after: 9s, to: support}}
agents:
  - {{name: tier1, count: 3}}
  - {{name: ann}}
  - {{name: gone, status: away}}
"""


def _marked(identity: str, text: str, fragment: str) -> Case:
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines, 1) if "#!" in line]
    assert len(marks) == 1, identity
    return identity, text, fragment, marks[0]


def top(identity: str, extra: str, fragment: str) -> Case:
    """A line at the top level is wrong."""
    return _marked(f"top-{identity}", TOP.format(extra=extra + " #!"), fragment)


def queue(identity: str, line: str, fragment: str) -> Case:
    """A field of the queue is wrong."""
    fields = {"arrivals": "{rate: 1/min}", "service_time": "3min"}
    lines = [
        f"    {key}: {value}" for key, value in fields.items() if not line.startswith(f"{key}:")
    ]
    extra = "\n".join([f"    {line} #!", *lines])
    return _marked(f"queue-{identity}", QUEUE.format(extra=extra), fragment)


def agent(identity: str, line: str, fragment: str) -> Case:
    """A field of the agents is wrong."""
    return _marked(f"agent-{identity}", AGENT.format(extra=f"    {line} #!"), fragment)


def initial(body: str, fragment: str) -> Case:
    """The state at the start is wrong."""
    return _marked(f"initial-{body}", INITIAL.format(body=body), fragment)


def flow(identity: str, action: str, fragment: str) -> Case:
    """An action is wrong, or the flow that it makes."""
    return queue(f"flow-{identity}", f"wait_flow: [{action}]", fragment)


def service(identity: str, body: str, fragment: str) -> Case:
    """A distribution is wrong."""
    return queue(f"dist-{identity}", f"service_time: {{distribution: {body}}}", fragment)


def arrivals(identity: str, body: str, fragment: str) -> Case:
    """Arrivals are wrong."""
    return queue(f"arr-{identity}", f"arrivals: {body}", fragment)


def schedule(identity: str, body: str, fragment: str) -> Case:
    """A schedule is wrong."""
    return agent(f"sched-{identity}", f"schedule: [{body}]", fragment)


def target(identity: str, text: str, fragment: str) -> Case:
    """A target is wrong."""
    return top(f"target-{identity}", f"expect: ['{text}']", fragment)


CASES: list[Case] = [
    # units
    *(
        top(f"warmup-{i}", f"warmup: {value}", fragment)
        for i, (value, fragment) in enumerate(
            [
                ("30", "a bare number is not a duration"),
                ("1.5", "a bare number is not a duration"),
                ("-5s", "must not be negative"),
                ("5x", "unknown unit `x`"),
                ("5m", "did you mean `min`"),
                ("5 minutes", "did you mean `min`"),
                ("3 hours", "did you mean `h`"),
                ("5min 3h", "larger unit first"),
                ("3s3s", "each unit once"),
                ("abc", "expected a duration"),
                ("''", "an empty text"),
                ("null", "nothing (null)"),
                ("true", "a truth value"),
                ("[5s]", "a list"),
                ("{a: 5s}", "a mapping"),
                ("09:00", "the time of day `09:00`"),
                ("1:30", "the time of day `1:30`"),
                ("1e30s", "longer than 1000 years"),
                ("9h", "shorter than the horizon"),
                ("8h", "shorter than the horizon"),
                ("no", "expected a duration"),
                (".inf", "infinity"),
                (".nan", "not-a-number"),
                ("1e999", "too large for a number"),
                ("1_000s", "expected a duration"),
                ("5,5s", "expected a duration"),
            ]
        )
    ),
    # the top level
    top("unknown", "horizn: 8h", "did you mean `horizon`"),
    top("unknown-2", "replication: 8", "did you mean `replications`"),
    top("unknown-3", "zzz: 8", "Allowed here: `agents`"),
    top("twice", "horizon: 9h", "written twice: on line 1 and on line 2"),
    top("replications-0", "replications: 0", "at least 1"),
    top("replications-text", "replications: many", "expected a whole number"),
    top("replications-float", "replications: 2.5", "expected a whole number"),
    top("replications-true", "replications: true", "expected a whole number"),
    top("replications-quoted", "replications: '20'", "expected a whole number"),
    top("replications-null", "replications: null", "expected a whole number"),
    top("seed-negative", "seed: -1", "at least 0"),
    top("seed-large", "seed: 99999999999999999999", "at most"),
    top("seed-huge", "seed: " + "9" * 5000, "so many digits"),
    top("seed-float", "seed: 1.5", "expected a whole number"),
    top("interval-0", "interval: 0s", "longer than 0"),
    top("interval-tiny", "interval: 1ms", "reporting intervals"),
    top("at_horizon", "at_horizon: stopp", "did you mean `stop`"),
    top("at_horizon-no", "at_horizon: no", "expected one of `drain`, `stop`"),
    top("tag_match", "tag_match: some", "expected one of `all`, `any`"),
    top("start", "start: tomorrow", "expected a date and time"),
    top("start-number", "start: 2026", "expected a date and time"),
    top("start-feb-30", "start: 2026-02-30 09:00", "there is no date"),
    top("start-zone", "start: 2026-02-03 09:00Z", "`time_zone`"),
    top("time_zone", "time_zone: Mars/Base", "no time zone"),
    top("time_zone-number", "time_zone: 5", "expected text"),
    top("name-number", "name: 5", "put it in quotes"),
    top("name-empty", "name: ''", "must not be empty"),
    top("name-list", "name: [a]", "expected a name"),
    top("words-0", "words_per_minute: 0", "more than 0"),
    top("words-text", "words_per_minute: fast", "expected a number"),
    top("tags-list", "tags: [a]", "expected a mapping"),
    top("tags-number", "tags: {a: 5}", "expected text"),
    top("flows-mapping", "flows: {a: 5}", "expected a list"),
    top("flows-null-item", "flows: [null]", "expected a mapping"),
    top("flows-no-name", "flows: [{actions: [beep]}]", "`name` is required"),
    top("flows-no-actions", "flows: [{name: a}]", "`actions` is required"),
    top("flows-empty", "flows: [{name: a, actions: []}]", "must not be empty"),
    top(
        "flows-twice",
        "flows: [{name: a, actions: [beep]}, {name: a, actions: [beep]}]",
        "already that of flows[0]",
    ),
    top("level-unknown", "service_level: {treshold: 5s}", "did you mean `threshold`"),
    top("level-formula", "service_level: {formula: answered}", "expected one of"),
    top("level-number", "service_level: 80", "expected a mapping"),
    top("level-bare", "service_level: {threshold: 20}", "a bare number is not a duration"),
    # dispatch and the state at the start
    top("dispatch-poling", "dispatch: {poling: {}}", "did you mean `polling`"),
    top("dispatch-unknown", "dispatch: later", "expected one of `immediate`, `deployed`"),
    top("dispatch-near", "dispatch: deploied", "did you mean `deployed`"),
    top("dispatch-null", "dispatch: null", "expected one of"),
    top("polling-retry", "dispatch: {polling: {retry: 0s}}", "longer than 0"),
    top("polling-next", "dispatch: {polling: {next: 0s}}", "longer than 0"),
    top("polling-bare", "dispatch: {polling: {start_delay: 100}}", "a bare number"),
    top("polling-order", "dispatch: {polling: {order: newst}}", "did you mean `newest`"),
    top("action-limit-0", "flow_action_limit: 0", "at least 1"),
    top("action-limit-text", "flow_action_limit: many", "expected a whole number"),
    initial("waiting: {queue: support}", "expected a list"),
    initial("wating: []", "did you mean `waiting`"),
    initial("waiting: [{queue: suport, since: 5s}]", "did you mean `support`"),
    initial("waiting: [{queue: support}]", "`since` is required"),
    initial("waiting: [{queue: support, since: 5}]", "a bare number is not a duration"),
    initial("waiting: [{queue: support, since: 09:00}]", "the time of day"),
    initial("waiting: [{queue: limited, since: 60s}]", "the `wait_timeout` of queue `limited`"),
    initial("waiting: [{queue: limited, since: 30s}]", "the longest `patience` of queue"),
    initial("waiting: [{queue: passing, since: 9s}]", "the `overflow.after` of queue `passing`"),
    initial("busy: [{agent: 'tier2[0]', queue: support, since: 1s}]", "did you mean `tier1`"),
    initial("busy: [{agent: tier1, queue: support, since: 1s}]", "write `tier1[0]`"),
    initial("busy: [{agent: 'tier1[3]', queue: support, since: 1s}]", "numbered from 0 to 2"),
    initial("busy: [{agent: 'tier1[-1]', queue: support, since: 1s}]", "no agent `tier1[-1]`"),
    initial("busy: [{agent: ann, queue: support, since: 3min}]", "would have ended already"),
    initial("busy: [{agent: ann, queue: limited, since: 1s}]", "needs every tag of it: `vip` is"),
    initial("busy: [{agent: gone, queue: support, since: 1s}]", "`gone` are offline or away"),
    initial(
        "busy: [{agent: ann, queue: support, since: 1s}, {agent: 'ann[0]', queue: support, "
        "since: 2s}]",
        "busy already, in initial.busy[0]",
    ),
    # overflow, retries
    queue("overflow-self", "overflow: {after: 60s, to: support}", "`support` -> `support`"),
    queue("overflow-to", "overflow: {after: 60s, to: suport}", "did you mean `support`"),
    queue("overflow-bare", "overflow: {after: 60, to: support}", "a bare number is not a duration"),
    queue("overflow-no-after", "overflow: {to: support}", "`after` is required"),
    queue("overflow-text", "overflow: support", "expected a mapping"),
    queue("join-self", "wait_flow: [{queue_join: support}]", "`support` -> `support`"),
    queue("retry-share", "retry: {probability: 3, delay: 5min}", "between 0 and 1"),
    queue("retry-delay", "retry: {probability: 30%}", "`delay` is required"),
    queue("retry-bare", "retry: {probability: 30%, delay: 5}", "a bare number is not a duration"),
    queue("retry-max", "retry: {probability: 1, delay: 1s, max_attempts: 0}", "at least 1"),
    queue("retry-none", "retry: {probability: 1, delay: 1s, max_attempts: none}", "whole number"),
    queue("retry-on", "retry: {probability: 1, delay: 1s, on: [abandonned]}", "`abandoned`"),
    queue("retry-on-empty", "retry: {probability: 1, delay: 1s, on: []}", "must not be empty"),
    queue(
        "retry-on-twice",
        "retry: {probability: 1, delay: 1s, on: [blocked, blocked]}",
        "`blocked` is written twice",
    ),
    queue(
        "retry-many",
        "arrivals: {rate: 1000/s}\n    retry: {probability: 1, delay: 1s, max_attempts: 1000}",
        "with the retries of callers who all leave unserved",
    ),
    # busyness, recorded calls
    arrivals("busyness-cv", "{rate: 1/min, busyness: {shared: true}}", "`cv` is required"),
    arrivals("busyness-neg", "{rate: 1/min, busyness: {cv: -0.1}}", "between 0 and"),
    arrivals("busyness-shared", "{rate: 1/min, busyness: {cv: 1, shared: yes}}", "`true` or"),
    arrivals("busyness-every", "{every: 1min, busyness: {cv: 1}}", "unknown key `busyness`"),
    arrivals("busyness-at", "{at: [1min], busyness: {cv: 1}}", "unknown key `busyness`"),
    arrivals("busyness-inter", "{interarrival: 1s, busyness: {cv: 1}}", "unknown key `busyness`"),
    arrivals("busyness-rec", "{recorded: [], busyness: {cv: 1}}", "unknown key `busyness`"),
    arrivals("recorded-missing", "{recorded: calls.csv}", "no such file"),
    arrivals("recorded-number", "{recorded: 5}", "expected text"),
    arrivals("recorded-no-time", "{recorded: [{service: 5s}]}", "`time` is required"),
    arrivals("recorded-bare", "{recorded: [{time: 5}]}", "expected a duration"),
    arrivals("recorded-clock", "{recorded: [{time: 09:00}]}", "needs `start`"),
    arrivals("recorded-service", "{recorded: [{time: 5s, service: -1s}]}", "must not be negative"),
    arrivals("recorded-columns", "{recorded: a.csv, columns: {tim: 1}}", "did you mean `time`"),
    # how agents work
    agent("ring-key", "ring: {delai: 5s}", "did you mean `delay`"),
    agent("ring-share", "ring: {no_answer: 5}", "between 0 and 1"),
    agent("ring-endless", "ring: {no_answer: 5%}", "would ring for ever"),
    agent("ring-never", "ring: {no_answer: 1, timeout: 20s}", "are never answered in time"),
    agent("ring-too-late", "ring: {delay: 30s, timeout: 20s}", "are never answered in time"),
    agent("ring-timeout-0", "ring: {timeout: 0s}", "longer than 0"),
    agent("ring-timeout-bare", "ring: {timeout: 20}", "a bare number is not a duration"),
    agent("ring-timeout-number", "ring: {timeout: 0}", "a bare number is not a duration"),
    agent("ring-penalty", "ring: {penalty: -5s}", "must not be negative"),
    agent("ring-text", "ring: ringall", "expected a mapping"),
    agent("break-length", "breaks: [{at: 12:00}]", "`length` is required"),
    agent("break-0", "breaks: [{at: 12:00, length: 0s}]", "longer than 0"),
    agent("break-bare", "breaks: [{at: 12, length: 5min}]", "expected a duration"),
    agent("break-before", "breaks: [{at: 2026-11-22 09:00, length: 5min}]", "before the start"),
    agent("break-long", "breaks: [{at: 12:00, length: 25h}]", "overlaps the day before's"),
    agent(
        "break-overlap",
        "breaks: [{at: 12:00, length: 30min}, {at: 12:29, length: 5min}]",
        "overlaps breaks[0]",
    ),
    agent(
        "break-overlap-kinds",
        "breaks: [{at: 3h, length: 1s}, {at: 12:00, length: 30min}]",
        "overlaps breaks[0]",
    ),
    agent("shrinkage", "shrinkage: 25", "between 0 and 1"),
    agent("shifts", "shifts: file.csv", "no such file"),
    agent("schedule-shifts", "schedule: {shifts: file.csv}", "no such file"),
    agent("schedule-shift", "schedule: {shift: file.csv}", "did you mean `shifts`"),
    agent("shifts-both", "schedule: []\n    shifts: a.csv", "not both"),
    agent("service-queue", "service_time: {suport: 3min}", "did you mean `support`"),
    agent("service-bare", "service_time: {support: 3}", "a bare number is not a duration"),
    agent("service-plain", "service_time: 3min", "expected a mapping"),
    flow("join-unknown", "{queue_join: suport}", "did you mean `support`"),
    flow("join-null", "{queue_join: null}", "expected a name"),
    # queues
    queue("unknown", "wait_timout: 5s", "did you mean `wait_timeout`"),
    queue("name-total", "name: total", "written twice"),
    queue("tags-text", "tags: english", "write `[english]`"),
    queue("tags-number", "tags: [1]", "put it in quotes"),
    queue("tags-twice", "tags: [a, a]", "written twice"),
    queue("tags-empty-name", "tags: ['']", "must not be empty"),
    queue("tags-null", "tags: [null]", "expected a name"),
    queue("routing", "routing_method: idlest", "expected one of `random`, `longest_idle`"),
    queue("routing-near", "routing_method: longest-idle", "did you mean `longest_idle`"),
    queue("priority", "priority: high", "expected a whole number"),
    queue("priority-huge", "priority: 99999999999", "at most"),
    queue("discipline", "discipline: filo", "did you mean"),
    queue("max_waiting", "max_waiting: -1", "at least 0"),
    queue("max_waiting-text", "max_waiting: ten", "expected a whole number"),
    queue("wait_timeout-text", "wait_timeout: soon", "expected a duration"),
    queue("wait_timeout-negative", "wait_timeout: -5", "must not be negative"),
    queue("wait_timeout-quoted", "wait_timeout: '100000'", "number of milliseconds"),
    queue("wait_timeout-huge", "wait_timeout: 1e300", "longer than 1000 years"),
    queue("wait_timeout-null", "wait_timeout: null", "expected a duration"),
    queue("service_timeout", "service_timeout: 5 furlongs", "unknown unit"),
    queue("wait_flow", "wait_flow: hold", "the scenario has no flows"),
    queue("wait_flow-mapping", "wait_flow: {talk: hi}", "expected a name"),
    queue("wait_flow-true", "wait_flow: true", "expected a name"),
    queue("level", "service_level: {threshold: -1s}", "must not be negative"),
    queue("patience-bare", "patience: 60", "a bare number is not a duration"),
    queue("merge", "<<: {a: 5}", "merge keys"),
    queue("key-number", "5: 5", "put `5` in quotes"),
    queue("key-null", "~: 5", "put `~` in quotes"),
    queue("key-list", "? [a, b]", "a key must be text"),
    queue("tag-python", "patience: !!python/object/apply:os.system ['true']", "is refused"),
    queue("tag-str", "patience: !!str 5s", "is refused"),
    queue("tag-own", "patience: !mine 5s", "is refused"),
    queue("alias", "patience: *nothing", "no anchor `&nothing`"),
    queue("alias-self", "patience: &a [*a]", "refers to itself"),
    # arrivals
    arrivals("empty", "{}", "is required"),
    arrivals("null", "null", "expected a mapping with one of"),
    arrivals("short", "9.5/min", "write `{rate: 9.5/min}`"),
    arrivals("two", "{rate: 1/min, every: 5s}", "write one of"),
    arrivals("near", "{rat: 1/min}", "did you mean `rate`"),
    arrivals("rate-bare", "{rate: 5}", "a bare number is not a rate"),
    arrivals("rate-unit", "{rate: 5/week}", "unknown unit `week`"),
    arrivals("rate-text", "{rate: often}", "expected a rate"),
    arrivals("rate-negative", "{rate: -5/min}", "must not be negative"),
    arrivals("rate-null", "{rate: null}", "expected a rate"),
    arrivals("rate-huge", "{rate: 1e300/s}", "more than 10^12"),
    arrivals("rate-calls", "{rate: 1000000/s}", "expected calls in all replications"),
    arrivals("rate-unknown", "{rate: 5/min, pace: 5}", "unknown key `pace`"),
    arrivals("every-0", "{every: 0s}", "longer than 0"),
    arrivals("every-tiny", "{every: 0.000001s}", "expected calls"),
    arrivals("at-text", "{at: 5s}", "write `[5s]`"),
    arrivals("at-bare", "{at: [5]}", "expected a duration"),
    arrivals("at-clock", "{at: [09:30]}", "needs `start`"),
    arrivals("inter-0", "{interarrival: 0s}", "must be more than 0"),
    arrivals("inter-bad", "{interarrival: {distribution: normal}}", "no distribution `normal`"),
    arrivals("profile-number", "{profile: 5}", "expected a mapping"),
    arrivals("profile-no-interval", "{profile: {calls: [1]}}", "`interval` is required"),
    arrivals("profile-empty", "{profile: {interval: 30min, calls: []}}", "must not be empty"),
    arrivals("profile-neg", "{profile: {interval: 30min, calls: [-1]}}", "at least 0"),
    arrivals("profile-text", "{profile: {interval: 30min, calls: [a]}}", "expected a number"),
    arrivals(
        "profile-scale",
        "{profile: {interval: 30min, calls: [1], service_scale: [1, 2]}}",
        "one value per interval",
    ),
    arrivals("forecast-missing", "{forecast: nowhere.csv}", "no such file"),
    arrivals("forecast-number", "{forecast: 5}", "expected text"),
    # distributions
    service("unknown", "expo, mean: 5s", "no distribution `expo`"),
    service("null", "null, mean: 5s", "`distribution` is missing"),
    service("number", "5", "no distribution 5"),
    service("exp-no-mean", "exponential", "`mean` is required"),
    service("exp-bare", "exponential, mean: 5", "write the unit"),
    service("exp-cv", "exponential, mean: 5s, cv: 1", "unknown key `cv`"),
    service("det", "deterministic", "`value` is required"),
    service("gamma-none", "gamma", "write `mean` and `cv` or `shape` and `scale`"),
    service("gamma-both", "gamma, mean: 5s, cv: 1, shape: 2, scale: 5s", "write `mean` and `cv`"),
    service("gamma-half", "gamma, mean: 5s", "`cv` is missing"),
    service("gamma-shape-0", "gamma, shape: 0, scale: 5s", "more than 0"),
    service("gamma-cv-neg", "gamma, mean: 5s, cv: -1", "between 0 and"),
    service("gamma-cv-text", "gamma, mean: 5s, cv: big", "expected a number such as"),
    service("logn-mu", "lognormal, mu: 5", "`sigma` is missing"),
    service("logn-0", "lognormal, mean: 0s, cv: 1", "must be more than 0"),
    service("logn-mu-big", "lognormal, mu: 500, sigma: 1", "at most 25"),
    service("weibull-cv", "weibull, mean: 5s, cv: 1000", "0.005 .. 100"),
    service("weibull-shape", "weibull, shape: 0.001, scale: 5s", "at least 0.02"),
    service("erlang-shape", "erlang, mean: 5s, shape: 2.5", "expected a whole number"),
    service("erlang-0", "erlang, mean: 5s, shape: 0", "at least 1"),
    service("uniform", "uniform, low: 5s, high: 3s", "`high` must not be less than `low`"),
    service("uniform-neg", "uniform, low: -5s, high: 3s", "must not be negative"),
    service("triangular", "triangular, low: 1s, mode: 9s, high: 3s", "less than `mode`"),
    service("hyper-cv", "hyperexponential, mean: 5s, cv: 0.5", "at least 1"),
    service(
        "hyper-sum",
        "hyperexponential, means: [1s, 2s], probabilities: [0.5, 0.6]",
        "the sum must be 1",
    ),
    service(
        "hyper-len",
        "hyperexponential, means: [1s], probabilities: [0.5, 0.5]",
        "as many probabilities",
    ),
    service("mixture-none", "mixture", "`of` is required"),
    service("mixture-empty", "mixture, of: []", "must not be empty"),
    service(
        "mixture-weight",
        "mixture, of: [{distribution: exponential, mean: 5s}]",
        "`weight` is required",
    ),
    service(
        "mixture-0",
        "mixture, of: [{weight: 0, distribution: exponential, mean: 5s}]",
        "at least one weight",
    ),
    service(
        "mixture-part", "mixture, of: [{weight: 1, distribution: expo}]", "no distribution `expo`"
    ),
    service("mixture-text", "mixture, of: [5s]", "expected a mapping"),
    service("empirical-none", "empirical", "write `values`, or `file`"),
    service("empirical-empty", "empirical, values: []", "must not be empty"),
    service("empirical-file", "empirical, file: nowhere.csv", "no such file"),
    service("offset", "exponential, mean: 5s, offset: -1s", "could be negative"),
    service("offset-bare", "exponential, mean: 5s, offset: 1", "write the unit"),
    queue("service-list", "service_time: [5s]", "expected a duration or a mapping"),
    queue("service-no-kind", "service_time: {mean: 5s}", "`distribution` is missing"),
    queue("service-null", "service_time: null", "expected a duration or a mapping"),
    # agents
    agent("unknown", "skill: [a]", "unknown key `skill`"),
    agent("count-neg", "count: -1", "at least 0"),
    agent("count-float", "count: 2.0", "expected a whole number"),
    agent("count-many", "count: 10000000", "are more than 1,000,000"),
    agent("speed-0", "speed: 0", "more than 0"),
    agent("speed-text", "speed: fast", "expected a number"),
    agent("cost", "cost: -3", "at least 0"),
    agent("cost-text", "cost: 30 EUR", "expected a number"),
    agent("status", "status: lunch", "expected one of"),
    agent("tags-both", "{tags: [a], tag_ids: [a]}", "not valid YAML"),
    agent("schedule-text", "schedule: 09:00-17:00", "expected a list"),
    schedule("no-to", "{from: 09:00, count: 1}", "`to` is required"),
    schedule("no-count", "{from: 09:00, to: 12:00}", "`count` is required"),
    schedule("bare", "{from: 9, to: 12:00, count: 1}", "expected a duration"),
    schedule("25h", "{from: 09:00, to: 25:00, count: 1}", "there is no time of day"),
    schedule("minute", "{from: 09:60, to: 12:00, count: 1}", "there is no time of day"),
    schedule(
        "overlap",
        "{from: 09:00, to: 12:00, count: 1}, {from: 11:00, to: 13:00, count: 1}",
        "overlaps schedule[0]",
    ),
    schedule("backwards", "{from: 2h, to: 1h, count: 1}", "must end after it begins"),
    schedule("empty-span", "{from: 2h, to: 2h, count: 1}", "must end after it begins"),
    # flows
    flow("type", "{type: dance}", "can't be simulated"),
    flow("type-api", "{type: conference_join}", "the types are `talk`"),
    flow("short", "{dance: 5s}", "an action has one type"),
    flow("near", "{slep: 5s}", "did you mean `sleep`"),
    flow("two", "{talk: hi, sleep: 5s}", "an action has one type"),
    flow("bare", "sleep", "needs a value"),
    flow("null", "null", "expected an action"),
    flow("number", "5", "expected an action"),
    flow("sleep-none", "{type: sleep}", "`duration` is required"),
    flow("play", "{type: play, option: {stream_urls: [a]}}", "`duration` is required"),
    flow("talk-none", "{type: talk}", "needs `text` or `duration`"),
    flow("talk-number", "{talk: 5}", "expected text"),
    flow("option-text", "{type: sleep, option: 5}", "`option` holds"),
    flow("option-unknown", "{type: sleep, option: {duration: 5s, pace: 1}}", "unknown key `pace`"),
    flow("hangup-p", "{sleep: 5s, hangup_probability: 7}", "between 0 and 1"),
    flow("hangup-value", "{hangup: 5}", "takes no value"),
    flow("interruptible", "{sleep: 5s, interruptible: no}", "expected `true` or `false`"),
    flow("goto-target", "{sleep: 5s, id: a}, {goto: b, loop_count: 1}", "no action id `b`"),
    flow("goto-count", "{sleep: 5s, id: a}, {goto: a}", "`loop_count` is required"),
    flow("goto-many", "{sleep: 5s, id: a}, {goto: a, loop_count: 99999}", "more than 10,000 steps"),
    flow("id-twice", "{sleep: 5s, id: a}, {sleep: 5s, id: a}", "that of another action"),
    flow("zero", "{sleep: 0s}", "without time passing"),
    flow("zero-async", "{talk: hi, async: true}", "without time passing"),
    flow(
        "zero-goto",
        "{talk: hi, async: true, id: a}, {goto: a, loop_count: 2}",
        "without time passing",
    ),
    # targets
    target("nonsense", "fast please", "a target is `SUBJECT.METRIC"),
    target("queue", "suport.service_level >= 80%", "did you mean `support`"),
    target("metric", "support.servicelevel >= 80%", "did you mean `service_level`"),
    target("metric-agents", "support.occupancy <= 80%", "no metric `occupancy` of a queue"),
    target("group", "agents.tier2.occupancy <= 80%", "did you mean `tier1`"),
    target("group-metric", "agents.tier1.asa_s <= 80s", "no metric `asa_s` of agents"),
    target("op", "support.service_level > 80%", "uses `<=` or `>=`"),
    target("share", "support.service_level >= 80", "between 0 and 1"),
    target("seconds", "support.asa_s <= 20", "a bare number is not a duration"),
    target("number", "support.queue_length_mean <= many", "compared with a number"),
    target("value", "support.asa_s <=", "expected a duration"),
    target("parts", "a.b.c.d <= 5", "the left side is"),
    target("quote", '"support.asa_s <= 5s', "is not closed"),
    top("expect-number", "expect: [5]", "expected text"),
    top("expect-mapping", "expect: {a: b}", "expected a list"),
    # YAML itself
    top("syntax-bracket", "warmup: [5s", "not valid YAML"),
    top("syntax-colon", "name: a: b", "not valid YAML"),
    top("syntax-percent", "name: %a", "not valid YAML"),
    top("second-document", "---", "a second document"),
]
