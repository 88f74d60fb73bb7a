// Producers and consumers of a queue are killed at random moments and at random
// steps. Every item is accounted for: received once, in order, or in the hands of
// a consumer that was killed.
//
//   queue-kill-fuzz [--kills N] [--seed S] [--children N] [--init]
//
// --init: every child is process 1 of a pid namespace of its own.

#include <errno.h>
#include <string.h>

#include <memory>
#include <random>
#include <set>
#include <vector>

#include "segment.hpp"
#include "support/audit.hpp"
#include "support/children.hpp"
#include "support/kill-lanes.hpp"
#include "support/pattern.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

constexpr uint64_t kArena = 1 << 20;
constexpr uint32_t kItems = 48;
constexpr uint64_t kSeqs = 1ull << 25;

struct Shared {
  std::atomic<uint64_t> nextTag;
  std::atomic<uint64_t> acknowledged;
  std::atomic<uint64_t> received;
  std::atomic<uint64_t> torn;
  std::atomic<uint64_t> doubled;
  std::atomic<uint64_t> disordered;
  std::atomic<uint64_t> overslept;
  std::atomic<uint64_t> swapped;  // not what was acknowledged under this number
  std::atomic<uint64_t> unexpected;
  std::atomic<uint32_t> lastUnexpected;
  std::atomic<uint8_t> taken[kSeqs];       // sparse, by sequence
  std::atomic<uint32_t> putTag[kSeqs];     // as acknowledged
  std::atomic<uint32_t> takenTag[kSeqs];
};

struct Hands {
  std::atomic<uint64_t> seq;  // what this child is about to take, or has just taken; 0: nothing
};

Shared* shared = nullptr;

void unexpected(Status s) {
  shared->unexpected.fetch_add(1);
  shared->lastUnexpected.store(static_cast<uint32_t>(s));
}

void compareTags(uint64_t seq) {
  const uint32_t put = shared->putTag[seq].load();
  const uint32_t taken = shared->takenTag[seq].load();
  if (put != 0 && taken != 0 && put != taken) shared->swapped.fetch_add(1);
}

class Take final : public RecordSink {
 public:
  explicit Take(Hands& hands) : hands_(hands) {}
  bool reserve(const Record& record, void** target) override {
    hands_.seq.store(record.seq);
    buffer_.resize(record.length);
    *target = buffer_.data();
    return true;
  }
  void accept(const Record& record) override {
    if (!wholePattern(buffer_.data(), record.length)) shared->torn.fetch_add(1);
    if (record.seq <= last_) shared->disordered.fetch_add(1);
    last_ = record.seq;
    if (shared->taken[record.seq].fetch_add(1) != 0) shared->doubled.fetch_add(1);
    shared->takenTag[record.seq].store(static_cast<uint32_t>(patternTag(buffer_.data())));
    compareTags(record.seq);
    shared->received.fetch_add(1);
    born = record.monoNs;
    hands_.seq.store(0);
  }
  void reject(const Record&) override { hands_.seq.store(0); }

  uint64_t born = 0;

 private:
  Hands& hands_;
  uint64_t last_ = 0;
  std::vector<uint8_t> buffer_;
};

void acknowledge(uint64_t seq, uint64_t tag) {
  shared->acknowledged.fetch_add(1);
  shared->putTag[seq].store(static_cast<uint32_t>(tag));
  compareTags(seq);
}

uint64_t randomLength(std::mt19937_64& random) {
  return 8 + random() % (random() % 32 == 0 ? 300 * 1024 : random() % 4 == 0 ? 8000 : 600);
}

void putOne(Ring& ring, std::mt19937_64& random, std::vector<uint8_t>& data) {
  const uint64_t length = randomLength(random);
  const uint64_t tag = shared->nextTag.fetch_add(1);
  fillPattern(data.data(), length, tag);
  uint64_t seq;
  const Status s = ring.putWithin(data.data(), length, {}, random() % 4 ? 3000000 : 0, &seq);
  if (s == Status::ok) acknowledge(seq, tag);
  else if (s != Status::full && s != Status::timedOut) unexpected(s);
}

