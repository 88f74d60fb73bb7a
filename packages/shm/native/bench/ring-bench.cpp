// What the ring adds to a memcpy into the same memory, in this process, now.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "segment.hpp"
#include "subscriber.hpp"
#include "support/children.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

class Into final : public RecordSink {
 public:
  explicit Into(uint64_t bytes) : buffer_(bytes) {}
  bool reserve(const Record&, void** target) override {
    *target = buffer_.data();
    return true;
  }
  void accept(const Record&) override {}
  void reject(const Record&) override {}

 private:
  std::vector<uint8_t> buffer_;
};

// Processor time, best of a few rounds: others work on this machine too.
double cpuNs() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

template <class Work>
double nsEach(int rounds, int times, Work&& work) {
  double best = 1e18;
  for (int r = 0; r < rounds; ++r) {
    const double start = cpuNs();
    for (int i = 0; i < times; ++i) work();
    best = std::min(best, (cpuNs() - start) / times);
  }
  return best;
}

void size(uint64_t length, uint64_t capacity, int times) {
  ScopedPath path("bench");
  CreateOptions create;
  create.ring.capacityBytes = capacity;
  AttachOptions attach;
  attach.prefaultArena = true;
  std::unique_ptr<Attachment> a;
  Diagnosis why;
  if (createSegment(path, create, attach, a, why) != Status::ok) {
    printf("%llu B: %s\n", static_cast<unsigned long long>(length), why.reason);
    return;
  }
  Ring& ring = a->ring();
  const std::vector<uint8_t> data(length, 3);
  Into sink(length);
  uint8_t* arena = a->mapping()->data() + ring.geometry().offArena;
  uint64_t at = 0;
  const auto copy = [&] {
    std::memcpy(arena + at, data.data(), length);
    at = at + 2 * length <= capacity ? at + footprint(length) : 0;
  };
  const auto put = [&] { ring.put(data.data(), length, {}, nullptr); };
  nsEach(1, times, copy);
  const double memcpyNs = nsEach(15, times, copy);
  nsEach(1, times, put);
  const double putNs = nsEach(15, times, put);
  const double peekNs = nsEach(15, times, [&] { ring.peek(-1, sink, nullptr); });
  const double leaseNs = nsEach(15, 10000, [&] {
    Lease lease;
    if (ring.leaseNewest(lease) == Status::ok) ring.unlease(lease);
  });
  const double loanNs = nsEach(15, std::min(times, 10000), [&] {
    Loan loan;
    if (ring.loan(length, 64, loan) == Status::ok) ring.commit(loan, length, {}, nullptr);
  });
  printf("%9llu B  memcpy %11.0f ns  put %11.0f ns (%.2f)  peek %11.0f ns  lease+unlease %5.0f ns  loan+commit %5.0f ns\n",
         static_cast<unsigned long long>(length), memcpyNs, putNs, memcpyNs / putNs, peekNs, leaseNs, loanNs);
}

}  // namespace

int main() {
  size(64, 1 << 20, 100000);
  size(4096, 16 << 20, 20000);
  size(921600, 64 << 20, 300);
  size(76ull << 20, 320ull << 20, 6);
  return 0;
}
