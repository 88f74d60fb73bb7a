// Children put, pop, peek, lease, loan, wait, attach and leave at random; the
// parent kills them at random moments and at random steps, and requires after
// every burial that nothing is torn, doubled, lost or leaked.
//
//   kill-fuzz [--seconds N] [--seed S] [--children N] [--init]
//
// --init: every child is process 1 of a pid namespace of its own.

#include <errno.h>
#include <string.h>

#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "segment.hpp"
#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/children.hpp"
#include "support/kill-lanes.hpp"
#include "support/pattern.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

constexpr uint64_t kArena = 1 << 20;
constexpr uint64_t kTags = 1ull << 28;

struct Shared {
  std::atomic<uint64_t> nextTag;
  std::atomic<uint64_t> acknowledged;
  std::atomic<uint64_t> torn;
  std::atomic<uint64_t> doubled;
  std::atomic<uint64_t> popped;
  std::atomic<uint64_t> leased;
  std::atomic<uint64_t> unexpected;  // a status that no living ring should give
  std::atomic<uint32_t> lastUnexpected;
  std::atomic<uint8_t> taken[kTags];  // sparse
};

Shared* shared = nullptr;

void unexpected(Status s) {
  shared->unexpected.fetch_add(1);
  shared->lastUnexpected.store(static_cast<uint32_t>(s));
}

class Check final : public RecordSink {
 public:
  explicit Check(bool taking) : taking_(taking) {}
  bool reserve(const Record& record, void** target) override {
    buffer_.resize(record.length);
    *target = buffer_.data();
    return true;
  }
  void accept(const Record& record) override {
    if (!wholePattern(buffer_.data(), record.length)) shared->torn.fetch_add(1);
    if (!taking_) return;
    shared->popped.fetch_add(1);
    if (shared->taken[patternTag(buffer_.data()) % kTags].fetch_add(1) != 0) shared->doubled.fetch_add(1);
  }
  void reject(const Record&) override {}

 private:
  bool taking_;
  std::vector<uint8_t> buffer_;
};

void putOne(Ring& ring, std::mt19937_64& random) {
  static thread_local std::vector<uint8_t> data(400 * 1024);
  const uint64_t length = 8 + random() % (random() % 16 == 0 ? 300 * 1024 : random() % 4 == 0 ? 20000 : 900);
  const uint64_t tag = shared->nextTag.fetch_add(1);
  fillPattern(data.data(), length, tag);
  const Status s = ring.put(data.data(), length, {}, nullptr);
  if (s == Status::ok) shared->acknowledged.fetch_add(1);
  else if (s != Status::pinned) unexpected(s);
}

void loanOne(Ring& ring, std::mt19937_64& random) {
  const uint64_t length = 8 + random() % 30000;
  Loan loan;
  Status s = ring.loan(length, random() % 4 ? 64 : 4096, loan);
  if (s != Status::ok) {
    if (s != Status::pinned && s != Status::loanLimit) unexpected(s);
    return;
  }
  if (random() % 4 == 0) {
    if (random() % 2) ring.discard(loan);
    return;  // else kept open until death or departure
  }
  const uint64_t shorter = 8 + random() % (length - 7);
  fillPattern(loan.data, shorter, shared->nextTag.fetch_add(1));
  s = ring.commit(loan, shorter, {}, nullptr);
  if (s == Status::ok) shared->acknowledged.fetch_add(1);
  else unexpected(s);
}

void leaseSome(Ring& ring, std::mt19937_64& random, std::vector<Lease>& held) {
  Lease lease;
  const uint64_t oldest = ring.oldestSeq();
  const uint64_t next = ring.nextSeq();
  const Status s = random() % 2 || next == oldest ? ring.leaseNewest(lease)
                                                  : ring.lease(oldest + random() % (next - oldest), lease);
  if (s == Status::ok) {
    held.push_back(lease);
    shared->leased.fetch_add(1);
  } else if (s != Status::empty && s != Status::gone && s != Status::leaseLimit) {
    unexpected(s);
  }
  while (held.size() > 3 || (!held.empty() && random() % 2)) {
    if (!wholePattern(held.front().data, held.front().record.length)) shared->torn.fetch_add(1);
    ring.unlease(held.front());
    held.erase(held.begin());
  }
}

void live(const std::string& path, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (;;) {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    const Status s = attachSegment(path, {}, a, d);
    if (s != Status::ok) {
      unexpected(s);
      return;
    }
    Ring& ring = a->ring();
    std::vector<Lease> held;
    for (uint64_t ops = random() % 2000; ops > 0; --ops) {
      switch (random() % 12) {
        default: putOne(ring, random); break;
        case 6: loanOne(ring, random); break;
        case 7: leaseSome(ring, random, held); break;
        case 8: {
          Check check(true);
          ring.pop(static_cast<int64_t>(random() % 7) - 3, check, nullptr);
          break;
        }
        case 9: {
          Check check(false);
          ring.peek(static_cast<int64_t>(random() % 9) - 4, check, nullptr);
          break;
        }
        case 10: ring.waitFor(ring.nextSeq(), 200000); break;
        case 11:
          if (ring.arm(ring.nextSeq()) == Status::ok && random() % 2) ring.disarm();
          break;
      }
    }
    a->close();
  }
}