void putMany(Ring& ring, std::mt19937_64& random) {
  std::vector<std::vector<uint8_t>> bytes(2 + random() % 30);
  std::vector<Piece> pieces;
  for (auto& b : bytes) {
    b.resize(8 + random() % (random() % 8 ? 100 : 4000));
    fillPattern(b.data(), b.size(), shared->nextTag.fetch_add(1));
    pieces.push_back(Piece{b.data(), b.size()});
  }
  uint64_t done;
  const Status s = ring.putBatch(pieces.data(), pieces.size(), {}, &done);
  if (s != Status::ok && s != Status::full) unexpected(s);
  shared->acknowledged.fetch_add(done);
}

void takeSome(Ring& ring, std::mt19937_64& random, Take& take) {
  MonotonicClock clock;
  uint64_t delivered;
  const bool patient = random() % 64 == 0;
  const Status s = ring.popWithin(random() % 3 ? 1 : 1 + static_cast<int64_t>(random() % 6), take,
                                  patient ? 400000000 : random() % 4 ? 3000000 : 0, &delivered);
  if (s != Status::ok && s != Status::empty && s != Status::timedOut) unexpected(s);
  // Who slept through an item that was there all the time would find it now.
  if (patient && s == Status::timedOut && ring.popWithin(1, take, 0, &delivered) == Status::ok &&
      clock.nowNs() - take.born > 350000000) {
    shared->overslept.fetch_add(1);
  }
}

void live(const std::string& path, Hands& hands, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint8_t> data(400 * 1024);
  for (;;) {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    const Status s = attachSegment(path, {}, a, d);
    if (s != Status::ok) {
      unexpected(s);
      return;
    }
    Ring& ring = a->ring();
    Take take(hands);
    // Mostly one or the other, as programs are.
    const uint64_t puts = random() % 3 == 0 ? 8 : random() % 2 ? 14 : 2;
    for (uint64_t ops = random() % 2000; ops > 0; --ops) {
      if (random() % 16 < puts) {
        if (random() % 8 == 0) putMany(ring, random);
        else putOne(ring, random, data);
      } else {
        takeSome(ring, random, take);
      }
      if (random() % 64 == 0 && ring.armSpace() == Status::ok && random() % 2) ring.disarmSpace();
    }
    a->close();
  }
}

struct Fuzz {
  uint64_t seed = 1;
  std::unique_ptr<Attachment> a;
  std::set<uint64_t> hands;  // what the killed of this round held
  uint64_t inHands = 0;

  int fail(const char* what, uint64_t value) {
    printf("FAILED: %s %llu (seed %llu)\n", what, static_cast<unsigned long long>(value),
           static_cast<unsigned long long>(seed));
    return 1;
  }
  int settle(uint64_t& checkedTo);
};

