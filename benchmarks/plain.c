/* A call queue simulator as one writes it in plain C: the yardstick of the benchmarks.
 *
 * One binary heap of events; waiting lines are linked lists; an arriving call goes to a random
 * one of the idle agents who have its queue's tags; a freed agent takes, of the calls at the end
 * of each matching line, the one that has waited longest (or shortest). A timeout stays in the
 * heap when its call is answered and is ignored when it comes up.
 *
 * plain HORIZON SEED NEWEST_FIRST TIMEOUT SERVICE_MEAN  QUEUES (RATE TAGS)...  AGENTS TAGS...
 *
 * Times in seconds, tags as bits of a number. Prints: serviced, abandoned, the sum of all waits,
 * processor seconds of the process.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ARRIVAL, SERVICE_END, TIMEOUT };

typedef struct {
    double t;
    int kind;
    int who;       /* ARRIVAL: queue; SERVICE_END: agent; TIMEOUT: call's place in `calls` */
    int64_t number; /* TIMEOUT: the call's number */
} Event;

typedef struct {
    double joined;
    int64_t number; /* of the call that waits here, or -1 */
    int queue, before, after;
} Call;

typedef struct {
    double rate;
    uint64_t tags;
    int first, last;
} Queue;

static void *room(void *old, size_t bytes)
{
    void *new = realloc(old, bytes);
    if (!new) {
        fputs("plain: out of memory\n", stderr);
        exit(1);
    }
    return new;
}

/* --- random numbers: SplitMix64 ------------------------------------------------------------ */

static uint64_t state;

static uint64_t next_bits(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double uniform(void) { return ((next_bits() >> 12) + 0.5) * 0x1p-52; }

static double exponential(double mean) { return -mean * log(uniform()); }

/* --- events: a binary heap ----------------------------------------------------------------- */

static Event *heap;
static int n_events, max_events;

static void schedule(double t, int kind, int who, int64_t number)
{
    if (n_events == max_events) {
        max_events = max_events ? 2 * max_events : 64;
        heap = room(heap, max_events * sizeof *heap);
    }
    int i = n_events++;
    while (i > 0) {
        int parent = (i - 1) / 2;
        if (heap[parent].t <= t)
            break;
        heap[i] = heap[parent];
        i = parent;
    }
    heap[i] = (Event){t, kind, who, number};
}

static Event next_event(void)
{
    Event first = heap[0];
    Event moved = heap[--n_events];
    int i = 0;
    for (;;) {
        int child = 2 * i + 1;
        if (child >= n_events)
            break;
        if (child + 1 < n_events && heap[child + 1].t < heap[child].t)
            child++;
        if (moved.t <= heap[child].t)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = moved;
    return first;
}

/* --- waiting calls: a linked list for each queue ------------------------------------------- */

static Queue *queues;
static Call *calls;
static int n_calls, max_calls;
static int *unused, n_unused;

static int join(int q, double now, int64_t number)
{
    if (n_unused == 0) {
        if (n_calls == max_calls) {
            max_calls = max_calls ? 2 * max_calls : 64;
            calls = room(calls, max_calls * sizeof *calls);
            unused = room(unused, max_calls * sizeof *unused);
        }
        unused[n_unused++] = n_calls++;
    }
    int c = unused[--n_unused];
    calls[c] = (Call){now, number, q, queues[q].last, -1};
    if (queues[q].last >= 0)
        calls[queues[q].last].after = c;
    else
        queues[q].first = c;
    queues[q].last = c;
    return c;
}

static void leave(int c)
{
    Call *call = &calls[c];
    Queue *queue = &queues[call->queue];
    if (call->before >= 0)
        calls[call->before].after = call->after;
    else
        queue->first = call->after;
    if (call->after >= 0)
        calls[call->after].before = call->before;
    else
        queue->last = call->before;
    call->number = -1;
    unused[n_unused++] = c;
}

int main(int argc, char **argv)
{
    if (argc < 8) {
        fputs("plain: see the comment at the top of plain.c\n", stderr);
        return 2;
    }
    double horizon = atof(argv[1]);
    state = strtoull(argv[2], NULL, 10) * 0xD1342543DE82EF95u;
    int newest_first = atoi(argv[3]);
    double timeout = atof(argv[4]);
    double service_mean = atof(argv[5]);
    char **next = argv + 6;
    int n_queues = atoi(*next++);
    queues = room(NULL, n_queues * sizeof *queues);
    for (int q = 0; q < n_queues; q++) {
        queues[q] = (Queue){atof(next[0]), strtoull(next[1], NULL, 10), -1, -1};
        next += 2;
        schedule(exponential(1.0 / queues[q].rate), ARRIVAL, q, 0);
    }
    int n_agents = atoi(*next++);
    uint64_t *tags = room(NULL, n_agents * sizeof *tags);
    int *idle = room(NULL, n_agents * sizeof *idle);
    int *eligible = room(NULL, n_agents * sizeof *eligible);
    int n_idle = n_agents;
    for (int a = 0; a < n_agents; a++) {
        tags[a] = strtoull(*next++, NULL, 10);
        idle[a] = a;
    }

    int64_t number = 0, serviced = 0, abandoned = 0;
    double waited = 0.0;
    for (;;) {
        Event event = next_event();
        double now = event.t;
        if (now >= horizon)
            break;
        if (event.kind == ARRIVAL) {
            int q = event.who;
            schedule(now + exponential(1.0 / queues[q].rate), ARRIVAL, q, 0);
            int n = 0;
            for (int i = 0; i < n_idle; i++)
                if ((tags[idle[i]] & queues[q].tags) == queues[q].tags)
                    eligible[n++] = i;
            if (n > 0) {
                int i = eligible[(int)(uniform() * n)];
                int agent = idle[i];
                idle[i] = idle[--n_idle];
                serviced++;
                schedule(now + exponential(service_mean), SERVICE_END, agent, 0);
            } else {
                int c = join(q, now, number);
                schedule(now + timeout, TIMEOUT, c, number);
            }
            number++;
        } else if (event.kind == SERVICE_END) {
            int best = -1;
            for (int q = 0; q < n_queues; q++) {
                int c = newest_first ? queues[q].last : queues[q].first;
                if (c < 0 || (tags[event.who] & queues[q].tags) != queues[q].tags)
                    continue;
                if (best < 0 || (newest_first ? calls[c].joined > calls[best].joined
                                              : calls[c].joined < calls[best].joined))
                    best = c;
            }
            if (best >= 0) {
                waited += now - calls[best].joined;
                leave(best);
                serviced++;
                schedule(now + exponential(service_mean), SERVICE_END, event.who, 0);
            } else {
                idle[n_idle++] = event.who;
            }
        } else if (calls[event.who].number == event.number) {
            waited += now - calls[event.who].joined;
            leave(event.who);
            abandoned++;
        }
    }
    printf("%lld %lld %.17g %.9f\n", (long long)serviced, (long long)abandoned, waited,
           (double)clock() / CLOCKS_PER_SEC);
    return 0;
}