int childMain(const std::string& path, uint64_t seed) {
  // Threads and processes mixed: each thread is a participant of its own.
  std::thread second;
  if (seed % 3 == 0) second = std::thread([&] { live(path, seed * 31 + 7); });
  live(path, seed);
  if (second.joinable()) second.join();
  return 1;
}

struct Parent {
  std::unique_ptr<Attachment> a;
  std::unique_ptr<Subscriber> subscriber;
  MonotonicClock clock;
  uint64_t worstPutNs = 0;
  uint64_t putsBlocked = 0;
  KillLanes* lanes = nullptr;

  void put(uint64_t length) {
    static std::vector<uint8_t> data(kArena);
    fillPattern(data.data(), length, shared->nextTag.fetch_add(1));
    const uint64_t start = clock.nowNs();
    const Status s = a->ring().put(data.data(), length, {}, nullptr);
    // A child that we let freeze inside the lock stalls us, rightly; it is our
    // turn to kill it then.
    if (s == Status::writerStalled && lanes->someoneFrozen()) return;
    worstPutNs = std::max(worstPutNs, clock.nowNs() - start);
    if (s == Status::ok) shared->acknowledged.fetch_add(1);
    else if (s == Status::pinned) ++putsBlocked;
    else unexpected(s);
  }
  void drain() {
    Check check(false);
    while (subscriber->next(check) == Status::ok) {
    }
  }
};

int fail(const char* what, const std::string& detail, uint64_t seed) {
  printf("FAILED: %s %s (seed %llu)\n", what, detail.c_str(), static_cast<unsigned long long>(seed));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  KillFuzzOptions options{10};
  if (!options.parse(argc, argv, "--seconds")) return 2;
  const uint64_t seed = options.seed;
  shared = sharedByFork<Shared>();
  std::mt19937_64 random(seed);
  ScopedPath path("fuzz");
  CreateOptions create;
  create.ring.capacityBytes = kArena;
  create.ring.maxRecords = 256;
  create.ring.participants = 16;
  Parent parent;
  Diagnosis why;
  AttachOptions impatient;
  impatient.lockTimeoutNs = 300000000;
  if (createSegment(path, create, impatient, parent.a, why) != Status::ok) return fail("create", why.reason, seed);
  parent.subscriber = std::make_unique<Subscriber>(parent.a->ring(), 1);

  KillLanes::Life life;
  life.live = [&](size_t, uint64_t own) { return childMain(path, own); };
  life.meanwhile = [&] {
    if (parent.lanes->someoneFrozen()) return;
    parent.put(8 + random() % 2000);
    parent.drain();
  };
  KillLanes lanes(options, random, life);
  parent.lanes = &lanes;
  if (options.asInit && !KillLanes::pidNamespacesExist()) return kSkipped;

  uint64_t rounds = 0;
  const uint64_t end = parent.clock.nowNs() + options.amount * 1000000000ull;
  Ring& ring = parent.a->ring();
  while (parent.clock.nowNs() < end) {
    if (!lanes.round(1500000)) return fail("start", strerror(errno), seed);
    // Everybody is dead, and nobody attaches: the survivor alone must mend it.
    ++rounds;
    parent.put(64);
    ring.reapDead();
    std::string error = audit(ring);
    if (error.empty()) error = auditIdle(ring);
    if (!error.empty()) return fail("audit", error, seed);
    const uint64_t blocked = parent.putsBlocked;
    parent.put(kArena / 16 * 15);
    if (parent.putsBlocked != blocked) return fail("leak", "a record of 15/16 of the arena does not fit", seed);
    parent.drain();
    const auto& ledger = parent.subscriber->ledger();
    const Counters c = ring.counters();
    if (ledger.received + ledger.lost != c.published) return fail("ledger", "", seed);
    const uint64_t acknowledged = shared->acknowledged.load();
    // A killed put may be done without having said so; two threads per child.
    if (acknowledged > c.published || c.published - acknowledged > 2 * lanes.kills()) {
      return fail("acknowledged", std::to_string(acknowledged) + " of " + std::to_string(c.published), seed);
    }
    if (c.popped < shared->popped.load() || c.popped - shared->popped.load() > 2 * lanes.kills()) {
      return fail("popped", std::to_string(c.popped), seed);
    }
    if (shared->torn.load() != 0) return fail("torn", std::to_string(shared->torn.load()), seed);
    if (shared->doubled.load() != 0) return fail("doubled", std::to_string(shared->doubled.load()), seed);
    if (shared->unexpected.load() != 0) {
      return fail("status", statusName(static_cast<Status>(shared->lastUnexpected.load())), seed);
    }
    if (parent.worstPutNs > 2000000000ull) return fail("put", "took " + std::to_string(parent.worstPutNs), seed);
  }
  const Counters c = ring.counters();
  printf("OK: %s, %llu rounds, %llu published, %llu popped, %llu leases, "
         "%llu rebuilds, %llu burials, 0 torn, 0 doubled, worst put %.1f ms, seed %llu%s\n",
         lanes.tally().c_str(), static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(c.published),
         static_cast<unsigned long long>(shared->popped.load()), static_cast<unsigned long long>(shared->leased.load()),
         static_cast<unsigned long long>(c.rebuilds), static_cast<unsigned long long>(c.burials),
         static_cast<double>(parent.worstPutNs) / 1e6, static_cast<unsigned long long>(seed),
         options.asInit ? ", every child process 1" : "");
  return 0;
}