// Everybody is dead, and nobody attaches: the survivor alone mends it, drains it,
// and counts.
int Fuzz::settle(uint64_t& checkedTo) {
  Ring& ring = a->ring();
  MonotonicClock clock;
  const uint64_t start = clock.nowNs();
  ring.reapDead();
  std::string error = audit(ring);
  if (error.empty()) error = auditIdle(ring);
  if (!error.empty()) {
    printf("%s\n", error.c_str());
    return fail("audit", 0);
  }
  Hands mine{};
  Take take(mine);
  uint64_t delivered;
  const Status s = ring.pop(0, take, &delivered);
  if (s != Status::ok) unexpected(s);
  const uint64_t next = ring.nextSeq();
  if (next >= kSeqs) return fail("too many items for the books:", next);
  for (; checkedTo < next; ++checkedTo) {
    if (shared->taken[checkedTo].load() != 0) continue;
    if (hands.count(checkedTo) == 0) return fail("lost item", checkedTo);
    ++inHands;
  }
  hands.clear();
  // All places and all bytes are there again.
  for (uint32_t i = 0; i < kItems; ++i) {
    if (ring.put("12345678", 8, {}, nullptr) != Status::ok) return fail("lost place", i);
  }
  if (ring.put("x", 1, {}, nullptr) != Status::full) return fail("more places than", kItems);
  std::vector<uint8_t> large(kArena);
  uint8_t* const bytes = large.data();
  class Ignore final : public RecordSink {
   public:
    explicit Ignore(uint8_t* b) : bytes(b) {}
    bool reserve(const Record&, void** target) override {
      *target = bytes;
      return true;
    }
    void accept(const Record& record) override { shared->taken[record.seq].fetch_add(1); }
    void reject(const Record&) override {}
    uint8_t* bytes;
  } ignore(bytes);
  ring.pop(0, ignore, nullptr);
  if (ring.put(bytes, kArena, {}, nullptr) != Status::ok) return fail("lost bytes", 0);
  ring.pop(0, ignore, nullptr);
  checkedTo = ring.nextSeq();
  if (clock.nowNs() - start > 2000000000ull) return fail("slow recovery, ns", clock.nowNs() - start);
  if (const uint64_t n = shared->torn.load()) return fail("torn", n);
  if (const uint64_t n = shared->doubled.load()) return fail("doubled", n);
  if (const uint64_t n = shared->disordered.load()) return fail("out of order", n);
  if (const uint64_t n = shared->swapped.load()) return fail("swapped", n);
  if (const uint64_t n = shared->overslept.load()) return fail("overslept", n);
  if (shared->unexpected.load() != 0) {
    printf("%s\n", statusName(static_cast<Status>(shared->lastUnexpected.load())));
    return fail("status", shared->lastUnexpected.load());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Fuzz fuzz;
  KillFuzzOptions options{1000};
  if (!options.parse(argc, argv, "--kills")) return 2;
  fuzz.seed = options.seed;
  shared = sharedByFork<Shared>();
  shared->nextTag.store(1);
  std::mt19937_64 random(fuzz.seed);
  ScopedPath path("queuefuzz");
  CreateOptions create;
  create.ring.mode = kModeQueue;
  create.ring.capacityBytes = kArena;
  create.ring.maxRecords = kItems;
  create.ring.participants = 16;
  Diagnosis why;
  if (createSegment(path, create, {}, fuzz.a, why) != Status::ok) return fuzz.fail(why.reason, 0);
  if (options.asInit && !KillLanes::pidNamespacesExist()) return kSkipped;
  std::vector<Hands*> hands(options.children);
  for (auto& own : hands) own = sharedByFork<Hands>();
  KillLanes::Life life;
  life.live = [&](size_t lane, uint64_t seed) {
    live(path, *hands[lane], seed);
    return 1;
  };
  life.died = [&](size_t lane) {
    if (const uint64_t seq = hands[lane]->seq.exchange(0)) fuzz.hands.insert(seq);
  };
  KillLanes lanes(options, random, life);
  uint64_t checkedTo = 1;
  while (lanes.kills() < options.amount) {
    if (!lanes.round(3000000)) return fuzz.fail("start", static_cast<uint64_t>(errno));
    if (const int failed = fuzz.settle(checkedTo)) return failed;
  }
  const Counters c = fuzz.a->ring().counters();
  printf("OK: %s, %llu published, %llu received, %llu in killed hands, 0 lost, 0 doubled, "
         "0 out of order, %llu rebuilds, %llu burials, seed %llu%s\n",
         lanes.tally().c_str(), static_cast<unsigned long long>(c.published), static_cast<unsigned long long>(shared->received.load()),
         static_cast<unsigned long long>(fuzz.inHands), static_cast<unsigned long long>(c.rebuilds),
         static_cast<unsigned long long>(c.burials), static_cast<unsigned long long>(fuzz.seed),
         options.asInit ? ", every child process 1" : "");
  return 0;
}
