// A writer laps a small ring as fast as it can while readers copy, lease and
// count. Every accepted copy must be whole, and nothing may be unaccounted for.
//
//   torn-soak [--reads N]     N copying reads in all (default 1000000)

#include <stdlib.h>
#include <string.h>

#include <random>
#include <vector>

#include "segment.hpp"
#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/children.hpp"
#include "support/pattern.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

struct Board {
  std::atomic<uint32_t> stop;
  std::atomic<uint64_t> failures;
};

struct Result {
  uint64_t validated = 0;
  uint64_t rejected = 0;  // copied, then found to be overwritten
  uint64_t goneBefore = 0;
  uint64_t leases = 0;
  uint64_t torn = 0;
  uint64_t published = 0;
  bool ledger = false;
};

int writer(const std::string& path, uint64_t length, Board* board) {
  std::unique_ptr<Attachment> a;
  Diagnosis d;
  if (attachSegment(path, {}, a, d) != Status::ok) return 1;
  std::vector<uint8_t> data[4];
  uint64_t tag = 1;
  while (board->stop.load(std::memory_order_relaxed) == 0) {
    std::vector<uint8_t>& bytes = data[tag % 4];
    // Big patterns are made once; neighbours in the ring still differ.
    if (bytes.empty() || length <= 65536) {
      bytes.resize(length);
      fillPattern(bytes.data(), length, tag);
    }
    ++tag;
    const Status s = a->ring().put(bytes.data(), length, {}, nullptr);
    if (s != Status::ok && s != Status::pinned) board->failures.fetch_add(1);
  }
  return 0;
}

Result soak(uint64_t length, uint64_t reads) {
  Result r;
  ScopedPath path("soak");
  auto* board = sharedByFork<Board>();
  CreateOptions create;
  create.ring.maxRecords = 4;
  create.ring.capacityBytes = roundUp(4 * footprint(length) + footprint(length) / 2, 4096);
  create.ring.participants = 4;
  create.ring.leaseBudgetBytes = create.ring.capacityBytes / 2;
  std::unique_ptr<Attachment> a;
  Diagnosis d;
  if (createSegment(path, create, {}, a, d) != Status::ok) abort();
  Ring& ring = a->ring();
  std::vector<Child> writers(2);
  for (auto& w : writers) {
    if (!w.start([&] { return writer(path, length, board); })) abort();
  }
  std::vector<uint8_t> target(length);
  std::mt19937_64 random(length);
  uint64_t done = 0;
  while (done < reads) {
    // The oldest are the next to be overwritten: the reads that get lapped.
    const uint64_t seq = ring.oldestSeq() + random() % 2;
    Found found;
    if (ring.findRecord(seq, found) != Status::ok) {
      ++r.goneBefore;
      continue;
    }
    ++done;
    const Status s = ring.copyRecord(found, target.data());
    if (s == Status::ok) {
      ++r.validated;
      if (!wholePattern(target.data(), length)) ++r.torn;
    } else {
      ++r.rejected;
    }
    if (done % 64 == 0) {
      Lease lease;
      if (ring.leaseNewest(lease) == Status::ok) {
        ++r.leases;
        const uint64_t tag = patternTag(lease.data);
        for (int look = 0; look < 2; ++look) {
          if (patternTag(lease.data) != tag || !wholePattern(lease.data, length)) ++r.torn;
        }
        ring.unlease(lease);
      }
    }
  }
  Subscriber all(ring, 1);
  board->stop.store(1);
  for (auto& w : writers) {
    if (w.wait() != 0) board->failures.fetch_add(1);
  }
  Lease lease;
  while (all.nextLease(lease) == Status::ok) ring.unlease(lease);
  r.published = ring.counters().published;
  r.ledger = all.ledger().received + all.ledger().lost == r.published;
  if (board->failures.load() != 0 || !audit(ring).empty()) ++r.torn;
  munmap(board, sizeof *board);
  return r;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t reads = 1000000;
  if (argc == 3 && strcmp(argv[1], "--reads") == 0) reads = strtoull(argv[2], nullptr, 10);
  const struct {
    uint64_t length;
    uint64_t perMille;
  } kinds[] = {{64, 930}, {65536, 66}, {4 << 20, 4}};
  bool ok = true;
  uint64_t total = 0;
  for (const auto& kind : kinds) {
    const uint64_t want = reads * kind.perMille / 1000;
    const Result r = soak(kind.length, want);
    total += r.validated + r.rejected;
    const bool good = r.torn == 0 && r.ledger;
    ok = ok && good;
    printf("%s %8llu B: %llu copied whole, %llu rejected as overwritten, %llu gone before, %llu leases, "
           "%llu published, %llu torn, ledger %s\n",
           good ? "OK    " : "FAILED", static_cast<unsigned long long>(kind.length),
           static_cast<unsigned long long>(r.validated), static_cast<unsigned long long>(r.rejected),
           static_cast<unsigned long long>(r.goneBefore), static_cast<unsigned long long>(r.leases),
           static_cast<unsigned long long>(r.published), static_cast<unsigned long long>(r.torn),
           r.ledger ? "exact" : "WRONG");
  }
  printf("%s: %llu copying reads\n", ok ? "OK" : "FAILED", static_cast<unsigned long long>(total));
  return ok ? 0 : 1;
}
